"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { memberWords, shellWords, useWords } from "@xianfeng/ui/messages";
import { Pagination } from "antd";
import { useSearchParams } from "next/navigation";
import { useDeferredValue } from "react";
import { LinkButton } from "@/components/link-button.tsx";
import { PageHead } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import { useMay } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { addressOf, type Filter, readFilter, tabIdentities } from "./filters.ts";
import { MemberTable } from "./member-table.tsx";
import { NothingFound } from "./nothing-found.tsx";
import { useTyped } from "./use-typed.ts";
import "./members.css";

const pageSize = 20;

/** The register: tabs by identity with their counts, conditions, the table, pages. All of it is in the address. */
export function Members() {
  const words = useWords(memberWords);
  const shell = useWords(shellWords);
  const mayAdd = useMay("member.create");
  const trpc = useTRPC();
  const { filter, dropped } = readFilter(useSearchParams());
  const [typed, setTyped] = useTyped();
  const q = useDeferredValue(typed.trim().slice(0, 40));
  const { page = 1, ...conditions } = filter;
  const asked = { ...conditions, ...(q ? { q } : {}) };
  const list = useQuery({ ...trpc.member.list.queryOptions({ ...asked, page }), placeholderData: keepPreviousData });
  const counts = useQuery({
    ...trpc.member.counts.queryOptions({ ...asked, identity: "member" }),
    placeholderData: keepPreviousData,
  });
  const show = (next: Filter) => window.history.pushState(null, "", addressOf(next) + window.location.hash);

  return (
    <>
      <PageHead
        title={words.title}
        hint={
          <span className="as-of-today">
            <Icon name="clock" size={14} />
            {shell.asOfToday}
          </span>
        }
      >
        {mayAdd ? (
          <LinkButton href="/members/new" type="primary" icon={<Icon name="plus" />}>
            {words.add}
          </LinkButton>
        ) : null}
      </PageHead>
      <section className="panel">
        <nav className="list-tabs" aria-label={words.columns.identity}>
          {tabIdentities.map((identity) => (
            <a
              key={identity}
              href={addressOf({ ...filter, identity, page: 1 })}
              aria-current={identity === filter.identity ? "true" : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey) return;
                event.preventDefault();
                show({ ...filter, identity, page: 1 });
              }}
            >
              {words.tabs[identity]}
              <em>{counts.data?.[identity]?.toLocaleString("en-US") ?? "—"}</em>
            </a>
          ))}
        </nav>
        <FilterBar filter={filter} typed={typed} onTyped={setTyped} onShow={show} />
        {dropped ? (
          <p className="list-note" role="status">
            <Icon name="info" size={15} />
            {words.dropped}
          </p>
        ) : null}
        <Query of={list} what={words.title} rows={10}>
          {(data) =>
            data.total === 0 ? (
              <NothingFound filter={filter} q={q} onShow={show} onTyped={setTyped} />
            ) : (
              <>
                <MemberTable rows={data.rows} />
                <footer className="list-foot">
                  {shell.total(data.total, data.capped, words.unit)}
                  <Pagination
                    size="small"
                    current={page}
                    pageSize={pageSize}
                    total={data.total}
                    showSizeChanger={false}
                    hideOnSinglePage
                    onChange={(next) => show({ ...filter, page: next })}
                  />
                </footer>
              </>
            )
          }
        </Query>
      </section>
      <p className="list-privacy">
        <Icon name="lock" size={15} />
        {words.privacy}
      </p>
    </>
  );
}
