import { percent } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { type ReactNode, useEffect, useState } from "react";
import { Form, Link, useNavigation, useRevalidator, useSearchParams } from "react-router";
import type { RunsPage } from "../../server/pages/runs.ts";
import { AsOf } from "../components/as-of.tsx";
import { Causes } from "../components/causes.tsx";
import { ChecksPanel } from "../components/checks-panel.tsx";
import { Comparison } from "../components/comparison.tsx";
import { PageHead } from "../components/page-head.tsx";
import { PublishDialog, RetractDialog, Said } from "../components/run-dialogs.tsx";
import { Flow, Periods } from "../components/run-frame.tsx";
import { RunNumber } from "../components/run-number.tsx";
import { RunVersions } from "../components/run-versions.tsx";
import { Empty } from "../components/states.tsx";
import { useRankingNumbers } from "../explain/ranking.tsx";
import { anyOf, ofSums, type Sums, useSums } from "../explain/report.tsx";
import { useMoved } from "../explain/runs.tsx";
import { checkData } from "../lib/checks.ts";
import { useDates } from "../lib/dates.ts";
import { among, type Explained } from "../lib/explain.ts";
import { lateAfterMs } from "../lib/freshness.ts";
import { useAnnounced, useLate } from "../lib/live.tsx";
import { pageAction, pageLoader, type Trouble } from "../lib/load.ts";
import { useNamed } from "../lib/named.ts";
import { unlessShownOnly } from "../lib/panel.ts";
import { type Compared, compareRuns, prepareRanking, type RankingTable } from "../lib/ranking.ts";
import { frameWords } from "../messages/frame.ts";
import { reportWords } from "../messages/report.ts";
import { runsWords } from "../messages/runs.ts";
import type { Route } from "./+types/runs.ts";

export const loader = pageLoader("runs");
export const action = pageAction;
export const shouldRevalidate = unlessShownOnly;

export default function RunsRoute({ loaderData, actionData }: Route.ComponentProps) {
  const words = useWords(runsWords);
  const { period, live, current, detail } = loaderData;
  const { period: named } = useDates();
  return (
    <>
      {!period && (
        <>
          <PageHead crumb={words.crumb} title={words.title} />
          <Empty title={words.noPeriods}>{words.noPeriodsHow}</Empty>
        </>
      )}
      {period && (!live || !current || !detail) && (
        <>
          <PageHead crumb={words.crumb} title={named(period.title)} />
          <div className="three">
            <Periods page={loaderData} />
            <Empty title={words.notLive}>{words.notLiveHow}</Empty>
            <RunVersions page={loaderData} />
          </div>
        </>
      )}
      {period && live && current && detail && (
        <Runs
          key={detail.id}
          page={loaderData}
          current={current}
          detail={detail}
          trouble={actionData && "kind" in actionData ? (actionData as Trouble) : null}
        />
      )}
    </>
  );
}

type RunsProps = {
  page: RunsPage;
  current: NonNullable<RunsPage["current"]>;
  detail: NonNullable<RunsPage["detail"]>;
  trouble: Trouble | null;
};

