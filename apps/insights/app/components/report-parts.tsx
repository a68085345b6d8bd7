import { RankMove, SlopeChart } from "@xianfeng/ui/charts";
import { approximate, count, percent, score } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import type { OrgName, SchemeItem, SealedReport, SealedResult, SealedRun } from "../../server/domain.ts";
import type { BranchRanking } from "../../server/query/branch-ranking.ts";
import type { RankingTable } from "../lib/ranking.ts";
import { branchMembers, composition, largestShare, overall, topPlaces } from "../lib/report.ts";
import { frameWords } from "../messages/frame.ts";
import { rankingWords } from "../messages/ranking.ts";
import { reportWords } from "../messages/report.ts";

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
  items,
  top,
  topShareBp,
}: {
  table: RankingTable;
  items: number;
  top: string;
  topShareBp: number;
}) {
  const { kpi } = useWords(reportWords);
  const edge = Number((table.totals.ranked * BigInt(topShareBp) + 9_999n) / 10_000n);
  return (
    <dl className="kpis">
      <Kpi title={kpi.branches} value={count(table.rows.length)} unit={kpi.org} />
      <Kpi
        title={kpi.people}
        value={count(table.totals.ranked)}
        unit={` / ${count(table.totals.evaluated)} ${kpi.person}`}
        hint={kpi.peopleHint(count(table.totals.missing))}
      />
      <Kpi title={kpi.indicators} value={String(items)} unit={kpi.item} hint={kpi.indicatorsHint} />
      <Kpi
        title={kpi.top(top)}
        value={count(table.totals.inTop)}
        unit={kpi.person}
        hint={table.whole ? kpi.topHint(edge) : undefined}
      />
    </dl>
  );
}

const Kpi = ({ title, value, unit, hint }: { title: string; value: string; unit: string; hint?: string }) => (
  <div>
    <dt>{title}</dt>
    <dd>
      <b className="num">{value}</b> <span>{unit}</span>
      {hint && <small>{hint}</small>}
    </dd>
  </div>
);

/** Three findings in words. They state; they do not judge. */
export function Findings({ table }: { table: RankingTable }) {
  const { finding } = useWords(reportWords);
  const first = table.rows.filter((row) => row.rank === 1);
  const climber = table.rows
    .flatMap((row) => (row.change.kind === "up" ? [{ row, by: row.change.by }] : []))
    .sort((a, b) => b.by - a.by)[0];
  return (
    <ul className="findings">
      {table.whole && first[0] && (
        <li>{finding.first(first.map(({ name }) => name).join("、"), percent(first[0].share))}</li>
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

export function Composition({ data }: { data: BranchRanking }) {
  const words = useWords(reportWords);
  const { category } = useWords(domainWords);
  const rows = composition(data);
  const most = largestShare(rows.flatMap((row) => row.cells));
  const depth = (value: number) => Math.min(5, Math.floor((value / (most ? approximate(most) || 1 : 1)) * 6));
  return (
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
                  {percent(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
                      <td className="r num">{score(person.score)}</td>
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

export function Moves({ table }: { table: RankingTable }) {
  const words = useWords(reportWords);
  const rows = table.rows.flatMap((row) =>
    row.rank !== null && row.prevRank !== null
      ? [{ id: String(row.orgId), name: row.name, before: row.prevRank, after: row.rank }]
      : [],
  );
  return (
    <div className="scroll wide-chart">
      <SlopeChart
        rows={rows}
        beforeLabel={words.before}
        afterLabel={words.after}
        label={words.moveHow}
        moved={({ before, after }) => (before > after ? words.up(before - after) : words.down(after - before))}
      />
    </div>
  );
}

export function Definitions({ run }: { run: SealedRun }) {
  const words = useWords(reportWords);
  const total = run.items.reduce((sum, item) => sum + item.weight, 0) || 1;
  return (
    <>
      <p>{words.weights}</p>
      <div className="weights">
        {run.items.map((item) => (
          <span key={item.indicatorCode} style={{ flexGrow: item.weight }}>
            {item.title} {percent({ num: BigInt(item.weight), den: BigInt(total) }, 0)}
          </span>
        ))}
      </div>
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
                  {line.college.rank === null ? "—" : `${line.college.rank} ${words.of(line.college.ofN)}`}
                </td>
                <td className="r num">
                  {line.branch.rank === null ? "—" : `${line.branch.rank} ${words.of(line.branch.ofN)}`}
                </td>
                <td className="r num">{score(line.score)}</td>
                {byIndicator.map((map, index) => (
                  <td key={items[index]?.indicatorCode} className="r num">
                    {percent(map.get(line.id)?.score ?? null)}
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
