import { Fragment, type ReactNode } from "react";
import styles from "./duty-grid.module.css";

export type DutyState = "done" | "late" | "missed" | "now" | "future" | "none";
/**
 * One duty or unit in one month. `count`: how many were missed, or in the running month how many are done; `total`, where it is known:
 * of how many, which fills the outline of the running month.
 */
export type DutyGridCell = {
  month: number;
  span: number;
  state: DutyState;
  count: number;
  day: string | null;
  total?: number;
};
export type DutyGridRow = {
  key: string;
  title: ReactNode;
  hint?: string;
  /** Heading of a block of rows; a change opens the next one. */
  group?: string;
  cells: readonly DutyGridCell[];
  done: number;
  due: number;
  /** What stands at the end of the row instead of done / due. */
  tally?: ReactNode;
  /** The row asks to be looked at. */
  behind?: boolean;
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
  /** What a cell says to those who do not see it; without it the name of its state. */
  cell?: (cell: DutyGridCell) => string;
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
  const grouped = rows.some((row) => row.group !== undefined);
  return (
    <table className={grouped ? `${styles.grid} ${styles.grouped}` : styles.grid}>
      <caption className={styles.hidden}>{words.caption}</caption>
      <thead>
        <tr>
          {grouped && <td className={styles.group} />}
          <th scope="col" className={styles.name}>
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
        {rows.map((row, at) => (
          <tr key={row.key} className={at > 0 && row.group !== rows[at - 1]?.group ? styles.opens : undefined}>
            {grouped && <td className={styles.group}>{row.group === rows[at - 1]?.group ? "" : row.group}</td>}
            <th scope="row" className={styles.name}>
              {row.title}
              {row.hint ? <em>{row.hint}</em> : null}
            </th>
            {row.cells.map((cell) => (
              <td key={cell.month} colSpan={cell.span}>
                <i className={styles[cell.state]} title={`${words.month(cell.month)} ${saidOf(cell, words)}`}>
                  {fillOf(cell)}
                  {textOf(cell, words)}
                  <span className={styles.hidden}>{saidOf(cell, words)}</span>
                </i>
              </td>
            ))}
            <td className={row.behind ? `${styles.tally} ${styles.behind}` : styles.tally}>
              {row.tally ?? (
                <>
                  <b>{row.done}</b>/{row.due}
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const saidOf = (cell: DutyGridCell, words: DutyGridWords): string => words.cell?.(cell) ?? words.states[cell.state];

/** How far the running month is: the outline fills up. */
const fillOf = (cell: DutyGridCell) =>
  cell.state === "now" && cell.total ? (
    <span className={styles.fill} style={{ width: `${Math.round((cell.count / cell.total) * 100)}%` }} />
  ) : null;

function textOf(cell: DutyGridCell, words: DutyGridWords): string {
  if (cell.state === "none") return "—";
  if (cell.state === "missed") return cell.day === null ? String(cell.count) : words.missed;
  if (cell.day === null || cell.state === "future") return "";
  if (cell.state === "now") return words.open(cell.day, cell.span);
  return cell.state === "late" ? words.madeUp(cell.day) : words.day(cell.day, cell.span);
}

/** What the shapes mean. */
export function DutyLegend({
  words,
  shown = ["done", "late", "missed", "now", "future"],
}: {
  words: Pick<DutyGridWords, "states">;
  shown?: readonly DutyState[];
}) {
  return (
    <span className={styles.legend} aria-hidden="true">
      {shown.map((state) => (
        <Fragment key={state}>
          <i className={styles[state]}>{state === "none" ? "—" : ""}</i>
          {words.states[state]}
        </Fragment>
      ))}
    </span>
  );
}
