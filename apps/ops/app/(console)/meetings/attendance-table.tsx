"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { timeAt } from "@xianfeng/trpc/calendar";
import { type AttendanceState, attendanceStates } from "@xianfeng/trpc/meeting";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { App, Button, Dropdown, Table } from "antd";
import { useState } from "react";
import { Panel } from "@/components/panel.tsx";
import { Failed, Loading } from "@/components/states.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { CorrectDialog, LeaveDialog } from "./attendance-dialogs.tsx";
import type { Detail } from "./meeting-detail.tsx";
import { AttendanceMark, useCallWords, useMeetingCodes } from "./parts.tsx";
import { meetingPageWords } from "./words.ts";

export type AttendanceRow = NonNullable<ReturnType<typeof useRows>["data"]>[number];

const useRows = (meeting: Detail) =>
  useQuery({
    ...useTRPC().meeting.attendance.queryOptions({ id: meeting.id }),
    refetchInterval: meeting.phase === "signing_in" ? 5_000 : false,
  });

/** Longer lists start folded: who is missing stands first on the page, the rest one click away. */
const folded = 12;

/** Who was invited and what became of it. While the meeting is open states are entered; afterwards they are corrected, with a reason. */
export function AttendanceTable({ meeting, refresh }: { meeting: Detail; refresh: () => void }) {
  const words = useWords(meetingPageWords).detail;
  const codes = useMeetingCodes();
  const identity = useWords(domainWords).identity;
  const callWords = useCallWords();
  const { message } = App.useApp();
  const rows = useRows(meeting);
  const record = useMutation({ ...useTRPC().meeting.record.mutationOptions(), networkMode: "always" });
  const [filter, setFilter] = useState<AttendanceState | null>(null);
  const [selected, setSelected] = useState<string[]>([]);
  const [all, setAll] = useState(false);
  const [correcting, setCorrecting] = useState<AttendanceRow | null>(null);
  const [leaving, setLeaving] = useState<AttendanceRow | null>(null);
  if (!rows.data)
    return (
      <Panel title={words.attendance}>
        {rows.error ? (
          <Failed what={words.attendance} error={rows.error} onRetry={() => rows.refetch()} />
        ) : (
          <Loading rows={6} />
        )}
      </Panel>
    );
  const may = (event: string) => meeting.offers.some((offer) => offer.event === event);
  const early = meeting.phase === "not_started";
  const states = attendanceStates.filter((state) => !early || state === "leave" || state === "pending");
  const shown = rows.data.filter((row) => filter === null || (row.state === filter && row.shouldAttend));
  // Whoever enters states needs the whole list under "select all".
  const unfolded = all || filter !== null || (may("record") && !early);
  const visible = unfolded ? shown : shown.slice(0, folded);

  async function enter(personIds: string[], state: AttendanceState) {
    try {
      const { changed, kept } = await record.mutateAsync({ id: meeting.id, personIds, state });
      if (kept > 0) message.info(words.kept(changed, kept), 6);
      setSelected([]);
    } catch (error) {
      message.error(callWords(error), 8);
    }
    refresh();
  }
  const pick = (row: AttendanceRow, state: AttendanceState) =>
    state === "leave" ? setLeaving(row) : void enter([row.personId], state);

  return (
    <Panel title={words.attendance} extra={<Filters meeting={meeting} filter={filter} setFilter={setFilter} />}>
      {selected.length > 0 ? (
        <div className="mt-batch">
          <b>{words.selected(selected.length)}</b>
          {states
            .filter((state) => state !== "leave")
            .map((state) => (
              <button key={state} type="button" className="link-button" onClick={() => enter(selected, state)}>
                {words.recordAs(codes.attendance[state])}
              </button>
            ))}
          <button type="button" className="link-button mt-batch-end" onClick={() => setSelected([])}>
            {words.unselect}
          </button>
        </div>
      ) : null}
      <Table<AttendanceRow>
        className="mt-table mt-people"
        size="small"
        rowKey="personId"
        pagination={false}
        dataSource={visible}
        {...(may("record") && !early
          ? {
              rowSelection: {
                selectedRowKeys: selected,
                onChange: (keys) => setSelected(keys.map(String)),
                columnWidth: 44,
              },
            }
          : {})}
        columns={[
          {
            title: words.name,
            key: "name",
            render: (_, row) => (
              <span className="mt-name">
                {row.name}
                {row.shouldAttend ? null : <small>{words.guest}</small>}
              </span>
            ),
          },
          {
            title: words.group,
            key: "group",
            className: "mt-quiet",
            responsive: ["md"],
            render: (_, row) => row.groupName ?? "—",
          },
          {
            title: words.identity,
            key: "identity",
            className: "mt-quiet",
            responsive: ["md"],
            render: (_, row) => identity[row.identityThen] ?? row.identityThen,
          },
          {
            title: words.vote,
            key: "vote",
            width: 76,
            responsive: ["md"],
            render: (_, row) => (row.mayVote ? words.yes : <span className="mt-none">{words.no}</span>),
          },
          { title: words.state, key: "state", width: 96, render: (_, row) => <AttendanceMark state={row.state} /> },
          {
            title: words.note,
            key: "note",
            className: "mt-quiet mt-noted",
            render: (_, row) => <Note row={row} meeting={meeting} />,
          },
          ...(may("record") || may("correct")
            ? [
                {
                  title: words.action,
                  key: "action",
                  width: 84,
                  align: "right" as const,
                  render: (_: unknown, row: AttendanceRow) =>
                    may("correct") ? (
                      <button type="button" className="link-button" onClick={() => setCorrecting(row)}>
                        {words.correct}
                      </button>
                    ) : (
                      <Dropdown
                        trigger={["click"]}
                        menu={{
                          items: states
                            .filter((state) => state !== row.state)
                            .map((state) => ({ key: state, label: codes.attendance[state] })),
                          onClick: ({ key }) => pick(row, key as AttendanceState),
                        }}
                      >
                        <button type="button" className="link-button">
                          {words.record}
                        </button>
                      </Dropdown>
                    ),
                },
              ]
            : []),
        ]}
      />
      {filter === null && shown.length > folded && (all || !unfolded) ? (
        <Button type="link" block onClick={() => setAll(!all)}>
          {all ? words.fewer : words.more(shown.length - folded)}
        </Button>
      ) : null}
      <CorrectDialog meeting={meeting} row={correcting} done={() => setCorrecting(null)} refresh={refresh} />
      <LeaveDialog meeting={meeting} row={leaving} done={() => setLeaving(null)} refresh={refresh} />
    </Panel>
  );
}