function Runs({ page, current, detail, trouble }: RunsProps) {
  const words = useWords(runsWords);
  const frame = useWords(frameWords);
  const { period: named } = useDates();
  const [search, setSearch] = useSearchParams();
  const { answer } = useNamed(current);
  const late = useLate(answer?.asOf ?? null);
  const busy = useNavigation().state !== "idle";
  useComeBack(page.ready?.ready === false);

  const comparable = detail.previousRunId !== null;
  const table = answer ? prepareRanking(answer.data, "overall", comparable) : null;
  const before = page.before?.answer ? prepareRanking(page.before.answer.data, "overall", comparable) : null;
  const compared = table && before ? compareRuns(table, before) : null;
  const changed = compared?.filter((line) => line.changed).length ?? 0;
  const checks = checkData(table, late !== null, detail.items.length > 0);
  const ready = page.preview !== null && page.ready?.ready === true;
  const top = percent({ num: BigInt(detail.topShareBp), den: 10_000n }, 0);
  const dialog = search.get("dialog");
  const open = (name: string | null) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (name) next.set("dialog", name);
        else next.delete("dialog");
        return next;
      },
      { preventScrollReset: true, replace: name === null },
    );
  const { period, preview, published, may } = page;
  if (!period) return null;
  const checked = { checks, page, at: answer?.asOf ?? null, late, detail };

  return (
    <>
      <PageHead crumb={words.crumb} title={named(period.title)}>
        <AsOf at={answer?.asOf ?? null} today={page.today} also={frame.scheme(detail.schemeCode)} />
        {published && (
          <Link className="btn" to={`/reports/${published.id}`}>
            {words.versionNo(published.versionNo)} {words.seeReport}
          </Link>
        )}
        {published && may.retract && (
          <button type="button" className="btn dan" onClick={() => open("retract")}>
            {words.retract(published.versionNo)}
          </button>
        )}
      </PageHead>
      <div className="three">
        <Periods page={page} />
        <div className="stack">
          <Flow page={page} checks={checks} changed={changed} ready={ready} hasBefore={before !== null} />
          {!dialog && <Said trouble={trouble} />}
          {page.causes && <Causes causes={page.causes} back={`/runs?period=${period.id}`} />}
          {preview && !ready && (
            <section className="panel">
              <div className="panel-head">
                <h2>{words.waitingTitle(preview.versionNo)}</h2>
                <span className="mut sm">{words.waitingHow}</span>
              </div>
              <div className="panel-body">
                <p className="running" role="status">
                  <i />
                  {page.ready?.waitingFor}
                </p>
                <Form method="post">
                  <input type="hidden" name="act" value="discard" />
                  <input type="hidden" name="periodId" value={period.id} />
                  <input type="hidden" name="runId" value={preview.id} />
                  <button type="submit" className="btn" disabled={busy}>
                    {words.discard}
                  </button>
                </Form>
              </div>
            </section>
          )}
          {table ? (
            <Numbers table={table} compared={compared} page={page} detail={detail} top={top} at={answer?.asOf ?? null}>
              {(sums, moved) => (
                <>
                  <ChecksPanel {...checked} sums={sums} />
                  {preview && ready && (
                    <Comparison
                      now={preview}
                      before={published}
                      table={table}
                      old={before}
                      compared={compared}
                      sums={sums}
                      moved={moved}
                      top={top}
                      periodId={period.id}
                      mayPublish={may.publish}
                      onPublish={() => open("publish")}
                    />
                  )}
                </>
              )}
            </Numbers>
          ) : (
            <ChecksPanel {...checked} sums={null} />
          )}
          {!preview && (
            <section className="panel">
              <div className="panel-foot">
                <Icon name="info" size={15} />
                {words.regenerateHow}
                <span className="grow" />
                <Form method="post">
                  <input type="hidden" name="act" value="generate" />
                  <input type="hidden" name="periodId" value={period.id} />
                  <button type="submit" className="btn pri" disabled={busy || checks.blocking > 0}>
                    {busy ? words.generating : words.generate}
                  </button>
                </Form>
              </div>
            </section>
          )}
        </div>
        <RunVersions page={page} />
      </div>
      {dialog === "publish" && preview && ready && (
        <PublishDialog
          run={preview}
          published={published}
          changed={changed}
          periodId={period.id}
          trouble={trouble}
          onClose={() => open(null)}
        />
      )}
      {dialog === "retract" && published && may.retract && (
        <RetractDialog run={published} periodId={period.id} trouble={trouble} onClose={() => open(null)} />
      )}
    </>
  );
}

/** The figures of the shown run as numbers that open, for whatever is drawn with them. */
function Numbers({
  table,
  compared,
  page,
  detail,
  top,
  at,
  children,
}: {
  table: RankingTable;
  compared: Compared[] | null;
  page: RunsPage;
  detail: NonNullable<RunsPage["detail"]>;
  top: string;
  at: string | null;
  children: (sums: Sums, moved: Explained) => ReactNode;
}) {
  const { overall } = useWords(reportWords);
  const { period: named } = useDates();
  const sums = useSums(table, detail.items, named(page.period?.title ?? ""), top);
  const moved = useMoved(
    compared,
    page.preview?.versionNo ?? 0,
    page.published?.versionNo ?? 0,
    named(page.period?.title ?? ""),
  );
  const run = { id: detail.id, preview: true };
  const ofBranch = useRankingNumbers({ table, indicator: { code: "overall", title: overall }, run, top });
  return (
    <>
      {children(sums, moved)}
      <RunNumber
        run={detail}
        mart="fct_evaluation_org"
        top={top}
        at={at}
        today={page.today}
        find={anyOf(ofBranch, ofSums(sums), among([moved]))}
      />
    </>
  );
}

/** While a preview waits for the marts, the page looks again when the stream moves, and every 30 s. */
function useComeBack(waiting: boolean): void {
  const { revalidate } = useRevalidator();
  const announced = useAnnounced();
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    if (!waiting || announced === asked) return;
    setAsked(announced);
    void revalidate();
  }, [waiting, announced, asked, revalidate]);
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => void revalidate(), lateAfterMs);
    return () => clearInterval(timer);
  }, [waiting, revalidate]);
}
