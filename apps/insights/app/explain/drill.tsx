import { count, fraction, percent } from "@xianfeng/ui/format";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { BranchMeetings, MeetingRow } from "../../server/query/branch-meetings.ts";
import type { MeetingAttendance } from "../../server/query/meeting-attendance.ts";
import { PanelRows } from "../components/panel-rows.tsx";
import type { OpenNumber } from "../figures.ts";
import { useDates } from "../lib/dates.ts";
import { among, type Explained } from "../lib/explain.ts";
import { drillWords } from "../messages/drill.ts";
import { panelWords } from "../messages/panel.ts";

type Tally = { expected: number; present: number };

function useTally() {
  const words = useWords(drillWords);
  const panel = useWords(panelWords);
  const time = panel.times;
  /** Expected, present and their rate, as numbers of one subject. */
  return ({ expected, present }: Tally, subject: string, of: string, rows: ReactNode, foot?: ReactNode) => {
    const [came, due] = [
      { value: count(present), unit: time, words: words.head.present },
      { value: count(expected), unit: time, words: words.head.expected },
    ];
    const absent = { value: count(expected - present), unit: time, words: panel.notPresent };
    const shared = { subject, of, rows, foot };
    return {
      expected: { ...shared, figure: "expected", value: count(expected), unit: time, parts: [came, "+", absent] },
      present: { ...shared, figure: "present", value: count(present), unit: time, parts: [due, "−", absent] },
      rate: {
        ...shared,
        figure: "attendance",
        value: percent(fraction(present, expected)),
        parts: [came, "÷", due],
      },
    } satisfies Record<string, Explained>;
  };
}

const sum = (rows: readonly Tally[]): Tally => ({
  expected: rows.reduce((total, row) => total + row.expected, 0),
  present: rows.reduce((total, row) => total + row.present, 0),
});

/** Sums of a branch's meetings in a period, and each meeting's own numbers. */
export function useBranchNumbers(data: BranchMeetings | undefined, runId: string) {
  const words = useWords(drillWords);
  const { meetingKind } = useWords(domainWords);
  const { period } = useDates();
  const tally = useTally();
  const meetings = data?.meetings ?? [];
  const link = (row: MeetingRow, text: string) => <Link to={`/meetings/${row.id}?run=${runId}`}>{text}</Link>;
  const rows = (
    <PanelRows
      head={[words.head.title, words.head.day, words.head.expected, words.head.present]}
      rows={meetings.map((row) => ({
        key: row.id,
        cells: [link(row, row.title || words.see), row.heldOn, count(row.expected), count(row.present)],
      }))}
    />
  );
  const of = data ? `${data.branch}　${period(data.period.title)}` : "";
  const sums = {
    times: {
      figure: "meetings",
      subject: "all",
      of,
      value: count(meetings.length),
      unit: words.time,
      parts: null,
      rows,
    },
    ...tally(sum(meetings), "all", of, rows),
  } satisfies Record<string, Explained>;
  const ofMeeting = (row: MeetingRow) =>
    tally(
      row,
      row.id,
      row.title || (meetingKind[row.kind] ?? row.kind),
      <p>
        {words.rowsOfMeeting} {link(row, words.see)}
      </p>,
    );
  const find = (open: OpenNumber): Explained | null => {
    const row = meetings.find(({ id }) => id === open.subject);
    return among(Object.values(row ? ofMeeting(row) : sums))(open);
  };
  return { sums, ofMeeting, find };
}

/** Sums of one meeting. The rows stand on the page; the panel counts them by state. */
export function useMeetingNumbers(data: MeetingAttendance | undefined) {
  const words = useWords(drillWords);
  const tally = useTally();
  const rows = data?.rows ?? [];
  const states = [...new Set(rows.map(({ state }) => state))];
  const list = (
    <PanelRows
      head={[words.state, words.rows, words.head.expected, words.head.present]}
      rows={states.map((state) => {
        const own = rows.filter((row) => row.state === state);
        return {
          key: state,
          cells: [
            words.states[state] ?? state,
            count(own.length),
            count(own.filter((row) => row.expected).length),
            count(own.filter((row) => row.present).length),
          ],
        };
      })}
      note={words.rule}
    />
  );
  const sums = tally(
    { expected: rows.filter((row) => row.expected).length, present: rows.filter((row) => row.present).length },
    "all",
    data?.title ?? "",
    list,
  );
  return { sums, find: among(Object.values(sums)) };
}
