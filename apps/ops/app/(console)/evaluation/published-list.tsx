"use client";

import { useQuery } from "@tanstack/react-query";
import { instantText, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { PageHead, Panel } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { evaluationWords } from "./words.ts";
import "./evaluation.css";

/** What a branch or general branch finds here: the published reports that it takes part in. */
export function PublishedList() {
  const words = useWords(evaluationWords);
  const today = useToday();
  const periods = useQuery(useTRPC().evaluation.periods.queryOptions());
  return (
    <>
      <PageHead title={words.title} />
      <Panel title={words.list.reports}>
        <Query of={periods} what={words.list.reports} rows={3}>
          {(data) => {
            const reports = data.flatMap((period) =>
              period.runs
                .filter((run) => run.report?.state === "published")
                .map((run) => ({ ...run, title: period.title })),
            );
            if (reports.length === 0) return <Empty title={words.list.noReports} how={words.list.noReportsHow} />;
            return (
              <ul className="ev-reports">
                {reports.map((run) => (
                  <li key={run.id}>
                    <div>
                      <b>
                        {run.title} {words.period.version(run.versionNo)}
                      </b>
                      <p>
                        {run.report?.publishedAt
                          ? words.period.publishedAt(instantText(new Date(run.report.publishedAt), today))
                          : null}
                      </p>
                    </div>
                    <Link href={`/evaluation/reports/${run.id}`} prefetch={false}>
                      {words.list.read}
                    </Link>
                  </li>
                ))}
              </ul>
            );
          }}
        </Query>
      </Panel>
    </>
  );
}
