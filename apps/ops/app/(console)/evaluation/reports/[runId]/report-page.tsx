"use client";

import { useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { instantText, longDay, shellWords, useWords } from "@xianfeng/ui/messages";
import { Button, Select } from "antd";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { LinkButton } from "@/components/link-button.tsx";
import { Label, PageHead, Panel } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useMay, useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { useTRPC } from "@/lib/trpc.tsx";
import { replaceAddress } from "../../address.ts";
import { Crumb } from "../../crumb.tsx";
import { Field } from "../../field.tsx";
import { saveFile } from "../../files.ts";
import { RetractDialog } from "../../retract-dialog.tsx";
import { evaluationWords } from "../../words.ts";
import { BranchTable } from "./branch-table.tsx";
import { PeopleTable } from "./people-table.tsx";
import { shareText } from "./ranks.tsx";
import "../../evaluation.css";

type Head = RouterOutputs["evaluation"]["reportHead"];
type Report = RouterOutputs["evaluation"]["sealedReport"];

/** The sealed ranks of one report, from PostgreSQL alone: they are here however the analytics side fares. */
export function ReportPage({ head }: { head: Head }) {
  const words = useWords(evaluationWords);
  const today = useToday();
  const router = useRouter();
  const mayRetract = useMay("evaluation.retract");
  const mayManage = useMay("evaluation.read");
  const [retracting, setRetracting] = useState(false);
  const report = useQuery(useTRPC().evaluation.sealedReport.queryOptions({ runId: head.id }));
  // Retracted while the page was open.
  if (report.error?.data?.code === "NOT_FOUND") return <Gone />;
  const title = words.report.title(head.period.title, head.versionNo);
  const published = head.publishedAt ? instantText(new Date(head.publishedAt), today) : "";
  return (
    <>
      <Crumb
        steps={[
          [words.title, "/evaluation"],
          ...(mayManage ? ([[head.period.title, `/evaluation/periods/${head.period.id}`]] as [string, string][]) : []),
        ]}
        here={words.period.version(head.versionNo)}
      />
      <PageHead title={title} hint={words.report.hint(longDay(head.asOfOn), published, head.schemeCode)}>
        {/* Another application behind the same address: a whole page load. */}
        <Button href={`/insights/reports/${head.id}`}>{words.report.toAnalysis}</Button>
        {mayRetract ? (
          <Button danger onClick={() => setRetracting(true)}>
            {words.report.retract}
          </Button>
        ) : null}
      </PageHead>
      <Query of={report} what={title} rows={10}>
        {(data) => <Ranks report={data} />}
      </Query>
      {retracting ? (
        <RetractDialog
          report={{ runId: head.id, versionNo: head.versionNo }}
          onClose={() => setRetracting(false)}
          onDone={() => router.push(`/evaluation/periods/${head.period.id}`)}
        />
      ) : null}
    </>
  );
}

function Ranks({ report }: { report: Report }) {
  const words = useWords(evaluationWords).report;
  const params = useSearchParams();
  const pathname = usePathname();
  const indicators = [
    { value: "overall", label: words.overall },
    ...report.run.items.map((item) => ({ value: item.indicatorCode, label: item.title })),
  ].filter(({ value }) => report.results.some((row) => row.indicatorCode === value));
  const chosen = indicators.find(({ value }) => value === params.get("indicator")) ?? indicators[0];
  if (!chosen) return <Empty title={words.none} how={words.noneHow} />;
  const results = report.results.filter((row) => row.indicatorCode === chosen.value);
  return (
    <>
      <div className="ev-bar">
        <Field title={words.indicator}>
          {(id) => (
            <Select
              id={id}
              value={chosen.value}
              options={indicators}
              popupMatchSelectWidth={false}
              onChange={(value) => replaceAddress(`${pathname}?indicator=${encodeURIComponent(value)}`)}
            />
          )}
        </Field>
        <Label tone={report.whole ? "plain" : "act"}>{report.whole ? words.scopeWhole : words.scopePart}</Label>
      </div>
      <div className="ev-stack">
        <Panel title={words.branches} hint={words.branchHint(shareText(report.run.topShareBp))}>
          <BranchTable
            rows={results.filter((row) => row.subjectKind === "branch")}
            names={report.orgNames}
            topShareBp={report.run.topShareBp}
          />
        </Panel>
        <Panel title={words.people} hint={words.peopleHint}>
          <PeopleTable
            key={chosen.value}
            rows={results.filter((row) => row.subjectKind === "person")}
            names={report.orgNames}
            topShareBp={report.run.topShareBp}
          />
        </Panel>
        {report.whole ? <Seal report={report} /> : null}
      </div>
    </>
  );
}

function Seal({ report }: { report: Report }) {
  const words = useWords(evaluationWords).report;
  const name = `${report.run.period.title}评价报告第${report.run.versionNo}版封存数据.json`;
  return (
    <Panel
      title={words.seal}
      extra={
        <button
          type="button"
          className="link-button"
          onClick={() => saveFile(name, [`${JSON.stringify(report, null, 1)}\n`], "application/json")}
        >
          {words.download}
        </button>
      }
    >
      <div className="ev-seal">
        <p>{words.sealHow}</p>
        <p>
          {words.digest} <code>{report.run.digest}</code>
        </p>
        <p>{words.downloadHow}</p>
      </div>
    </Panel>
  );
}

function Gone() {
  const shell = useWords(shellWords);
  return (
    <div className="lone-page" role="alert">
      <Icon name="info" size={20} />
      <h1>{shell.notFoundTitle}</h1>
      <p>{shell.notFoundHow}</p>
      <LinkButton href="/">{shell.toWorkbench}</LinkButton>
    </div>
  );
}
