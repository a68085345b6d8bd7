import type { DutyRow } from "@xianfeng/ui/duty-grid";
import { type Fraction, fraction, percent } from "@xianfeng/ui/format";
import type { BranchRanking } from "../../server/query/branch-ranking.ts";
import type { Sheet } from "../../sheet/sheet.ts";
import type { RankingTable } from "./ranking.ts";

/** Words of the heads and titles, in the reader's language. */
export type SheetWords = {
  rank: string;
  branch: string;
  kind: string;
  indicator: string;
  inTop: (top: string) => string;
  ranked: string;
  share: string;
  missing: string;
  evaluated: string;
  before: string;
  after: string;
  change: string;
  period: string;
  month: string;
  present: string;
  expected: string;
  rate: string;
  weight: string;
  inTime: string;
  due: string;
};

const whole = (value: string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
const shareText = (share: Fraction | null): string | null => (share === null ? null : percent(share));
const parts = (share: Fraction | null): [number | null, number | null] =>
  share === null ? [null, null] : [Number(share.num), Number(share.den)];

/** Who stands where, with the shares of the periods before. */
export function rankingSheet(
  table: RankingTable,
  top: string,
  title: string,
  words: SheetWords,
  category: Record<string, string>,
  periods: readonly string[],
): Sheet {
  const earlier = periods.slice(0, -1);
  return {
    title,
    head: [
      words.rank,
      words.branch,
      words.kind,
      words.inTop(top),
      words.ranked,
      words.share,
      words.missing,
      words.evaluated,
      ...earlier,
    ],
    rows: table.rows.map((row) => [
      row.rank,
      row.name,
      category[row.category] ?? row.category,
      whole(row.inTop),
      row.ranked,
      shareText(row.share),
      row.missing,
      row.evaluated,
      ...earlier.map((_, at) => shareText(row.history[at] ?? null)),
    ]),
  };
}

/** Shares by kind of branch and indicator, one line each. */
export function compositionSheet(
  data: BranchRanking,
  kinds: readonly { category: string; cells: readonly (Fraction | null)[] }[],
  top: string,
  title: string,
  words: SheetWords,
  category: Record<string, string>,
): Sheet {
  return {
    title,
    head: [words.kind, words.indicator, words.inTop(top), words.ranked, words.share],
    rows: kinds.flatMap((kind) =>
      data.indicators.map((indicator, at) => {
        const share = kind.cells[at] ?? null;
        return [category[kind.category] ?? kind.category, indicator.title, ...parts(share), shareText(share)];
      }),
    ),
  };
}

export type Move = { id: string; name: string; before: number; after: number };

/** Branches that have a rank in this period and in the one before, in the order of their rank. */
export const movesOf = (table: RankingTable): Move[] =>
  table.rows.flatMap((row) =>
    row.rank !== null && row.prevRank !== null
      ? [{ id: String(row.orgId), name: row.name, before: row.prevRank, after: row.rank }]
      : [],
  );

/** Ranks before and after. A rise is a positive change. */
export const movesSheet = (moves: readonly Move[], title: string, words: SheetWords): Sheet => ({
  title,
  head: [words.branch, words.before, words.after, words.change],
  rows: moves.map(({ name, before, after }) => [name, before, after, before - after]),
});

/** A share over time with its base. */
export const trendSheet = (
  points: readonly { label: string; share: Fraction | null }[],
  title: string,
  head: readonly [string, string, string, string],
): Sheet => ({
  title,
  head: [...head],
  rows: points.map(({ label, share }) => [label, ...parts(share), shareText(share)]),
});

export const weightsSheet = (
  items: readonly { title: string; weight: number }[],
  title: string,
  words: SheetWords,
): Sheet => {
  const total = items.reduce((sum, item) => sum + item.weight, 0);
  return {
    title,
    head: [words.indicator, words.weight],
    rows: items.map((item) => [item.title, shareText(fraction(item.weight, total))]),
  };
};

/** How many duties each unit missed in each month; a month that cannot be judged, or did not exist for it, stays empty. */
export const dutySheet = (
  rows: readonly DutyRow[],
  names: ReadonlyMap<string, string>,
  months: readonly string[],
  title: string,
  words: SheetWords,
  monthName: (month: number) => string,
): Sheet => ({
  title,
  head: [
    words.branch,
    ...months.map((month) => monthName(Number(month.slice(5)))),
    words.inTime,
    words.due,
    words.rate,
  ],
  rows: rows.map((row) => [
    names.get(row.unit) ?? row.unit,
    ...row.cells.map((cell) => (cell.state === "done" ? 0 : cell.state === "missed" ? cell.count : null)),
    row.inTime,
    row.due,
    row.due > 0 ? percent(fraction(row.inTime, row.due), 0) : null,
  ]),
});
