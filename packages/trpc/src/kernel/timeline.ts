import { DomainError } from "./error.ts";

/** A fact that holds from `validFrom` until the day before `validTo`; null = until further notice. */
export type Span = { id: string; validFrom: string; validTo: string | null };

/** What has to be written: rows we no longer believe are superseded, never changed, and what we believe now is added. */
export type Rewrite<Row extends Span> = {
  supersede: string[];
  insert: Array<Omit<Row, "id">>;
};

/** The row that holds on a day. */
export const holdsOn = <Row extends Span>(rows: readonly Row[], day: string): Row | undefined =>
  rows.find((row) => row.validFrom <= day && (row.validTo === null || row.validTo > day));

/**
 * A change that takes effect on a day: the row that holds then ends, a changed one begins. On the very day the old one began it is
 * replaced whole. Later rows would be contradicted, so a change before the last one is refused: that is a correction.
 * @throws DomainError when nothing holds on that day, or something later is already recorded
 */
export function changeFrom<Row extends Span>(
  rows: readonly Row[],
  day: string,
  change: Partial<Omit<Row, keyof Span>>,
): Rewrite<Row> {
  const current = holdsOn(rows, day);
  const later = rows.find((row) => row.validFrom > day);
  if (!current || later || current.validTo !== null)
    throw new DomainError(
      "invalid",
      later ? `生效日期不能早于已登记的变更（${later.validFrom}）` : "这一天还没有可以变更的记录，请核对生效日期",
      "The day is before a change that is already recorded",
      { fields: { on: "请改生效日期" } },
    );
  const { id, ...old } = current;
  const next = { ...old, ...change, validFrom: day, validTo: null } as Omit<Row, "id">;
  if (current.validFrom === day) return { supersede: [id], insert: [next] };
  return { supersede: [id], insert: [{ ...old, validTo: day } as Omit<Row, "id">, next] };
}

/** A fact that ends on a day and is followed by nothing. */
export function endOn<Row extends Span>(rows: readonly Row[], day: string): Rewrite<Row> {
  const current = holdsOn(rows, day);
  if (!current) return { supersede: [], insert: [] };
  const { id, ...old } = current;
  return { supersede: [id], insert: current.validFrom === day ? [] : [{ ...old, validTo: day } as Omit<Row, "id">] };
}

/**
 * A correction of one row: what it said, or the day it began. The neighbour before it moves with that border, so no gap and no
 * overlap appears.
 * @throws DomainError when the new day would swallow a neighbour
 */
export function correctRow<Row extends Span>(
  rows: readonly Row[],
  id: string,
  change: Partial<Omit<Row, "id" | "validTo">>,
): Rewrite<Row> {
  const sorted = [...rows].sort((one, other) => (one.validFrom < other.validFrom ? -1 : 1));
  const at = sorted.findIndex((row) => row.id === id);
  const row = sorted[at];
  if (!row) throw new DomainError("not_found", "没有找到这条记录", "No such row");
  const start = change.validFrom ?? row.validFrom;
  const before = sorted[at - 1];
  const touches = before !== undefined && before.validTo === row.validFrom;
  if (before && start <= before.validFrom) throw swallow(`开始日期应晚于上一条的开始日期 ${before.validFrom}`);
  if (before && !touches && before.validTo !== null && start < before.validTo)
    throw swallow(`开始日期不能早于上一条的结束日期 ${before.validTo}`);
  if (row.validTo !== null && start >= row.validTo) throw swallow(`开始日期应早于结束日期 ${row.validTo}`);
  const { id: _, ...old } = row;
  const corrected = { ...old, ...change, validFrom: start } as Omit<Row, "id">;
  if (!touches || start === row.validFrom) return { supersede: [id], insert: [corrected] };
  const { id: beforeId, ...neighbour } = before;
  return {
    supersede: [beforeId, id],
    insert: [{ ...neighbour, validTo: start } as Omit<Row, "id">, corrected],
  };
}

const swallow = (zh: string) =>
  new DomainError("invalid", zh, "The day would swallow a neighbour", { fields: { validFrom: zh } });
