import type { RankingTable } from "./ranking.ts";

export type Check = { key: "tree" | "people" | "complete" | "stream" | "scheme"; mark: "ok" | "warn" | "err" | "off" };

export type Checks = { list: Check[]; blocking: number; attention: number };

/**
 * What stands between the records and a report, from the figures that would be published. Missing values are to be known,
 * not to be repaired; what cannot be known while the analytics side is away is neither good nor bad; without branches, or while the data are late, there is nothing to generate.
 */
export function checkData(table: RankingTable | null, late: boolean, hasScheme: boolean): Checks {
  const when = (known: (table: RankingTable) => Check["mark"]) => (table === null ? "off" : known(table));
  const list: Check[] = [
    { key: "tree", mark: when(({ rows }) => (rows.length > 0 ? "ok" : "err")) },
    { key: "people", mark: when(({ totals }) => (totals.evaluated > 0 ? "ok" : "err")) },
    { key: "complete", mark: when(({ totals }) => (totals.missing > 0 ? "warn" : "ok")) },
    { key: "scheme", mark: hasScheme ? "ok" : "err" },
    { key: "stream", mark: table === null || late ? "err" : "ok" },
  ];
  const marked = (mark: Check["mark"]) => list.filter((check) => check.mark === mark).length;
  return { list, blocking: marked("err"), attention: marked("warn") };
}