function Filters({
  meeting,
  filter,
  setFilter,
}: {
  meeting: Detail;
  filter: AttendanceState | null;
  setFilter: (state: AttendanceState | null) => void;
}) {
  const words = useWords(meetingPageWords).detail;
  const codes = useMeetingCodes();
  const { counts } = meeting;
  const of: Record<AttendanceState, number> = {
    on_time: counts.onTime,
    late: counts.late,
    leave: counts.leave,
    absent: counts.absent,
    pending: counts.pending,
  };
  const order: AttendanceState[] = ["on_time", "late", "leave", "absent", "pending"];
  return (
    <div className="mt-counts">
      <button type="button" aria-pressed={filter === null} onClick={() => setFilter(null)}>
        {words.expected} <b>{counts.expected}</b>
      </button>
      {order
        .filter((state) => of[state] > 0)
        .map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={filter === state}
            onClick={() => setFilter(filter === state ? null : state)}
          >
            {codes.attendance[state]} <b>{of[state]}</b>
          </button>
        ))}
    </div>
  );
}

/** When somebody came, or what was noted; reasons are here for recorders only. */
function Note({ row, meeting }: { row: AttendanceRow; meeting: Detail }) {
  const words = useWords(meetingPageWords).detail;
  const latest = row.notes[0];
  const arrived = row.notes.find(({ kind }) => kind === "offline")?.at;
  const parts = [
    row.checkedInAt ? timeAt(row.checkedInAt) : null,
    row.checkedOutAt ? words.outAt(timeAt(row.checkedOutAt)) : null,
    row.source === "recorder" ? words.byRecorder : null,
    row.source === "offline" ? words.byOffline(arrived ? timeAt(arrived) : "") : null,
    row.correctedAt ? words.byCorrection : null,
    latest && (row.state === "leave" || row.correctedAt) ? latest.reason : null,
  ].filter((part) => part !== null);
  if (parts.length > 0) return <span title={parts.join("，")}>{parts.join("，")}</span>;
  return row.state === "pending" && meeting.phase !== "not_started" ? (
    <span className="mt-none">{words.notSignedIn}</span>
  ) : null;
}
