import { Fragment, type ReactNode } from "react";
import styles from "./duty-grid.module.css";

export type DutyState = "done" | "late" | "missed" | "now" | "future" | "none";
export type DutyGridCell = { month: number; span: number; state: DutyState; count: number; day: string | null };
export type DutyGridRow = {
  key: string;
  title: ReactNode;
  hint?: string;
  cells: readonly DutyGridCell[];
  done: number;
  due: number;
};

/** Words of the grid; each app brings them in its reader's language. */
export type DutyGridWords = {
  caption: string;
  month: (month: number) => string;
  day: (day: string, span: number) => string;
  madeUp: (day: string) => string;
  missed: string;
  open: (day: string, span: number) => string;
  tally: string;
  states: Record<DutyState, string>;
};

/**
 * Our signature: rows are duties or branches, columns months. What is in order is quiet, a gap is amber with its number.
 * @param here month that is drawn as the current one, 1–12; null for another year
 */
export function DutyGrid({
  rows,
  here,
  words,
}: {
  rows: readonly DutyGridRow[];
  here: number | null;
  words: DutyGridWords;
}) {
  return (
    <table className={styles.grid}>
      <caption className={styles.hidden}>{words.caption}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className={styles.hidden}>{words.caption}</span>
          </th>
          {Array.from({ length: 12 }, (_, at) => at + 1).map((month) => (
            <th key={month} scope="col" className={month === here ? styles.here : undefined}>
              {words.month(month)}
            </th>
          ))}
          <th scope="col" className={styles.tally}>
            {words.tally}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              {row.title}
              {row.hint ? <em>{row.hint}</em> : null}
            </th>
            {row.cells.map((cell) => (
              <td key={cell.month} colSpan={cell.span}>
                <i className={styles[cell.state]} title={`${words.month(cell.month)} ${words.states[cell.state]}`}>
                  {textOf(cell, words)}
                  <span className={styles.hidden}>{words.states[cell.state]}</span>
                </i>
              </td>
            ))}
            <td className={styles.tally}>
              <b>{row.done}</b>/{row.due}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function textOf(cell: DutyGridCell, words: DutyGridWords): string {
  if (cell.state === "none") return "—";
  if (cell.state === "missed") return cell.day === null ? String(cell.count) : words.missed;
  if (cell.day === null || cell.state === "future") return "";
  if (cell.state === "now") return words.open(cell.day, cell.span);
  return cell.state === "late" ? words.madeUp(cell.day) : words.day(cell.day, cell.span);
}

/** What the shapes mean. */
export function DutyLegend({ words }: { words: DutyGridWords }) {
  const shown: DutyState[] = ["done", "late", "missed", "now", "future"];
  return (
    <span className={styles.legend} aria-hidden="true">
      {shown.map((state) => (
        <Fragment key={state}>
          <i className={styles[state]} />
          {words.states[state]}
        </Fragment>
      ))}
    </span>
  );
}
