"use client";

import { instantText, useWords } from "@xianfeng/ui/messages";
import { Button } from "antd";
import Link from "next/link";
import { useState } from "react";
import { Mark } from "@/components/panel.tsx";
import { Empty } from "@/components/states.tsx";
import { useMay, useToday } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { RetractDialog } from "../../retract-dialog.tsx";
import { evaluationWords } from "../../words.ts";

type Report = RouterOutputs["evaluation"]["overview"]["periods"][number]["reports"][number];

/** Versions of a period's report, newest first, with what can be done about each. */
export function ReportList({ reports }: { reports: Report[] }) {
  const words = useWords(evaluationWords).period;
  const mayRetract = useMay("evaluation.retract");
  const today = useToday();
  const [retracting, setRetracting] = useState<Report | null>(null);
  const time = (instant: string) => instantText(new Date(instant), today);
  if (reports.length === 0) return <Empty title={words.noReports} how={words.noReportsHow} />;
  return (
    <>
      <ul className="ev-versions">
        {reports.map((report) => {
          const published = report.state === "published";
          return (
            <li key={report.runId}>
              <div className="ev-version-top">
                <b>{words.version(report.versionNo)}</b>
                <Mark tone={published ? "ok" : "off"}>{published ? words.published : words.retracted}</Mark>
              </div>
              {report.publishedAt ? <p>{words.publishedAt(time(report.publishedAt))}</p> : null}
              {report.note ? <p>{report.note}</p> : null}
              {report.retractedAt ? <p>{words.retractedAt(time(report.retractedAt))}</p> : null}
              {report.reason ? <p>{words.reason(report.reason)}</p> : null}
              {published ? (
                <>
                  <p className="ev-digest">
                    {words.digest} <code title={report.digest ?? ""}>{shortDigest(report.digest)}</code>
                  </p>
                  <div className="ev-links">
                    <Link href={`/evaluation/reports/${report.runId}`} prefetch={false}>
                      {words.read}
                    </Link>
                    {mayRetract ? (
                      <Button size="small" danger onClick={() => setRetracting(report)}>
                        {words.retract}
                      </Button>
                    ) : null}
                  </div>
                </>
              ) : null}
            </li>
          );
        })}
      </ul>
      <p className="ev-note">{words.sealedNote}</p>
      {retracting ? <RetractDialog report={retracting} onClose={() => setRetracting(null)} /> : null}
    </>
  );
}

const shortDigest = (digest: string | null) => (digest ? `${digest.slice(0, 6)}…${digest.slice(-4)}` : "—");
