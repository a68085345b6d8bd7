import {
  compareFractions,
  type Fraction,
  fraction,
  type RankChange,
  rankChange,
  sharedRanks,
} from "@xianfeng/ui/format";
import type { BranchCell, BranchLine, BranchRanking } from "../../server/query/branch-ranking.ts";

export type RankingRow = {
  orgId: number;
  name: string;
  category: string;
  rank: number | null;
  ofN: number;
  shared: boolean;
  change: RankChange;
  prevRank: number | null;
  share: Fraction | null;
  inTop: string | null;
  ranked: number;
  evaluated: number;
  missing: number;
  /** Fewer than ten ranked members: one person moves the share by more than ten points. */
  few: boolean;
  history: (Fraction | null)[];
};

export type RankingTable = {
  rows: RankingRow[];
  /** Share over all branches, from the same rows; null unless all of the college's branches are among them. */
  average: Fraction | null;
  totals: { inTop: bigint; ranked: bigint; missing: number; evaluated: number };
  /** Whether these are all branches that were ranked, not just those in the reader's reach. */
  whole: boolean;
  /** The largest share of any period, so that the small lines compare. */
  top: Fraction | null;
};

const fewBelow = 10;

const shareOf = (cell: Pick<BranchCell, "num" | "den"> | null | undefined): Fraction | null =>
  cell ? fraction(cell.num, cell.den) : null;

/** The table of one indicator: order and ranks are those of the warehouse, nothing is ranked here. */
export function prepareRanking(data: BranchRanking, indicator: string, comparable: boolean): RankingTable {
  const cells = data.branches.flatMap((branch) => {
    const cell = branch.cells[indicator];
    return cell ? [{ branch, cell }] : [];
  });
  const shared = sharedRanks(cells.map(({ cell }) => cell.rank));
  const rows = cells
    .map(({ branch, cell }) => rowOf(branch, cell, indicator, shared, comparable))
    .sort(
      (a, b) =>
        (a.rank ?? Number.MAX_SAFE_INTEGER) - (b.rank ?? Number.MAX_SAFE_INTEGER) ||
        a.name.localeCompare(b.name, "zh-CN"),
    );
  const sum = (pick: (cell: BranchCell) => bigint) => cells.reduce((total, { cell }) => total + pick(cell), 0n);
  const inTop = sum((cell) => BigInt(cell.num ?? 0));
  const ranked = sum((cell) => BigInt(cell.den ?? 0));
  const whole =
    cells.length > 0 && rows.filter((row) => row.rank !== null).length === Math.max(0, ...rows.map((row) => row.ofN));
  return {
    rows,
    average: whole ? fraction(inTop, ranked) : null,
    totals: {
      inTop,
      ranked,
      missing: cells.reduce((total, { cell }) => total + cell.missing, 0),
      evaluated: cells.reduce((total, { cell }) => total + cell.evaluated, 0),
    },
    whole,
    top: largest(rows.flatMap((row) => row.history)),
  };
}

function rowOf(
  branch: BranchLine,
  cell: BranchCell,
  indicator: string,
  shared: ReadonlySet<number>,
  comparable: boolean,
): RankingRow {
  return {
    orgId: branch.orgId,
    name: branch.shortName,
    category: branch.category,
    rank: cell.rank,
    ofN: cell.ofN,
    shared: cell.rank !== null && shared.has(cell.rank),
    change: rankChange(cell.rank, cell.prevRank, comparable),
    prevRank: cell.prevRank,
    share: shareOf(cell),
    inTop: cell.num,
    ranked: cell.ranked,
    evaluated: cell.evaluated,
    missing: cell.missing,
    few: cell.ranked < fewBelow,
    history: (branch.history[indicator] ?? []).map(shareOf),
  };
}

const largest = (values: (Fraction | null)[]): Fraction | null =>
  values.reduce((best, value) => (value && (!best || compareFractions(value, best) > 0) ? value : best), null);

/** Branches whose figures differ between two runs, for the comparison before publishing. */
export type Compared = { orgId: number; name: string; now: RankingRow; before: RankingRow | null; changed: boolean };

export function compareRuns(now: RankingTable, before: RankingTable): Compared[] {
  const old = new Map(before.rows.map((row) => [row.orgId, row]));
  return now.rows.map((row) => {
    const was = old.get(row.orgId) ?? null;
    const same =
      was !== null &&
      was.rank === row.rank &&
      was.inTop === row.inTop &&
      was.ranked === row.ranked &&
      was.missing === row.missing;
    return { orgId: row.orgId, name: row.name, now: row, before: was, changed: !same };
  });
}
