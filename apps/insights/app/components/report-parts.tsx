import { RankMove, SlopeChart } from "@xianfeng/ui/charts";
import { approximate, count, type Fraction, percent, score } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import type { OrgName, SchemeItem, SealedReport, SealedResult, SealedRun } from "../../server/domain.ts";
import type { BranchRanking } from "../../server/query/branch-ranking.ts";
import type { Sums } from "../explain/report.tsx";
import type { OpenNumber } from "../figures.ts";
import type { Explained } from "../lib/explain.ts";
import type { RankingTable } from "../lib/ranking.ts";
import { branchMembers, composition, largestShare, overall, type Place, topPlaces } from "../lib/report.ts";
import { compositionSheet, movesOf, movesSheet, weightsSheet } from "../lib/sheets.ts";
import { frameWords } from "../messages/frame.ts";
import { panelWords } from "../messages/panel.ts";
import { rankingWords } from "../messages/ranking.ts";
import { reportWords } from "../messages/report.ts";
import { sheetWords } from "../messages/sheet.ts";
import { ChartBox } from "./chart-box.tsx";
import { Figure, Told } from "./figure.tsx";

/** A numbered section of the paper. */
export const Sheet = ({
  id,
  title,
  lead,
  children,
}: {
  id: string;
  title: string;
  lead?: string;
  children: ReactNode;
}) => (
  <section id={id}>
    <h2>{title}</h2>
    {lead && <p className="lead">{lead}</p>}
    {children}
  </section>
);

export function Kpis({
  table,
  sums,
  top,
  topShareBp,
}: {
  table: RankingTable;
  sums: Sums;
  top: string;
  topShareBp: number;
}) {
  const { kpi } = useWords(reportWords);
  const edge = Number((table.totals.ranked * BigInt(topShareBp) + 9_999n) / 10_000n);
  return (
    <dl className="kpis">
      <Kpi title={kpi.branches} number={sums.branches} unit={kpi.org} />
      <Kpi
        title={kpi.people}
        number={sums.ranked}
        unit={
          <>
            {"/ "}
            <Told number={sums.evaluated} /> {kpi.person}
          </>
        }
        hint={<Told number={sums.missing}>{kpi.peopleHint(sums.missing.value)}</Told>}
      />
      <Kpi title={kpi.indicators} number={sums.indicators} unit={kpi.item} hint={kpi.indicatorsHint} />
      <Kpi
        title={kpi.top(top)}
        number={sums.inTop}
        unit={kpi.person}
        hint={table.whole ? kpi.topHint(edge) : undefined}
      />
    </dl>
  );
}

const Kpi = ({
  title,
  number,
  unit,
  hint,
}: {
  title: string;
  number: Explained;
  unit: ReactNode;
  hint?: ReactNode;
}) => (
  <div>
    <dt>{title}</dt>
    <dd>
      <b className="num">
        <Told number={number} />
      </b>{" "}
      <span>{unit}</span>
      {hint && <small>{hint}</small>}
    </dd>
  </div>
);

/** Three findings in words. They state; they do not judge. */
export function Findings({ table }: { table: RankingTable }) {
  const { finding } = useWords(reportWords);
  const { comma } = useWords(panelWords);
  const first = table.rows.filter((row) => row.rank === 1);
  const climber = table.rows
    .flatMap((row) => (row.change.kind === "up" ? [{ row, by: row.change.by }] : []))
    .sort((a, b) => b.by - a.by)[0];
  return (
    <ul className="findings">
      {table.whole && first[0] && (
        <li>{finding.first(first.map(({ name }) => name).join(comma), percent(first[0].share))}</li>
      )}
      {table.whole && climber && (
        <li>{finding.climb(climber.row.name, climber.row.prevRank ?? 0, climber.row.rank ?? 0, climber.by)}</li>
      )}
      {table.whole && table.totals.missing > 0 && <li>{finding.missing(count(table.totals.missing))}</li>}
      {!table.whole &&
        table.rows.map(
          (row) =>
            row.rank !== null && (
              <li key={row.orgId}>{finding.own(row.name, row.rank, row.ofN, percent(row.share))}</li>
            ),
        )}
      {table.whole && <li>{finding.overlap}</li>}
    </ul>
  );
}

