"use client";

import { useQuery } from "@tanstack/react-query";
import { count, longDay, useWords } from "@xianfeng/ui/messages";
import { Table } from "antd";
import Link from "next/link";
import { Mark, PageHead, Panel } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useMay } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { evaluationWords } from "./words.ts";
import "./evaluation.css";

type Period = RouterOutputs["evaluation"]["overview"]["periods"][number];

/** All periods with what was imported and what was published. */
export function PeriodList() {
  const words = useWords(evaluationWords);
  const overview = useQuery(useTRPC().evaluation.overview.queryOptions());
  return (
    <>
      <PageHead title={words.title} hint={words.list.hint} />
      <Panel title={words.list.periods}>
        <Query of={overview} what={words.list.periods} rows={6}>
          {({ periods }) =>
            periods.length === 0 ? (
              <Empty title={words.list.none} how={words.list.noneHow} />
            ) : (
              <>
                <PeriodTable periods={periods} />
                <PeriodCards periods={periods} />
              </>
            )
          }
        </Query>
      </Panel>
    </>
  );
}

const address = (period: Period) => `/evaluation/periods/${period.id}`;

function ReportMark({ period }: { period: Period }) {
  const words = useWords(evaluationWords).list;
  const report = period.reports.find((one) => one.state === "published") ?? period.reports[0];
  if (!report) return <Mark tone="off">{words.noReport}</Mark>;
  return report.state === "published" ? (
    <Mark tone="ok">{words.published(report.versionNo)}</Mark>
  ) : (
    <Mark tone="warn">{words.retracted(report.versionNo)}</Mark>
  );
}

function PeriodTable({ periods }: { periods: Period[] }) {
  const words = useWords(evaluationWords).list;
  const mayImport = useMay("evaluation.import");
  return (
    <Table<Period>
      className="ev-table"
      rowKey="id"
      size="small"
      pagination={false}
      dataSource={periods}
      columns={[
        {
          title: words.period,
          key: "title",
          render: (_, period) => (
            <Link className="ev-strong" href={address(period)} prefetch={false}>
              {period.title}
            </Link>
          ),
        },
        {
          title: words.span,
          key: "span",
          className: "ev-quiet",
          render: (_, period) => `${longDay(period.startsOn)}—${longDay(period.endsOn)}`,
        },
        {
          title: words.branches,
          key: "branches",
          align: "right",
          width: 110,
          render: (_, period) => <Count value={period.branches} unit={words.branchUnit} />,
        },
        {
          title: words.entries,
          key: "entries",
          align: "right",
          width: 130,
          render: (_, period) => <Count value={period.entries} unit={words.entryUnit} />,
        },
        {
          title: words.report,
          key: "report",
          width: 200,
          className: "ev-apart",
          render: (_, period) => <ReportMark period={period} />,
        },
        {
          title: words.action,
          key: "action",
          width: 170,
          align: "right",
          render: (_, period) => (
            <span className="ev-links">
              <Link href={address(period)} prefetch={false}>
                {words.open}
              </Link>
              {mayImport ? (
                <Link href={`${address(period)}/import`} prefetch={false}>
                  {words.import}
                </Link>
              ) : null}
            </span>
          ),
        },
      ]}
    />
  );
}

const Count = ({ value, unit }: { value: number; unit: string }) => (
  <>
    {count(value)}
    <small className="ev-unit">{unit}</small>
  </>
);

/** The same rows on a narrow screen. */
function PeriodCards({ periods }: { periods: Period[] }) {
  const words = useWords(evaluationWords).list;
  return (
    <ul className="ev-cards">
      {periods.map((period) => (
        <li key={period.id}>
          <Link href={address(period)} prefetch={false}>
            <b>{period.title}</b>
            <span className="ev-card-line">
              <span>
                {words.branches} {count(period.branches)}
                {words.branchUnit}，{words.entries} {count(period.entries)}
                {words.entryUnit}
              </span>
            </span>
            <ReportMark period={period} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
