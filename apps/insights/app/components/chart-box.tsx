import { count } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Sheet } from "../../sheet/sheet.ts";
import type { OpenNumber } from "../figures.ts";
import { useChartView } from "../lib/chart-view.ts";
import { frameWords } from "../messages/frame.ts";
import { Figure } from "./figure.tsx";

type NumberOf = (row: number, column: number) => OpenNumber | null;

/** 看表格 / 看图 and 下载 CSV of one chart. `file` is the address of a file that the server writes; without it the shown rows are the file. */
export function ChartTools({ chart, sheet, file }: { chart: string; sheet: Sheet; file?: string }) {
  const words = useWords(frameWords);
  const { asTable, turn } = useChartView(chart);
  return (
    <span className="chart-tools no-print">
      <Link
        className="btn small"
        to={turn}
        preventScrollReset
        replace
        aria-label={`${asTable ? words.picture : words.table} ${sheet.title}`}
      >
        <Icon name="sheet" size={15} />
        {asTable ? words.picture : words.table}
      </Link>
      {file ? (
        <a className="btn small" href={file} download aria-label={`${words.csv} ${sheet.title}`}>
          {words.csv}
        </a>
      ) : (
        <button
          type="button"
          className="btn small"
          onClick={() => void download(sheet)}
          aria-label={`${words.csv} ${sheet.title}`}
        >
          {words.csv}
        </button>
      )}
    </span>
  );
}

/** A chart with its tools: the picture, or the same data as a table. `bare` when the tools stand in the heading. */
export function ChartBox({
  chart,
  sheet,
  numberOf,
  bare = false,
  children,
}: {
  chart: string;
  sheet: Sheet;
  numberOf?: NumberOf;
  bare?: boolean;
  children: ReactNode;
}) {
  const { asTable } = useChartView(chart);
  return (
    <div className="chart-box" data-chart={chart}>
      {!bare && <ChartTools chart={chart} sheet={sheet} />}
      {asTable ? <SheetTable sheet={sheet} {...(numberOf ? { numberOf } : {})} /> : children}
    </div>
  );
}

const isFigure = (cell: Sheet["rows"][number][number]): boolean =>
  cell === null || typeof cell === "number" || /^[−+<]?[\d—]/.test(cell);

/** The rows of a chart. A cell whose number the page knows opens it. */
export function SheetTable({ sheet, numberOf }: { sheet: Sheet; numberOf?: NumberOf }) {
  const side = (at: number) =>
    at > 0 && sheet.rows.every((row) => isFigure(row[at] ?? null)) ? "r num" : at > 0 ? undefined : "nw";
  return (
    <div className="scroll">
      <table className="small-table sheet" aria-label={sheet.title}>
        <thead>
          <tr>
            {sheet.head.map((title, at) => (
              <th key={title} scope="col" className={side(at)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sheet.rows.map((row, line) => (
            <tr key={`${line} ${row[0]}`}>
              {row.map((cell, at) => {
                const open = numberOf?.(line, at);
                const text = typeof cell === "string" ? cell : count(cell);
                return (
                  <td key={sheet.head[at]} className={side(at)}>
                    {open ? (
                      <Figure name={open.figure} subject={open.subject} label={`${row[0]} ${sheet.head[at]} ${text}`}>
                        {text}
                      </Figure>
                    ) : (
                      text
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The shown rows as a file, by the same writer as the server's files. */
async function download(sheet: Sheet): Promise<void> {
  const { fileName, toCsv } = await import("../../sheet/csv.ts");
  const address = URL.createObjectURL(new Blob([toCsv(sheet)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName(sheet.title);
  link.click();
  // The browser reads the file after the click; taken away at once, some read nothing.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
