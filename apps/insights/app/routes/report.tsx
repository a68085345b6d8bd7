import { percent } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { Link } from "react-router";
import type { ReportPage } from "../../server/pages/reports.ts";
import { ChartBox } from "../components/chart-box.tsx";
import { Told } from "../components/figure.tsx";
import { PageHead } from "../components/page-head.tsx";
import { RankingTable } from "../components/ranking-table.tsx";
import { Composition, Definitions, Moves, Sheet } from "../components/report-parts.tsx";
import { BranchMembers, TopTen } from "../components/report-people.tsx";
import { Findings, Kpis } from "../components/report-summary.tsx";
import { RunNumber } from "../components/run-number.tsx";
import { Retracted } from "../components/states.tsx";
import { rankingNumberOf, useRankingNumbers } from "../explain/ranking.tsx";
import { anyOf, ofSums, useKindNumbers, usePersonNumbers, useSums } from "../explain/report.tsx";
import { useDates } from "../lib/dates.ts";
import { pageLoader } from "../lib/load.ts";
import { unlessShownOnly } from "../lib/panel.ts";
import { prepareRanking } from "../lib/ranking.ts";
import { isComparable, overall, sealedRanking } from "../lib/report.ts";
import { rankingSheet } from "../lib/sheets.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { reportWords } from "../messages/report.ts";
import { runsWords } from "../messages/runs.ts";
import { sheetWords } from "../messages/sheet.ts";
import type { Route } from "./+types/report.ts";

export const loader = pageLoader("report");
export const shouldRevalidate = unlessShownOnly;

export default function ReportRoute({ loaderData }: Route.ComponentProps) {
  const words = useWords(reportWords);
  const ranking = useWords(rankingWords);
  const { dayLong, period } = useDates();
  if (loaderData.state === "published") return <Report page={loaderData} />;
  const { title, versionNo, retractedAt, reason, newer } = loaderData;
  return (
    <>
      <PageHead crumb={`${words.list} / ${period(title)}`} title={words.college} />
      <Retracted
        title={`${period(title)} ${words.no(versionNo)}`}
        when={retractedAt ? dayLong(retractedAt.slice(0, 10)) : ""}
        reason={reason ?? ""}
      >
        {newer && <Link to={`/reports/${newer}`}>{ranking.newer}</Link>}
      </Retracted>
    </>
  );
}

