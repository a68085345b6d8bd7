"use client";

import { useQuery } from "@tanstack/react-query";
import { Icon } from "@xianfeng/ui/icon";
import { longDay, useWords } from "@xianfeng/ui/messages";
import { Button } from "antd";
import { LinkButton } from "@/components/link-button.tsx";
import { PageHead, Panel } from "@/components/panel.tsx";
import { Query } from "@/components/states.tsx";
import { useMay } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { Crumb } from "../../crumb.tsx";
import { evaluationWords } from "../../words.ts";
import { EntryList } from "./entry-list.tsx";
import { ReportList } from "./report-list.tsx";
import "../../evaluation.css";

/** One period: its imported values, and the reports that were made of them. */
export function PeriodPage({ periodId }: { periodId: string }) {
  const words = useWords(evaluationWords);
  const mayImport = useMay("evaluation.import");
  const mayGenerate = useMay("evaluation.generate");
  const overview = useQuery(useTRPC().evaluation.overview.queryOptions());
  return (
    <Query of={overview} what={words.title} rows={8}>
      {({ periods, indicators }) => {
        const period = periods.find((one) => one.id === periodId);
        if (!period) return null;
        return (
          <>
            <Crumb steps={[[words.title, "/evaluation"]]} here={period.title} />
            <PageHead
              title={period.title}
              hint={words.period.hint(longDay(period.startsOn), longDay(period.endsOn), period.branches)}
            >
              {/* Another application behind the same address: a whole page load. */}
              {mayGenerate ? <Button href={`/insights/runs?period=${period.id}`}>{words.period.make}</Button> : null}
              {mayImport ? (
                <LinkButton
                  type="primary"
                  href={`/evaluation/periods/${period.id}/import`}
                  icon={<Icon name="upload" size={15} />}
                >
                  {words.period.import}
                </LinkButton>
              ) : null}
            </PageHead>
            <div className="ev-columns">
              <EntryList periodId={period.id} indicators={indicators} />
              <Panel title={words.period.reports}>
                <ReportList reports={period.reports} />
              </Panel>
            </div>
          </>
        );
      }}
    </Query>
  );
}
