/** Totals are counted up to here; beyond it a list says "10,000+". */
export const totalCap = 10_000;

/** One page of a list. `total` is capped: `capped` says whether there are more. */
export type Page<Row> = { rows: Row[]; total: number; capped: boolean; page: number; size: number };

/** Runs the two queries of a list page. `count` must stop at the given limit. */
export async function listPage<Row>(
  { page, size }: { page: number; size: number },
  read: (slice: { skip: number; take: number }) => Promise<Row[]>,
  count: (limit: number) => Promise<number>,
): Promise<Page<Row>> {
  const [rows, total] = [await read({ skip: (page - 1) * size, take: size }), await count(totalCap + 1)];
  return { rows, total: Math.min(total, totalCap), capped: total > totalCap, page, size };
}