export function Composition({ data, top, title }: { data: BranchRanking; top: string; title: string }) {
  const words = useWords(reportWords);
  const { category } = useWords(domainWords);
  const rows = composition(data);
  const sheet = compositionSheet(data, rows, top, title, useWords(sheetWords), category);
  const perKind = data.indicators.length;
  const numberOf = (line: number, column: number): OpenNumber | null => {
    const [row, indicator] = [rows[Math.floor(line / perKind)], data.indicators[line % perKind]];
    return column === 4 && row && indicator
      ? { figure: "kindShare", subject: `${row.category}-${indicator.code}` }
      : null;
  };
  const most = largestShare(rows.flatMap((row) => row.cells));
  const depth = (value: number) => Math.min(5, Math.floor((value / (most ? approximate(most) || 1 : 1)) * 6));
  return (
    <ChartBox chart="composition" sheet={sheet} numberOf={numberOf}>
      <div className="scroll">
        <table className="heat">
          <thead>
            <tr>
              <th scope="col">{words.kind}</th>
              <th scope="col" className="r">
                {words.people}
              </th>
              {data.indicators.map(({ code, title }) => (
                <th key={code} scope="col" className="c">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.category}>
                <th scope="row">{category[row.category] ?? row.category}</th>
                <td className="r num">{count(row.ranked)}</td>
                {row.cells.map((cell, index) => (
                  <td
                    key={data.indicators[index]?.code}
                    className={cell ? `c num heat-${depth(approximate(cell))}` : "c"}
                  >
                    <Figure
                      name="kindShare"
                      subject={`${row.category}-${data.indicators[index]?.code}`}
                      label={`${category[row.category] ?? row.category} ${data.indicators[index]?.title} ${percent(cell)}`}
                    >
                      {percent(cell)}
                    </Figure>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </ChartBox>
  );
}

/** A place shared by more is a count: a list of a hundred first ones says nothing. */
const mostTied = 12;

export function TopTen({
  report,
  orgs,
  people,
  comparable,
}: {
  report: SealedReport;
  orgs: Record<number, OrgName>;
  people: Record<string, string>;
  comparable: boolean;
}) {
  const words = useWords(reportWords);
  const { moved } = useWords(frameWords);
  const { shared } = useWords(rankingWords);
  const named = Object.keys(people).length > 0;
  const columns = [{ indicatorCode: overall, title: words.overall }, ...report.run.items];
  return (
    <>
      <p className="note">
        <Icon name="lock" size={14} />
        {named ? words.privateNote : words.noNames}
      </p>
      <div className="tops">
        {columns.map(({ indicatorCode, title }) => (
          <table key={indicatorCode} className="small-table">
            <thead>
              <tr>
                <th scope="col" colSpan={2}>
                  {title}
                </th>
                <th scope="col" className="r">
                  {words.score}
                </th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {topPlaces(report.results, indicatorCode, comparable).map(({ rank, people: tied }) =>
                tied.length > mostTied ? (
                  <tr key={rank}>
                    <td className="num b nw">
                      {rank}
                      <span className="tie">{shared}</span>
                    </td>
                    <td className="mut">{words.manyTied(tied.length)}</td>
                    <td className="r num">{score(tied[0]?.score ?? null)}</td>
                    <td />
                  </tr>
                ) : (
                  tied.map((person) => (
                    <tr key={person.id}>
                      <td className="num b nw">
                        {rank}
                        {tied.length > 1 && <span className="tie">{shared}</span>}
                      </td>
                      <td>
                        {people[person.id] && <b className="person">{people[person.id]}</b>}
                        <span className="mut sm">{orgs[person.orgId]?.shortName ?? ""}</span>
                      </td>
                      <td className="r num">
                        <Figure
                          name="score"
                          subject={`${person.id}~${indicatorCode}`}
                          label={`${people[person.id] ?? ""} ${title} ${score(person.score)}`.trim()}
                        >
                          {score(person.score)}
                        </Figure>
                      </td>
                      <td className="r">
                        <RankMove change={person.change} words={moved} />
                      </td>
                    </tr>
                  ))
                ),
              )}
            </tbody>
          </table>
        ))}
      </div>
    </>
  );
}

export function Moves({ table, title }: { table: RankingTable; title: string }) {
  const words = useWords(reportWords);
  const rows = movesOf(table);
  const sheet = movesSheet(rows, title, useWords(sheetWords));
  const numberOf = (line: number, column: number): OpenNumber | null =>
    column === 2 ? { figure: "rank", subject: rows[line]?.id ?? "" } : null;
  return (
    <ChartBox chart="moves" sheet={sheet} numberOf={numberOf}>
      <div className="scroll wide-chart">
        <SlopeChart
          rows={rows}
          beforeLabel={words.before}
          afterLabel={words.after}
          label={words.moveHow}
          moved={({ before, after }) => (before > after ? words.up(before - after) : words.down(after - before))}
        />
      </div>
    </ChartBox>
  );
}

export function Definitions({ run, title }: { run: SealedRun; title: string }) {
  const words = useWords(reportWords);
  const sheet = weightsSheet(run.items, title, useWords(sheetWords));
  const total = run.items.reduce((sum, item) => sum + item.weight, 0) || 1;
  return (
    <>
      <p>{words.weights}</p>
      <ChartBox
        chart="weights"
        sheet={sheet}
        numberOf={(_, column) => (column === 1 ? { figure: "indicators", subject: "all" } : null)}
      >
        <div className="weights">
          {run.items.map((item) => (
            <span key={item.indicatorCode} style={{ flexGrow: item.weight }}>
              {item.title}{" "}
              <Figure name="indicators" subject="all" label={`${item.title} ${words.weight}`}>
                {percent({ num: BigInt(item.weight), den: BigInt(total) }, 0)}
              </Figure>
            </span>
          ))}
        </div>
      </ChartBox>
      <p className="chart-note">{words.method}</p>
      <p className="chart-note">
        {words.own}
        {run.digest && ` ${words.digest(`${run.digest.slice(0, 12)}…${run.digest.slice(-8)}`)}`}
      </p>
    </>
  );
}

/** For a branch: its own people, with both places. */
export function BranchMembers({
  results,
  items,
  people,
  comparable,
}: {
  results: readonly SealedResult[];
  items: SchemeItem[];
  people: Record<string, string>;
  comparable: boolean;
}) {
  const words = useWords(reportWords);
  const lines = branchMembers(results, overall, comparable);
  const byIndicator = items.map(
    (item) => new Map(branchMembers(results, item.indicatorCode, comparable).map((line) => [line.id, line])),
  );
  return (
    <>
      <h3>{words.members}</h3>
      <p className="lead">{words.membersHow}</p>
      <div className="scroll">
        <table className="small-table members">
          <thead>
            <tr>
              <th scope="col">{words.name}</th>
              <th scope="col" className="r">
                {words.inCollege}
              </th>
              <th scope="col" className="r">
                {words.inBranch}
              </th>
              <th scope="col" className="r">
                {words.overall}
              </th>
              {items.map((item) => (
                <th key={item.indicatorCode} scope="col" className="r">
                  {item.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.id}>
                <td className="nw">{people[line.id] ?? "—"}</td>
                <td className="r num">
                  <PlaceOf person={line.id} population="college" place={line.college} />
                </td>
                <td className="r num">
                  <PlaceOf person={line.id} population="branch" place={line.branch} />
                </td>
                <td className="r num">
                  <ScoreOf person={line.id} code={overall} title={words.overall} score={line.score} />
                </td>
                {byIndicator.map((map, index) => (
                  <td key={items[index]?.indicatorCode} className="r num">
                    <ScoreOf
                      person={line.id}
                      code={items[index]?.indicatorCode ?? ""}
                      title={items[index]?.title ?? ""}
                      score={map.get(line.id)?.score ?? null}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A person's place, `3 / 708`, that opens where it comes from. */
export function PlaceOf({
  person,
  code = overall,
  population,
  place,
}: {
  person: string;
  code?: string;
  population: "college" | "branch";
  place: Place;
}) {
  const words = useWords(reportWords);
  if (place.rank === null) return "—";
  return (
    <>
      <Figure
        name="place"
        subject={`${person}~${code}~${population}`}
        label={`${population === "branch" ? words.inBranch : words.inCollege} ${place.rank}`}
      >
        {place.rank}
      </Figure>{" "}
      {words.of(place.ofN)}
    </>
  );
}

/** A person's score that opens where it comes from. */
export const ScoreOf = ({
  person,
  code,
  title,
  score: value,
}: {
  person: string;
  code: string;
  title: string;
  score: Fraction | null;
}) => (
  <Figure name="score" subject={`${person}~${code}`} label={`${title} ${score(value)}`}>
    {score(value)}
  </Figure>
);