function Report({ page }: { page: Extract<ReportPage, { state: "published" }> }) {
  const words = useWords(reportWords);
  const frame = useWords(frameWords);
  const runs = useWords(runsWords);
  const heads = useWords(sheetWords);
  const kinds = useWords(domainWords).category;
  const { dataDay, dayLong, moment, period } = useDates();
  const { report, orgs, people, today } = page;
  const { run, whole } = report;
  const comparable = isComparable(report.results);
  const data = sealedRanking(report, orgs, words.overall);
  const table = prepareRanking(data, overall, comparable);
  const top = percent({ num: BigInt(run.topShareBp), den: 10_000n }, 0);
  const reader = whole ? words.whole : page.reader;
  const sums = useSums(table, run.items, reader, top);
  const find = anyOf(
    useRankingNumbers({
      table,
      indicator: { code: overall, title: words.overall },
      run: { id: run.id, preview: false },
      top,
    }),
    ofSums(sums),
    useKindNumbers(data, top),
    usePersonNumbers(report.results, run.items, (id) => people[id] ?? ""),
  );
  const titled = (section: number) =>
    `${words.sections[section]} ${period(run.period.title)} ${words.no(run.versionNo)}`;
  const title = whole ? words.college : words.branch;
  const sections = whole ? [0, 1, 2, 3, 4, 5] : [0, 1, 5];
  const heading = (index: number) =>
    words.numbered(words.numerals[sections.indexOf(index)] ?? "", words.sections[index] ?? "");
  return (
    <>
      <PageHead crumb={`${words.list} / ${period(run.period.title)}`} title={title}>
        <span className="mark ok sm">
          {runs.tags.published} {run.publishedAt ? moment(run.publishedAt, Number(today.slice(0, 4))) : ""}
        </span>
        {page.may.retract && (
          <Link className="btn dan" to={`/runs?period=${page.periodId}&dialog=retract`}>
            {runs.retract(run.versionNo)}
          </Link>
        )}
        <button type="button" className="btn pri" onClick={() => window.print()}>
          <Icon name="sheet" />
          {frame.print}
        </button>
      </PageHead>
      <div className="report">
        <nav className="contents no-print" aria-label={words.contents}>
          <h2>{words.contents}</h2>
          {sections.map((index) => (
            <a key={index} href={`#part-${index}`}>
              {heading(index)}
            </a>
          ))}
        </nav>
        <article className="paper">
          <header>
            <p className="unit">{orgs[run.orgId]?.fullName ?? page.reader}</p>
            <h1>{words.heading}</h1>
            <dl className="meta">
              <Meta name={words.facts.period} value={`${period(run.period.title)} ${words.no(run.versionNo)}`} />
              <Meta name={words.facts.asOf} value={dataDay(run.asOfOn, run.sealedAt)} />
              <Meta name={words.facts.scheme} value={run.schemeCode} />
              <Meta name={words.facts.reader} value={whole ? words.whole : words.ownScope(page.reader)} />
            </dl>
            {run.note && <p className="note">{run.note}</p>}
          </header>
          <Sheet id="part-0" title={heading(0)}>
            <Kpis table={table} sums={sums} top={top} topShareBp={run.topShareBp} />
            <Findings table={table} sums={sums} />
          </Sheet>
          <Sheet id="part-1" title={heading(1)} lead={words.rankingHow(top)}>
            <ChartBox
              chart="ranking"
              sheet={rankingSheet(table, top, titled(1), heads, kinds, [])}
              numberOf={(row, column) => rankingNumberOf(table, row, column)}
            >
              <RankingTable
                table={table}
                top={top}
                periods={1}
                titles={[]}
                selected={whole ? null : (table.rows[0]?.orgId ?? null)}
                open={null}
              />
            </ChartBox>
            <p className="chart-note">
              {words.chartNote}
              {table.average && (
                <>
                  {words.chartAverage} <Told number={sums.average}>{percent(table.average)}</Told>
                  {words.stop}
                </>
              )}
            </p>
            {!whole && (
              <BranchMembers results={report.results} items={run.items} people={people} comparable={comparable} />
            )}
          </Sheet>
          {whole && (
            <>
              <Sheet id="part-2" title={heading(2)} lead={words.compositionHow(top)}>
                <Composition data={data} top={top} title={titled(2)} />
              </Sheet>
              <Sheet id="part-3" title={heading(3)}>
                <TopTen report={report} orgs={orgs} people={people} comparable={comparable} />
              </Sheet>
              <Sheet id="part-4" title={heading(4)} lead={comparable ? words.moveHow : words.noMove}>
                {comparable && <Moves table={table} title={titled(4)} />}
              </Sheet>
            </>
          )}
          <Sheet id="part-5" title={heading(5)}>
            <Definitions run={run} title={titled(5)} />
          </Sheet>
          <p className="foot print-only">
            <span>{orgs[run.orgId]?.fullName ?? page.reader}</span>
            <span>{words.internal}</span>
            <span>{words.printed(dayLong(today))}</span>
          </p>
        </article>
        <aside className="stack no-print">
          <section className="panel">
            <div className="panel-head">
              <h2>{words.how}</h2>
            </div>
            <p className="panel-body sm">{words.howText}</p>
          </section>
          <section className="panel">
            <div className="panel-head">
              <h2>{words.quality}</h2>
            </div>
            <dl className="panel-body kv two">
              <dt>{words.rate}</dt>
              <dd className="num">
                <Told number={sums.rate} />
              </dd>
              <dt>{words.missing}</dt>
              <dd className="num">
                <Told number={sums.missing} />
                {words.kpi.person}
              </dd>
            </dl>
          </section>
        </aside>
      </div>
      <RunNumber
        run={{ ...run, state: "sealed" }}
        mart="evaluation_result"
        top={top}
        today={today}
        at={run.sealedAt}
        find={find}
      />
    </>
  );
}

const Meta = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
