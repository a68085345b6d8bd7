"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { dayAt, timeAt } from "@xianfeng/trpc/calendar";
import {
  emptyFilter,
  filterOf,
  type MeetingFilter,
  type MeetingKind,
  meetingKinds,
  type Phase,
  pageSizes,
  paramsOf,
  phases,
  queryOf,
} from "@xianfeng/trpc/meeting";
import { Icon } from "@xianfeng/ui/icon";
import { daysBetween, shellWords, useLanguage, useWords } from "@xianfeng/ui/messages";
import { Button, DatePicker, Input, Pagination, Select, Table } from "antd";
import dayjs from "dayjs";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { Empty, Failed, Loading } from "@/components/states.tsx";
import { useMay, useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { DutyStrip } from "./duty-strip.tsx";
import { PhaseMark, PresentBar, useMeetingCodes } from "./parts.tsx";
import { startText } from "./time.ts";
import { meetingPageWords } from "./words.ts";

type Row = {
  id: string;
  title: string;
  kind: MeetingKind;
  orgName: string;
  orgId: number;
  groupName: string | null;
  startsAt: Date;
  endsAt: Date;
  place: string;
  phase: Phase;
  present: number | null;
  expected: number | null;
  hasMinutes: boolean;
};

/** The meetings in reach. Every choice stands in the address. */
export function MeetingList() {
  const words = useWords(meetingPageWords);
  const shell = useWords(shellWords);
  const mayEdit = useMay("meeting.edit");
  const router = useRouter();
  const params = useSearchParams();
  const { filter, dropped } = filterOf(new URLSearchParams(params.toString()));
  const trpc = useTRPC();
  const list = useQuery({
    ...trpc.meeting.list.queryOptions(queryOf(filter)),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const branches = useQuery({ ...trpc.meeting.branches.queryOptions(), enabled: mayEdit });
  const go = (change: Partial<MeetingFilter>) => {
    const next = paramsOf({ ...filter, page: 1, ...change }).toString();
    router.replace(next ? `/meetings?${next}` : "/meetings", { scroll: false });
  };
  const branch = branches.data?.find(({ id }) => id === filter.orgId) ?? branches.data?.[0];
  const manyBranches = new Set(list.data?.rows.map(({ orgId }) => orgId)).size > 1 || !mayEdit;
  const filtered = paramsOf({ ...filter, page: 1, size: emptyFilter.size }).size > 0;
  return (
    <>
      <div className="mt-head">
        <h1>{words.title}</h1>
        {mayEdit ? (
          <div className="mt-head-acts">
            <Link className="mt-primary" href="/meetings/new">
              <Icon name="plus" />
              {words.create}
            </Link>
          </div>
        ) : null}
      </div>
      {branch ? <DutyStrip orgId={branch.id} /> : null}
      <section className="panel">
        <Filters filter={filter} go={go} />
        {dropped.length > 0 ? (
          <p className="mt-dropped" role="status">
            <Icon name="info" />
            {words.filter.dropped(dropped.map((name) => words.filter.names[name] ?? name).join("、"))}
          </p>
        ) : null}
        {list.error && !list.data ? (
          <Failed what={words.title} error={list.error} onRetry={() => list.refetch()} />
        ) : !list.data ? (
          <Loading rows={10} />
        ) : list.data.rows.length === 0 ? (
          <NoMeetings filtered={filtered} clear={() => go(emptyFilter)} mayEdit={mayEdit} />
        ) : (
          <>
            <MeetingTable rows={list.data.rows} manyBranches={manyBranches} dim={list.isPlaceholderData} />
            <MeetingCards rows={list.data.rows} />
            <footer className="mt-pages">
              <span>{shell.total(list.data.total, list.data.capped, words.unit)}</span>
              <Pagination
                current={filter.page}
                pageSize={filter.size}
                total={list.data.total}
                showSizeChanger={{ options: pageSizes.map((size) => ({ value: size, label: words.perPage(size) })) }}
                pageSizeOptions={pageSizes.map(String)}
                onChange={(page, size) => go(size === filter.size ? { page } : { size, page: 1 })}
                size="small"
              />
            </footer>
          </>
        )}
      </section>
    </>
  );
}

function Filters({ filter, go }: { filter: MeetingFilter; go: (change: Partial<MeetingFilter>) => void }) {
  const words = useWords(meetingPageWords).filter;
  const codes = useMeetingCodes();
  const [q, setQ] = useState(filter.q);
  // The back button changes the address under the field.
  useEffect(() => setQ(filter.q), [filter.q]);
  return (
    <search className="mt-filter">
      <label htmlFor="mt-q">
        <span>{words.q}</span>
        <Input.Search
          id="mt-q"
          value={q}
          allowClear
          maxLength={60}
          placeholder={words.qHint}
          onChange={(event) => setQ(event.target.value)}
          onSearch={(value) => go({ q: value.trim() })}
        />
      </label>
      <label htmlFor="mt-kind">
        <span>{words.kind}</span>
        <Select<MeetingKind | "">
          id="mt-kind"
          value={filter.kind ?? ""}
          onChange={(kind) => go({ kind: kind || null })}
          options={[
            { value: "", label: words.all },
            ...meetingKinds.map((kind) => ({ value: kind, label: codes.kind[kind] })),
          ]}
        />
      </label>
      <label htmlFor="mt-phase">
        <span>{words.phase}</span>
        <Select<Phase | "">
          id="mt-phase"
          value={filter.phase ?? ""}
          onChange={(phase) => go({ phase: phase || null })}
          options={[
            { value: "", label: words.all },
            ...phases.map((phase) => ({ value: phase, label: codes.phase[phase] })),
          ]}
        />
      </label>
      <div className="mt-filter-time">
        <span id="mt-time">{words.time}</span>
        <DatePicker.RangePicker
          aria-labelledby="mt-time"
          allowEmpty={[true, true]}
          value={[filter.from ? dayjs(filter.from) : null, filter.to ? dayjs(filter.to) : null]}
          onChange={(range) =>
            go({ from: range?.[0]?.format("YYYY-MM-DD") ?? null, to: range?.[1]?.format("YYYY-MM-DD") ?? null })
          }
        />
      </div>
      <Button onClick={() => go(emptyFilter)}>{words.reset}</Button>
    </search>
  );
}

/** For so long the list asks for missing minutes; afterwards it only says that there are none. */
const minutesAskedDays = 30;

function useRowWords() {
  const words = useWords(meetingPageWords);
  const language = useLanguage();
  const mayEdit = useMay("meeting.edit");
  const mayRecord = useMay("meeting.record");
  const today = useToday();
  return {
    title: (row: Row) => row.title || words.untitled,
    when: (row: Row) => startText(row.startsAt, language),
    href: (row: Row) => (row.phase === "draft" ? `/meetings/${row.id}/edit` : `/meetings/${row.id}`),
    minutes: (row: Row) =>
      row.phase === "draft" || row.phase === "void" || row.phase === "not_started"
        ? "—"
        : row.hasMinutes
          ? words.minutes.written
          : words.minutes.missing,
    action: (row: Row) => {
      if (row.phase === "draft") return words.open.edit;
      if (row.phase === "signing_in" && mayRecord) return words.open.code;
      if (row.phase === "to_close" && mayRecord) return words.open.close;
      const lately = daysBetween(dayAt(row.startsAt), today) <= minutesAskedDays;
      if (row.phase === "closed" && !row.hasMinutes && mayEdit && lately) return words.open.minutes;
      return words.open.view;
    },
  };
}

function MeetingTable({ rows, manyBranches, dim }: { rows: Row[]; manyBranches: boolean; dim: boolean }) {
  const words = useWords(meetingPageWords).column;
  const codes = useMeetingCodes();
  const text = useRowWords();
  return (
    <Table<Row>
      className={dim ? "mt-table mt-list-table mt-dim" : "mt-table mt-list-table"}
      rowKey="id"
      size="small"
      pagination={false}
      dataSource={rows}
      columns={[
        {
          title: words.title,
          key: "title",
          ellipsis: true,
          render: (_, row) => (
            <Link className="mt-title" href={text.href(row)} prefetch={false} title={text.title(row)}>
              {text.title(row)}
            </Link>
          ),
        },
        ...(manyBranches
          ? [{ title: words.org, key: "org", dataIndex: "orgName", width: 190, ellipsis: true, className: "mt-quiet" }]
          : []),
        {
          title: words.kind,
          key: "kind",
          width: 150,
          className: "mt-quiet mt-nowrap",
          render: (_, row) => (
            <>
              {codes.kind[row.kind]}
              {row.groupName ? <small> {row.groupName}</small> : null}
            </>
          ),
        },
        { title: words.time, key: "time", width: 160, className: "mt-nowrap", render: (_, row) => text.when(row) },
        // A superior reads across branches: the title needs the room more than the place.
        ...(manyBranches
          ? []
          : [
              {
                title: words.place,
                key: "place",
                width: 130,
                ellipsis: true,
                className: "mt-quiet mt-place",
                render: (_: unknown, row: Row) => row.place || "—",
              },
            ]),
        {
          title: words.present,
          key: "present",
          width: 128,
          className: "mt-nowrap",
          render: (_, row) =>
            row.phase === "draft" ? (
              <span className="mt-none">—</span>
            ) : row.phase === "not_started" ? (
              <span className="mt-none">— / {row.expected}</span>
            ) : (
              <PresentBar present={row.present} expected={row.expected} />
            ),
        },
        { title: words.phase, key: "phase", width: 92, render: (_, row) => <PhaseMark phase={row.phase} /> },
        ...(manyBranches
          ? []
          : [
              {
                title: words.minutes,
                key: "minutes",
                width: 84,
                className: "mt-quiet mt-nowrap",
                render: (_: unknown, row: Row) => text.minutes(row),
              },
            ]),
        {
          title: words.action,
          key: "action",
          width: 88,
          align: "right",
          render: (_, row) => (
            <Link href={text.href(row)} prefetch={false}>
              {text.action(row)}
            </Link>
          ),
        },
      ]}
    />
  );
}

/** The same rows on a narrow screen. */
function MeetingCards({ rows }: { rows: Row[] }) {
  const codes = useMeetingCodes();
  const text = useRowWords();
  return (
    <ul className="mt-cards">
      {rows.map((row) => (
        <li key={row.id}>
          <Link href={text.href(row)} prefetch={false}>
            <span className="mt-card-top">
              <span>{codes.kind[row.kind]}</span>
              <PhaseMark phase={row.phase} />
            </span>
            <b>{text.title(row)}</b>
            <span className="mt-card-line">
              {startTextOf(row)} {row.place}
            </span>
            <span className="mt-card-line">
              <PresentBar present={row.present} expected={row.expected} />
              <em>{text.action(row)}</em>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const startTextOf = (row: Row): string => `${dayAt(row.startsAt)} ${timeAt(row.startsAt)}`;

function NoMeetings({ filtered, clear, mayEdit }: { filtered: boolean; clear: () => void; mayEdit: boolean }) {
  const words = useWords(meetingPageWords);
  return filtered ? (
    <Empty title={words.empty.filtered} how={words.empty.filteredHow}>
      <Button onClick={clear}>{words.empty.clear}</Button>
    </Empty>
  ) : (
    <Empty title={words.empty.none} how={words.empty.noneHow}>
      {mayEdit ? (
        <Link className="mt-primary" href="/meetings/new">
          {words.create}
        </Link>
      ) : null}
    </Empty>
  );
}
