"use client";

import { useQuery } from "@tanstack/react-query";
import { useWords } from "@xianfeng/ui/messages";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { LinkButton } from "@/components/link-button.tsx";
import { PageHead, Panel } from "@/components/panel.tsx";
import { Empty, Query } from "@/components/states.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { idOf, replaceAddress } from "../../../address.ts";
import { Crumb } from "../../../crumb.tsx";
import { evaluationWords } from "../../../words.ts";
import { Done } from "./done.tsx";
import { Review } from "./review.tsx";
import { isRowState } from "./row-state.ts";
import { Steps } from "./steps.tsx";
import { Upload } from "./upload.tsx";
import "../../../evaluation.css";
import "./import.css";

/**
 * Four steps: template, upload, check and correct, done. The batch stands in the address, so a reload or another day goes on
 * where this one stopped.
 */
export function ImportPage({ periodId, periodTitle }: { periodId: string; periodTitle: string }) {
  const words = useWords(evaluationWords);
  const params = useSearchParams();
  const router = useRouter();
  const pathname = usePathname();
  const trpc = useTRPC();
  const batchId = idOf(params, "batch");
  const overview = useQuery(trpc.evaluation.overview.queryOptions());
  const batch = useQuery({
    ...trpc.evaluation.importSummary.queryOptions({ batchId: batchId ?? "" }),
    enabled: batchId !== null,
  });
  const indicators = overview.data?.indicators.filter((indicator) => indicator.source === "imported") ?? [];
  const indicator = indicators.find(({ id }) => id === params.get("indicator")) ?? indicators[0];
  const to = (query: Record<string, string>) => {
    const next = new URLSearchParams(query);
    return next.size > 0 ? `${pathname}?${next}` : pathname;
  };
  const restart = to(indicator ? { indicator: indicator.id } : {});
  const summary = batchId === null ? undefined : batch.data;
  const asked = params.get("state");
  const state = isRowState(asked) ? asked : null;
  const done = summary !== undefined && summary.counts.applied > 0 && summary.counts.ready === 0 && state === null;
  const head = (
    <>
      <Crumb
        steps={[
          [words.title, "/evaluation"],
          [periodTitle, `/evaluation/periods/${periodId}`],
        ]}
        here={words.import.titlePlain}
      />
      <PageHead
        title={words.import.title(summary?.indicator.title ?? indicator?.title ?? "")}
        hint={summary?.period.title ?? periodTitle}
      />
    </>
  );
  if (batchId !== null && batch.error?.data?.code === "NOT_FOUND")
    return (
      <>
        {head}
        <Panel title={words.import.titlePlain}>
          <Empty title={words.import.gone} how={words.import.goneHow}>
            <LinkButton href={restart}>{words.import.again}</LinkButton>
          </Empty>
        </Panel>
      </>
    );
  return (
    <>
      {head}
      <Steps step={batchId === null ? 1 : done ? 3 : 2} summary={summary} />
      {batchId === null ? (
        <Query of={overview} what={words.title}>
          {() => (
            <Upload
              periodId={periodId}
              indicators={indicators}
              indicatorId={indicator?.id ?? null}
              onIndicator={(id) => replaceAddress(to({ indicator: id }))}
              onChecked={(id) => router.push(to({ batch: id }))}
            />
          )}
        </Query>
      ) : (
        <Query of={batch} what={words.import.titlePlain} rows={8}>
          {(data) =>
            done ? (
              <Done
                summary={data}
                periodId={periodId}
                restart={restart}
                goOn={to({ batch: batchId, state: data.counts.refused > 0 ? "refused" : "confirm" })}
              />
            ) : (
              <Review
                summary={data}
                state={state}
                restart={restart}
                address={(query) => to({ batch: batchId, ...query })}
              />
            )
          }
        </Query>
      )}
    </>
  );
}
