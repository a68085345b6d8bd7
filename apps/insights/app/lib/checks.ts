import type { RankingTable } from "./ranking.ts";

export type Check = { key: "tree" | "people" | "complete" | "stream" | "scheme"; mark: "ok" | "warn" | "err" };

export type Checks = { list: Check[]; blocking: number; attention: number };

/**
 * What stands between the records and a report, from the figures that would be published. Missing values are to be known,
 * not to be repaired; without branches, or while the data are late, there is nothing to generate.
 */
export function checkData(table: RankingTable | null, late: boolean, hasScheme: boolean): Checks {
  const list: Check[] = [
    { key: "tree", mark: table && table.rows.length > 0 ? "ok" : "err" },
    { key: "people", mark: table && table.totals.evaluated > 0 ? "ok" : "err" },
    { key: "complete", mark: table && table.totals.missing > 0 ? "warn" : "ok" },
    { key: "scheme", mark: hasScheme ? "ok" : "err" },
    { key: "stream", mark: table === null || late ? "err" : "ok" },
  ];
  const marked = (mark: Check["mark"]) => list.filter((check) => check.mark === mark).length;
  return { list, blocking: marked("err"), attention: marked("warn") };
}
