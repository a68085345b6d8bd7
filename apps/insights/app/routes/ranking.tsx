import { percent } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { Link, useNavigate } from "react-router";
import type { Period, Run, RunDetail } from "../../server/domain.ts";
import type { First } from "../../server/pages/define.ts";
import type { RankingQuery } from "../../server/query/index.ts";
import { AsOf } from "../components/as-of.tsx";
import { ChartTools, SheetTable } from "../components/chart-box.tsx";
import { Figure } from "../components/figure.tsx";
import { PageHead } from "../components/page-head.tsx";
import { RankingTable } from "../components/ranking-table.tsx";
import { RunNumber } from "../components/run-number.tsx";
import { Empty, PartTrouble, Retracted } from "../components/states.tsx";
import { Why } from "../components/why.tsx";
import { rankingNumberOf, useRankingNumbers } from "../explain/ranking.tsx";
import { anyOf, ofSums, useSums } from "../explain/report.tsx";
import { useChartView } from "../lib/chart-view.ts";
import { useDates } from "../lib/dates.ts";
import { pageLoader } from "../lib/load.ts";
import { queryAddress, useNamed } from "../lib/named.ts";
import { unlessShownOnly, useAddress } from "../lib/panel.ts";
import { prepareRanking, type RankingTable as Table } from "../lib/ranking.ts";
import { rankingSheet } from "../lib/sheets.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { reportWords } from "../messages/report.ts";
import { sheetWords } from "../messages/sheet.ts";
import type { Route } from "./+types/ranking.ts";

export const loader = pageLoader("ranking");

export const shouldRevalidate = unlessShownOnly;

export default function RankingRoute({ loaderData }: Route.ComponentProps) {
  const words = useWords(rankingWords);
  const { periods, period, run, detail, ranking, today } = loaderData;
  if (!period || !run)
    return (
      <>
        <PageHead crumb={words.title} title={words.title} />
        <Empty title={words.none}>{words.noneHow}</Empty>
      </>
    );
  if (run.report?.state === "retracted") return <RetractedRun period={period} run={run} periods={periods} />;
  if (!detail || !ranking) return <Empty title={words.noRows}>{words.noRowsHow}</Empty>;
  return (
    <Ranking key={run.id} periods={periods} period={period} run={run} detail={detail} ranking={ranking} today={today} />
  );
}

function RetractedRun({ period, run, periods }: { period: Period; run: Run; periods: Period[] }) {
  const words = useWords(rankingWords);
  const { dayLong, period: half } = useDates();
  const at = run.report?.retractedAt;
  return (
    <>
      <PageHead crumb={`${words.title} / ${half(period.title)}`} title={words.title} />
      <section className="panel">
        <Choices periods={periods} period={period} run={run} />
      </section>
      <Retracted
        title={`${half(period.title)} ${words.sealed(run.versionNo)}`}
        when={at ? dayLong(at.slice(0, 10)) : ""}
        reason={run.report?.reason ?? ""}
      />
    </>
  );
}

type Props = {
  periods: Period[];
  period: Period;
  run: Run;
  detail: RunDetail;
  ranking: First<RankingQuery>;
  today: string;
};

