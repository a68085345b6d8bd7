"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { shellWords, useWords } from "@xianfeng/ui/messages";
import { Button, Pagination, Select } from "antd";
import { useSearchParams } from "next/navigation";
import { DayField } from "@/components/day-field.tsx";
import { PageHead } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { addressOf, conditionsOf, type Filter, readFilter, type State, statesOf } from "./filters.ts";
import { OutboxTable } from "./outbox-table.tsx";
import { outboxWords } from "./words.ts";
import "../../(console)/members/members.css";
import "./outbox.css";

const pageSize = 20;
/** The sender works while one looks. */
const follow = 10_000;

/** What went out, waits or failed, by channel, state and day. All conditions are in the address. */
export function Outbox() {
  const words = useWords(outboxWords);
  const shell = useWords(shellWords);
  const today = useToday();
  const trpc = useTRPC();
  const { filter, dropped } = readFilter(useSearchParams());
  const asked = conditionsOf(filter);
  const list = useQuery({
    ...trpc.message.list.queryOptions(asked.list),
    placeholderData: keepPreviousData,
    refetchInterval: follow,
  });
  const counts = useQuery({
    ...trpc.message.counts.queryOptions(asked.counts),
    placeholderData: keepPreviousData,
    refetchInterval: follow,
  });
  const show = (next: Filter) => window.history.pushState(null, "", addressOf(next));
  const { state: _state, day: _day, ...plain } = filter;
  const tabs: (State | undefined)[] = [undefined, ...statesOf[filter.channel]];
  const countOf = (state: State | undefined) =>
    counts.data === undefined
      ? undefined
      : state
        ? counts.data[state]
        : statesOf[filter.channel].reduce((sum, each) => sum + (counts.data?.[each] ?? 0), 0);
  const unsent = filter.channel === "mail" ? (counts.data?.not_configured ?? 0) : 0;

  return (
    <>
      <PageHead title={words.title} hint={words.hint} />
      {unsent > 0 ? (
        <p className="ob-notice" role="status">
          <Icon name="warning" size={16} />
          {words.notConfiguredHow(unsent)}
        </p>
      ) : null}
      <section className="panel">
        <nav className="list-tabs" aria-label={words.columns.state}>
          {tabs.map((state) => {
            const { state: _other, ...rest } = filter;
            const target: Filter = { ...rest, ...(state ? { state } : {}), page: 1 };
            return (
              <a
                key={state ?? "all"}
                href={addressOf(target)}
                aria-current={state === filter.state ? "true" : undefined}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey) return;
                  event.preventDefault();
                  show(target);
                }}
              >
                {state ? words.states[filter.channel][state] : words.all}
                <em>{countOf(state)?.toLocaleString("en-US") ?? "—"}</em>
              </a>
            );
          })}
        </nav>
        <search className="list-filter">
          <Select
            aria-label={words.channel}
            value={filter.channel}
            options={Object.entries(words.channels).map(([value, label]) => ({ value, label }))}
            onChange={(channel) => {
              const { state: _other, ...rest } = filter;
              show({ ...rest, channel: channel as Filter["channel"], page: 1 });
            }}
          />
          <div className="ob-day">
            <DayField
              label={words.day}
              value={filter.day ?? null}
              max={today}
              allowClear
              onChange={(day) => {
                const { day: _other, ...rest } = filter;
                show({ ...rest, ...(day ? { day } : {}), page: 1 });
              }}
            />
          </div>
        </search>
        {dropped ? (
          <p className="list-note" role="status">
            <Icon name="info" size={15} />
            {words.dropped}
          </p>
        ) : null}
        <Query of={list} what={words.title} rows={10}>
          {(data) =>
            data.total === 0 ? (
              filter.state || filter.day ? (
                <Empty title={words.emptyFiltered}>
                  <Button size="small" onClick={() => show({ ...plain, page: 1 })}>
                    {words.dropAll}
                  </Button>
                </Empty>
              ) : (
                <Empty title={words.emptyTitle[filter.channel] ?? ""} how={words.emptyHow} />
              )
            ) : (
              <>
                <OutboxTable rows={data.rows} />
                <footer className="list-foot">
                  {shell.total(data.total, data.capped, words.unit)}
                  <Pagination
                    size="small"
                    current={filter.page}
                    pageSize={pageSize}
                    total={data.total}
                    showSizeChanger={false}
                    hideOnSinglePage
                    onChange={(page) => show({ ...filter, page })}
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
