/**
 * One duty of one unit in one month. done: held in time; missed: past its last day and not fulfilled in time, with how many;
 * now: the month that runs, with how much is done; ahead: not due yet; absent: the unit did not exist.
 */
export type DutyCell =
  | { state: "done"; total: number }
  | { state: "missed"; missed: number; total: number }
  | { state: "now"; done: number; total: number }
  | { state: "ahead" }
  | { state: "absent" };

/** How many of the duties of a unit that were due in a month were met, and when they were due. */
export type DutyCount = { unit: string; month: string; total: number; inTime: number; overdue: number };
export type DutyRow = { unit: string; cells: DutyCell[]; inTime: number; due: number };

/**
 * Rows × months from counts per unit and month. A month before the unit's first duty is "absent", one after today without counts is "ahead".
 * The rate of a row counts only duties that could already be judged: those met and those overdue or met late.
 * @param months YYYY-MM, in order
 * @param current YYYY-MM of today
 */
export function prepareDuties(
  units: readonly string[],
  months: readonly string[],
  counts: readonly DutyCount[],
  current: string,
): DutyRow[] {
  const byKey = new Map(counts.map((count) => [`${count.unit} ${count.month}`, count]));
  return units.map((unit) => {
    const first = counts
      .filter((count) => count.unit === unit && count.total > 0)
      .map(({ month }) => month)
      .sort()[0];
    const cells = months.map((month) => cellOf(byKey.get(`${unit} ${month}`), month, current, first));
    const judged = counts.filter(
      (count) => count.unit === unit && months.includes(count.month) && count.month < current,
    );
    return {
      unit,
      cells,
      inTime: judged.reduce((sum, count) => sum + count.inTime, 0),
      due: judged.reduce((sum, count) => sum + count.total, 0),
    };
  });
}

function cellOf(count: DutyCount | undefined, month: string, current: string, first: string | undefined): DutyCell {
  if (!count || count.total === 0)
    return first !== undefined && month >= first
      ? { state: "ahead" }
      : month >= current
        ? { state: "ahead" }
        : { state: "absent" };
  if (month > current) return { state: "ahead" };
  if (month === current)
    return count.overdue > 0
      ? { state: "missed", missed: count.overdue, total: count.total }
      : { state: "now", done: count.inTime, total: count.total };
  const missed = count.total - count.inTime;
  return missed > 0 ? { state: "missed", missed, total: count.total } : { state: "done", total: count.total };
}

export type DutyGridWords = { month: (month: string) => string; cell: (cell: DutyCell) => string; rate: string };

/** The signature grid: what is in order is quiet, what is missing carries amber and a number. */
export function DutyGrid({
  rows,
  months,
  current,
  groups,
  names,
  words,
  label,
  rate,
}: {
  rows: readonly DutyRow[];
  months: readonly string[];
  current: string;
  /** Heading of a group of rows by unit; a change starts a new block. */
  groups?: ReadonlyMap<string, string>;
  names: ReadonlyMap<string, string>;
  words: DutyGridWords;
  label: string;
  rate: (row: DutyRow) => { text: string; behind: boolean };
}) {
  let before: string | undefined;
  return (
    <table className="xf-duty" aria-label={label}>
      <thead>
        <tr>
          {groups && <td />}
          <th scope="col" className="xf-duty-name" />
          {months.map((month) => (
            <th key={month} scope="col" className={month === current ? "xf-now" : undefined}>
              {words.month(month)}
            </th>
          ))}
          <th scope="col" className="xf-duty-rate">
            {words.rate}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const group = groups?.get(row.unit);
          const opens = group !== before;
          before = group;
          const share = rate(row);
          return (
            <tr key={row.unit} className={opens ? "xf-opens" : undefined}>
              {groups && <td className="xf-duty-group">{opens ? group : ""}</td>}
              <th scope="row" className="xf-duty-name">
                {names.get(row.unit) ?? row.unit}
              </th>
              {row.cells.map((cell, index) => (
                <td key={months[index]}>
                  <DutyMark cell={cell} words={words.cell(cell)} />
                </td>
              ))}
              <td className={share.behind ? "xf-duty-rate xf-behind" : "xf-duty-rate"}>{share.text}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function DutyMark({ cell, words }: { cell: DutyCell; words: string }) {
  const share = cell.state === "now" && cell.total > 0 ? Math.round((cell.done / cell.total) * 100) : 0;
  return (
    <span className={`xf-cell xf-${cell.state}`} title={words}>
      <span className="xf-sr">{words}</span>

      {cell.state === "missed" && <span aria-hidden="true">{cell.missed}</span>}
      {cell.state === "absent" && <span aria-hidden="true">—</span>}
      {cell.state === "now" && <span aria-hidden="true" className="xf-fill" style={{ width: `${share}%` }} />}
    </span>
  );
}
