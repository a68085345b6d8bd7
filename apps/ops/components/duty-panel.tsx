"use client";

import { useQuery } from "@tanstack/react-query";
import { DutyGrid, DutyLegend } from "@xianfeng/ui/duty-grid";
import { domainWords, useWords, workbenchWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { Panel } from "./panel.tsx";
import { Empty, Query } from "./states.tsx";

/** Duties of an organisation in this year: its own, or those of the branches below. */
export function DutyPanel({ orgId, plain = false }: { orgId: number; plain?: boolean }) {
  const words = useWords(workbenchWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const grid = useQuery(useTRPC().workbench.dutyGrid.queryOptions({ orgId }));
  const year = Number(today.slice(0, 4));
  const inside = (
    <Query of={grid} what={words.gridTitle} rows={6}>
      {(data) =>
        data.rows.length === 0 ? (
          <Empty title={words.noDuties} />
        ) : (
          <div className="duty-grid">
            <DutyGrid
              here={data.year === year ? Number(today.slice(5, 7)) : null}
              words={words.grid}
              rows={data.rows.map((row) => ({
                key: row.key,
                title:
                  row.orgId === null ? (
                    (domain.meetingKind[row.key] ?? row.key)
                  ) : (
                    <Link href={`/orgs?id=${row.orgId}`} prefetch={false}>
                      {row.name}
                    </Link>
                  ),
                ...(row.every ? { hint: row.every === "month" ? words.monthly : words.quarterly } : {}),
                cells: row.cells,
                done: row.done,
                due: row.due,
              }))}
            />
          </div>
        )
      }
    </Query>
  );
  if (plain) return inside;
  return (
    <Panel title={words.gridTitle} hint={words.gridOf(year)} extra={<DutyLegend words={words.grid} />}>
      {inside}
    </Panel>
  );
}
