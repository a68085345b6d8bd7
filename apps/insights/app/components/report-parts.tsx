import { SlopeChart } from "@xianfeng/ui/charts";
import { approximate, count, percent } from "@xianfeng/ui/format";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import type { SealedRun } from "../../server/domain.ts";
import type { BranchRanking } from "../../server/query/branch-ranking.ts";
import type { OpenNumber } from "../figures.ts";
import type { RankingTable } from "../lib/ranking.ts";
import { composition, largestShare } from "../lib/report.ts";
import { compositionSheet, movesOf, movesSheet, weightsSheet } from "../lib/sheets.ts";
import { reportWords } from "../messages/report.ts";
import { sheetWords } from "../messages/sheet.ts";
import { ChartBox } from "./chart-box.tsx";
import { Figure } from "./figure.tsx";

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
