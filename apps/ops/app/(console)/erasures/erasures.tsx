"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { erasureStates } from "@xianfeng/trpc/erasure/rules";
import { Icon } from "@xianfeng/ui/icon";
import { instantText, shellWords, useWords } from "@xianfeng/ui/messages";
import { Pagination } from "antd";
import Link from "next/link";
import { useState } from "react";
import { Mark, PageHead } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { erasureWords } from "./words.ts";
import "../members/members.css";
import "./erasures.css";

type State = (typeof erasureStates)[number];
type Row = RouterOutputs["erasure"]["list"]["rows"][number];

const tones = { requested: "run", carried_out: "ok", refused: "off", withdrawn: "off" } as const;

/** Requests and receipts. A receipt names nobody. */
export function Erasures() {
  const words = useWords(erasureWords);
  const shell = useWords(shellWords);
  const trpc = useTRPC();
  const [{ state, page }, show] = useState<{ state?: State; page: number }>({ page: 1 });
  const list = useQuery({
    ...trpc.erasure.list.queryOptions({ page, ...(state ? { state } : {}) }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title={words.title} hint={words.hint} />
      <section className="panel">
        <nav className="list-tabs er-tabs" aria-label={words.columns.state}>
          {[undefined, ...erasureStates].map((each) => (
            <button
              key={each ?? "all"}
              type="button"
              aria-current={each === state ? "true" : undefined}
              onClick={() => show({ page: 1, ...(each ? { state: each } : {}) })}
            >
              {each ? words.states[each] : words.all}
            </button>
          ))}
        </nav>
        <Query of={list} what={words.title} rows={6}>
          {(data) =>
            data.total === 0 ? (
              <Empty title={words.emptyTitle} how={words.emptyHow} />
            ) : (
              <>
                <Table rows={data.rows} />
                <footer className="list-foot">
                  {shell.total(data.total, data.capped, words.unit)}
                  <Pagination
                    size="small"
                    current={page}
                    pageSize={20}
                    total={data.total}
                    showSizeChanger={false}
                    hideOnSinglePage
                    onChange={(next) => show({ page: next, ...(state ? { state } : {}) })}
                  />
                </footer>
              </>
            )
          }
        </Query>
      </section>
      <p className="list-privacy">
        <Icon name="info" size={15} />
        {words.note}
      </p>
    </>
  );
}

function Table({ rows }: { rows: Row[] }) {
  const words = useWords(erasureWords);
  const today = useToday();
  const { columns } = words;
  return (
    <table className="list-table er-table">
      <thead>
        <tr>
          {[columns.person, columns.branch, columns.reason, columns.asked, columns.decided, columns.state].map(
            (title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              {row.name ? (
                <Link href={`/members/${row.personId}`}>{row.name}</Link>
              ) : (
                words.erased(row.personId.slice(-8))
              )}
            </td>
            <td>{row.branch}</td>
            <td className="er-why">
              {words.reasons[row.reason]}
              <small>{row.basis}</small>
            </td>
            <td>
              {row.requestedBy ?? "—"}
              <small>{instantText(row.requestedAt, today)}</small>
            </td>
            <td>
              {row.decidedBy ?? "—"}
              {row.decidedAt ? <small>{instantText(row.decidedAt, today)}</small> : null}
            </td>
            <td>
              <Mark tone={tones[row.state]}>{words.states[row.state]}</Mark>
              {row.state === "carried_out" ? (
                <small>{row.cleanedAt ? words.clean(instantText(row.cleanedAt, today)) : words.unclean}</small>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
