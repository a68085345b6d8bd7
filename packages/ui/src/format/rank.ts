/** Which ranks are shared by more than one, so that a table can say 并列. */
export function sharedRanks(ranks: readonly (number | null)[]): ReadonlySet<number> {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const rank of ranks) {
    if (rank === null) continue;
    if (seen.has(rank)) shared.add(rank);
    seen.add(rank);
  }
  return shared;
}

export type RankChange = { kind: "up" | "down"; by: number } | { kind: "same" } | { kind: "new" } | { kind: "none" };

/**
 * How a rank moved against the run before. Plus is better.
 * @param comparable whether there is a run before with the same scheme; without one nothing can be said
 */
export function rankChange(rank: number | null, previous: number | null, comparable: boolean): RankChange {
  if (rank === null || !comparable) return { kind: "none" };
  if (previous === null) return { kind: "new" };
  const by = previous - rank;
  return by === 0 ? { kind: "same" } : { kind: by > 0 ? "up" : "down", by: Math.abs(by) };
}
