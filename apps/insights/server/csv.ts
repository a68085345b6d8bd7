import Papa from "papaparse";
import type { Sheet } from "./query/define.ts";

/**
 * A sheet as CSV for Excel: UTF-8 with BOM, cells that would run as a formula are defused, missing values stay empty.
 */
export function toCsv(sheet: Sheet): string {
  const rows = sheet.rows.map((row) => row.map((cell) => cell ?? ""));
  return `\uFEFF${Papa.unparse({ fields: sheet.head, data: rows }, { escapeFormulae: true, newline: "\r\n" })}\r\n`;
}

/** A header value that any browser reads right, whatever is in the title. */
export const attachment = (title: string): string => {
  const safe = title.replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, "").slice(0, 80);
  return `attachment; filename="export.csv"; filename*=UTF-8''${encodeURIComponent(safe)}.csv`;
};
