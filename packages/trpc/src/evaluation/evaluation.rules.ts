import { createHash } from "node:crypto";
import type { RunResult, RunValue } from "../kernel/seal-reader.ts";

/** `2026年下半年` */
export const periodTitle = (period: { year: number; ordinal: number }): string =>
  `${period.year}年${period.ordinal === 1 ? "上" : "下"}半年`;

const cell = (value: string | number | boolean | null) => (value === null ? "\\N" : String(value));

/** One line for each sealed row, in an order that does not depend on how they were read. */
export function canonicalLines(
  run: { id: string; periodId: string; schemeVersionId: string; asOfOn: string },
  values: readonly RunValue[],
  results: readonly RunResult[],
): string[] {
  const line = (...cells: (string | number | boolean | null)[]) => cells.map(cell).join("\t");
  const valueLines = values.map((v) =>
    line("V", v.subjectKind, v.subjectId, v.indicatorCode, v.groupOrgId, v.valueNum, v.valueDen),
  );
  const resultLines = results.map((r) =>
    line(
      "R",
      r.populationKind,
      r.populationOrgId,
      r.subjectKind,
      r.subjectId,
      r.indicatorCode,
      r.groupOrgId,
      r.scoreNum,
      r.scoreDen,
      r.rank,
      r.ofN,
      r.isTop,
      r.prevRank,
    ),
  );
  return [
    line("RUN", run.id, run.periodId, run.schemeVersionId, run.asOfOn),
    ...valueLines.sort(),
    ...resultLines.sort(),
  ];
}

/** SHA-256 over the canonical lines joined by line feeds: the same rows give the same digest wherever they are read (scripts/verify-seal.py). */
export const digestOf = (...args: Parameters<typeof canonicalLines>): string =>
  createHash("sha256")
    .update(canonicalLines(...args).join("\n"))
    .digest("hex");

/** `16/B374D848` as the whole number that it is. */
export function lsnToNumber(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** Whether everything committed before `closeLsn` is in rows that are complete up to `asOfLsn`. */
export const covers = (asOfLsn: string, closeLsn: string): boolean => BigInt(asOfLsn) >= lsnToNumber(closeLsn);

/** A percentage typed in a cell, in hundredths of a percent; null when it is not one between 0 and 100 with at most two decimals. */
export function percentToBp(typed: string): number | null {
  const plain = typed.normalize("NFKC").trim().replace(/\s*%$/, "");
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match) return null;
  const bp = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return bp <= 10_000 ? bp : null;
}
