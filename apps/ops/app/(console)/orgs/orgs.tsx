"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { longDay, orgWords, useWords } from "@xianfeng/ui/messages";
import { Button } from "antd";
import { useRouter } from "next/navigation";
import { Query } from "@/components/states.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { CompareWithToday } from "./compare.tsx";
import { OrgDetail } from "./org-detail.tsx";
import { OrgTree } from "./org-tree.tsx";
import "./orgs.css";

const addressOf = (id: number, on?: string) => `/orgs?id=${id}${on ? `&on=${on}` : ""}`;

/** Tree at the left, one organisation at the right, both as they are today or were on another day. */
export function Orgs({ id, on }: { id: number; on?: string }) {
  const words = useWords(orgWords);
  const router = useRouter();
  const trpc = useTRPC();
  const tree = useQuery({ ...trpc.org.tree.queryOptions(on ? { on } : {}), placeholderData: keepPreviousData });
  const detail = useQuery({
    ...trpc.org.detail.queryOptions({ id, ...(on ? { on } : {}) }),
    placeholderData: (before) => (before?.id === id ? before : undefined),
  });
  const show = (next: number, day = on) => router.push(addressOf(next, day), { scroll: false });
  return (
    <>
      {on ? (
        <div className="as-of" role="status">
          <Icon name="clock" />
          {words.asOfNote(longDay(on))}
          <span>{words.readOnly}</span>
          <Button size="small" onClick={() => router.push(addressOf(id), { scroll: false })}>
            {words.backToToday}
          </Button>
        </div>
      ) : null}
      <div className="orgs">
        <aside className="panel orgs-tree" aria-label={words.title}>
          <Query of={tree} what={words.title} rows={12}>
            {(data) => (
              <OrgTree
                tree={data}
                selected={id}
                onSelect={(next) => show(next)}
                onDay={(day) => router.push(addressOf(id, day), { scroll: false })}
              />
            )}
          </Query>
        </aside>
        <div className="orgs-right">
          <section className="panel">
            <Query of={detail} what={words.title} rows={10}>
              {(data) => <OrgDetail org={data} {...(on ? { on } : {})} onShow={(next) => show(next)} />}
            </Query>
          </section>
          {on && tree.data ? <CompareWithToday past={tree.data} /> : null}
        </div>
      </div>
    </>
  );
}
