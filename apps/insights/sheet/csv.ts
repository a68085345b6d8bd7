import Papa from "papaparse";
import type { Sheet } from "./sheet.ts";

/**
 * A sheet as CSV for Excel: UTF-8 with BOM, cells that would run as a formula are defused, missing values stay empty.
 * @param mark a line of its own above the head: who took the file, when, and of which data
 */
export function toCsv(sheet: Sheet, mark?: string): string {
  const rows = sheet.rows.map((row) => row.map((cell) => cell ?? ""));
  const lines = [...(mark === undefined ? [] : [[mark]]), sheet.head, ...rows];
  return `\uFEFF${Papa.unparse(lines, { escapeFormulae: true, newline: "\r\n" })}\r\n`;
}

/** A title as the name of a file on any system. */
export const fileName = (title: string): string =>
  `${title.replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, "").slice(0, 80)}.csv`;

/** A header value that any browser reads right, whatever is in the title. */
export const attachment = (title: string): string =>
  `attachment; filename="export.csv"; filename*=UTF-8''${encodeURIComponent(fileName(title))}`;
