"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { percent } from "@xianfeng/ui/format";
import { instantText, shellWords, useWords } from "@xianfeng/ui/messages";
import { Button, Input, Pagination, Select, Table } from "antd";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { Panel } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useMay, useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { replaceAddress } from "../../address.ts";
import { Field } from "../../field.tsx";
import { evaluationWords } from "../../words.ts";
import { entriesOnPage, entryQuery, type Indicator } from "./entry-query.ts";

type Entry = RouterOutputs["evaluation"]["entries"]["rows"][number];

/** Imported values of one indicator. Indicator and page stand in the address. */
export function EntryList({ periodId, indicators }: { periodId: string; indicators: Indicator[] }) {
  const words = useWords(evaluationWords).period;
  const params = useSearchParams();
  const pathname = usePathname();
  const { imported, indicator, page, size } = entryQuery(params, indicators);
  const [q, setQ] = useState("");
  const go = (change: Record<string, string>) => {
    const next = new URLSearchParams(params.toString());
    for (const [name, value] of Object.entries({ page: "", ...change })) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    replaceAddress(next.size > 0 ? `${pathname}?${next}` : pathname);
  };
  const search = (text: string) => {
    setQ(text);
    go({});
  };
  const entries = useQuery({
    ...useTRPC().evaluation.entries.queryOptions({ periodId, indicatorId: indicator?.id ?? periodId, q, page, size }),
    enabled: indicator !== undefined,
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={words.entries}>
      <search className="ev-filter">
        <Field title={words.indicator}>
          {(id) => (
            <Select
              id={id}
              value={indicator?.id ?? null}
              onChange={(chosen) => go({ indicator: chosen ?? "" })}
              options={imported.map((one) => ({ value: one.id, label: one.title }))}
            />
          )}
        </Field>
        <Keyword value={q} onSearch={search} />
      </search>
      <Query of={entries} what={words.entries} rows={8}>
        {(data) =>
          data.rows.length === 0 ? (
            <Nothing periodId={periodId} filtered={q !== "" || page > 1} clear={() => search("")} />
          ) : (
            <div className={entries.isPlaceholderData ? "ev-dim" : ""}>
              <EntryTable rows={data.rows} />
              <Pages total={data.total} capped={data.capped} page={page} onPage={(to) => go({ page: String(to) })} />
            </div>
          )
        }
      </Query>
    </Panel>
  );
}

function Keyword({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const words = useWords(evaluationWords).period;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <Field title={words.search}>
      {(id) => (
        <Input.Search
          id={id}
          value={text}
          allowClear
          maxLength={40}
          placeholder={words.searchHint}
          onChange={(event) => setText(event.target.value)}
          onSearch={(typed) => onSearch(typed.trim())}
        />
      )}
    </Field>
  );
}

function EntryTable({ rows }: { rows: Entry[] }) {
  const words = useWords(evaluationWords).period;
  const today = useToday();
  return (
    <>
      <Table<Entry>
        className="ev-table"
        rowKey="id"
        size="small"
        pagination={false}
        dataSource={rows}
        columns={[
          { title: words.name, key: "name", dataIndex: "name", className: "ev-nowrap ev-strong" },
          { title: words.studentNo, key: "no", dataIndex: "studentNo", className: "ev-nowrap" },
          { title: words.branch, key: "branch", dataIndex: "branch", className: "ev-quiet", ellipsis: true },
          { title: words.value, key: "value", align: "right", width: 90, render: (_, row) => valueText(row.valueBp) },
          {
            title: words.updated,
            key: "updated",
            width: 170,
            align: "right",
            className: "ev-quiet ev-nowrap",
            render: (_, row) => instantText(new Date(row.updatedAt), today),
          },
        ]}
      />
      <ul className="ev-cards">
        {rows.map((row) => (
          <li key={row.id}>
            <div className="ev-card-line">
              <b>{row.name}</b>
              <b>{valueText(row.valueBp)}</b>
            </div>
            <div className="ev-card-line">
              <span>{row.studentNo}</span>
              <span>{row.branch}</span>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

const valueText = (bp: number) => percent({ num: BigInt(bp), den: 10_000n }, 2);

function Pages(props: { total: number; capped: boolean; page: number; onPage: (page: number) => void }) {
  const shell = useWords(shellWords);
  const words = useWords(evaluationWords).period;
  return (
    <footer className="ev-pages">
      <span>{shell.total(props.total, props.capped, words.unit)}</span>
      <Pagination
        size="small"
        current={props.page}
        pageSize={entriesOnPage}
        total={props.total}
        showSizeChanger={false}
        onChange={props.onPage}
      />
    </footer>
  );
}

function Nothing({ periodId, filtered, clear }: { periodId: string; filtered: boolean; clear: () => void }) {
  const words = useWords(evaluationWords).period;
  const mayImport = useMay("evaluation.import");
  if (filtered)
    return (
      <Empty title={words.noMatch} how={words.noMatchHow}>
        <Button onClick={clear}>{words.clear}</Button>
      </Empty>
    );
  return (
    <Empty title={words.none} how={words.noneHow}>
      {mayImport ? <Link href={`/evaluation/periods/${periodId}/import`}>{words.import}</Link> : null}
    </Empty>
  );
}