function Ranking({ periods, period, run, detail, ranking, today }: Props) {
  const words = useWords(rankingWords);
  const frame = useWords(frameWords);
  const { overall } = useWords(reportWords);
  const kinds = useWords(domainWords).category;
  const heads = useWords(sheetWords);
  const { dataDay, period: half } = useDates();
  const { search, address } = useAddress();
  const live = run.state !== "sealed";
  const { answer, trouble, again } = useNamed(ranking, live);

  const data = answer?.data;
  // Titles of indicators are the college's own; only "overall" is a word of ours.
  const indicators = (data?.indicators ?? []).map((one) => (one.code === "overall" ? { ...one, title: overall } : one));
  const indicator = indicators.find(({ code }) => code === search.get("indicator")) ?? indicators[0];
  const comparable = detail.previousRunId !== null;
  const table = data && indicator ? prepareRanking(data, indicator.code, comparable) : null;
  const selected = Number(search.get("branch")) || null;
  const row = table?.rows.find(({ orgId }) => orgId === selected);
  const top = percent({ num: BigInt(detail.topShareBp), den: 10_000n }, 0);
  const { asTable } = useChartView("ranking");
  const titles = data?.periods.map(({ title }) => half(title)) ?? [];
  const sheet =
    table &&
    indicator &&
    rankingSheet(table, top, `${words.title} ${half(period.title)} ${indicator.title}`, heads, kinds, titles);

  return (
    <>
      <PageHead crumb={`${words.title} / ${half(period.title)}`} title={words.title}>
        {live ? (
          <AsOf at={answer?.asOf ?? null} today={today} also={frame.scheme(detail.schemeCode)} />
        ) : (
          <span className="as-of">
            <Icon name="lock" size={14} />
            {frame.sealedAsOf(dataDay(detail.asOfOn, detail.sealedAt), detail.versionNo)}
          </span>
        )}
        {sheet && (
          <ChartTools
            chart="ranking"
            sheet={sheet}
            file={queryAddress(ranking.name, ranking.params, { format: "csv" })}
          />
        )}
      </PageHead>
      <div className={row ? "split" : undefined}>
        <section className="panel">
          <Choices periods={periods} period={period} run={run}>
            {data && (
              <div className="field">
                <span className="label" id="indicator">
                  {words.indicator}
                </span>
                <nav className="seg" aria-labelledby="indicator">
                  {indicators.map((one) => (
                    <Link
                      key={one.code}
                      to={address({ indicator: one.code === "overall" ? null : one.code, number: null })}
                      aria-current={one.code === indicator?.code ? "true" : undefined}
                      preventScrollReset
                      replace
                    >
                      {one.title}
                    </Link>
                  ))}
                </nav>
              </div>
            )}
          </Choices>
          {!table && trouble && <PartTrouble trouble={trouble} what={words.what} again={again} />}
          {!table && !trouble && <Skeleton />}
          {table && table.rows.length === 0 && <Empty title={words.noRows}>{words.noRowsHow}</Empty>}
          {table && table.rows.length > 0 && (
            <>
              {asTable && sheet ? (
                <SheetTable sheet={sheet} numberOf={(row, column) => rankingNumberOf(table, row, column)} />
              ) : (
                <RankingTable
                  table={table}
                  top={top}
                  periods={data?.periods.length ?? 1}
                  titles={titles}
                  selected={selected}
                  open={(orgId) => address({ branch: String(orgId) })}
                />
              )}
              <p className="tip">
                <Icon name="info" size={15} />
                <span>
                  {words.dots}
                  {table.average && (
                    <>
                      {words.averageNote}{" "}
                      <Figure name="share" subject="all" label={`${words.averageNote} ${percent(table.average)}`}>
                        {percent(table.average)}
                      </Figure>
                    </>
                  )}
                  {words.note}
                  {!table.whole && words.onlyOwn}
                </span>
              </p>
            </>
          )}
        </section>
        {row && table && data && (
          <Why
            row={row}
            table={table}
            data={data}
            items={detail.items}
            top={top}
            runId={run.id}
            comparable={comparable}
          />
        )}
      </div>
      {table && indicator && (
        <Numbered
          table={table}
          indicator={indicator}
          detail={detail}
          top={top}
          today={today}
          at={answer?.asOf ?? null}
        />
      )}
    </>
  );
}

function Numbered({
  table,
  indicator,
  detail,
  ...rest
}: {
  table: Table;
  indicator: { code: string; title: string };
  detail: RunDetail;
  top: string;
  today: string;
  at: string | null;
}) {
  const run = { id: detail.id, preview: detail.state === "preview" };
  const ofBranch = useRankingNumbers({ table, indicator, run, top: rest.top });
  const sums = useSums(table, detail.items, indicator.title, rest.top, indicator.title);
  return <RunNumber run={detail} mart="fct_evaluation_org" find={anyOf(ofBranch, ofSums(sums))} {...rest} />;
}

/** Period and version. Each choice is an address, so that it can be sent to somebody. */
function Choices({
  periods,
  period,
  run,
  children,
}: {
  periods: Period[];
  period: Period;
  run: Run;
  children?: React.ReactNode;
}) {
  const words = useWords(rankingWords);
  const navigate = useNavigate();
  const { period: half } = useDates();
  return (
    <div className="tools">
      <label className="field">
        <span className="label">{words.period}</span>
        <select
          className="input"
          value={period.id}
          onChange={(event) => navigate(`/ranking?period=${event.target.value}`)}
        >
          {periods.map((one) => (
            <option key={one.id} value={one.id}>
              {half(one.title)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="label">{words.version}</span>
        <select className="input" value={run.id} onChange={(event) => navigate(`/ranking?run=${event.target.value}`)}>
          {period.runs
            .filter((one) => one.state !== "waiting")
            .map((one) => (
              <option key={one.id} value={one.id}>
                {runTitle(one, words)}
              </option>
            ))}
        </select>
      </label>
      {children}
    </div>
  );
}

type RunWords = {
  live: string;
  preview: (no: number) => string;
  sealed: (no: number) => string;
  retracted: (no: number) => string;
};

function runTitle(run: Run, words: RunWords): string {
  if (run.state === "live") return words.live;
  if (run.state === "preview") return words.preview(run.versionNo);
  return run.report?.state === "retracted" ? words.retracted(run.versionNo) : words.sealed(run.versionNo);
}

/** The true layout in grey; figures are not there yet, and never 0. */
const Skeleton = () => (
  <div className="skeleton" aria-hidden="true">
    {Array.from({ length: 12 }, (_, index) => (
      <div key={index}>
        <i />
        <i />
        <i />
        <i />
      </div>
    ))}
  </div>
);
