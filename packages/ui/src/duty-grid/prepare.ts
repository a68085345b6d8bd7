import type { DutyGridCell } from "./duty-grid.tsx";

/** How many duties of a unit fell due in a month, how many were met in time, and how many of the running month are overdue already. */
export type DutyCount = { unit: string; month: string; total: number; inTime: number; overdue: number };
export type DutyRow = { unit: string; cells: DutyGridCell[]; inTime: number; due: number };

/**
 * Rows × months from counts per unit and month, for `DutyGrid`. A month before the unit's first duty is "none", one after today is "future".
 * The rate of a row counts only months that are over.
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
    const own = counts.filter((count) => count.unit === unit);
    const first = own
      .filter((count) => count.total > 0)
      .map(({ month }) => month)
      .sort()[0];
    const judged = own.filter((count) => months.includes(count.month) && count.month < current);
    return {
      unit,
      cells: months.map((month) => cellOf(byKey.get(`${unit} ${month}`), month, current, first)),
      inTime: judged.reduce((sum, count) => sum + count.inTime, 0),
      due: judged.reduce((sum, count) => sum + count.total, 0),
    };
  });
}

function cellOf(count: DutyCount | undefined, month: string, current: string, first: string | undefined): DutyGridCell {
  const cell = { month: Number(month.slice(5)), span: 1, day: null };
  if (!count || count.total === 0) {
    const existed = first !== undefined && month >= first;
    return { ...cell, state: existed || month >= current ? "future" : "none", count: 0, total: 0 };
  }
  const { total, inTime, overdue } = count;
  if (month > current) return { ...cell, state: "future", count: 0, total };
  if (month === current)
    return overdue > 0
      ? { ...cell, state: "missed", count: overdue, total }
      : { ...cell, state: "now", count: inTime, total };
  return total > inTime
    ? { ...cell, state: "missed", count: total - inTime, total }
    : { ...cell, state: "done", count: inTime, total };
}
