import { Readable } from "node:stream";
import ExcelJS from "exceljs";
import { DomainError } from "../kernel/index.ts";

/** One cell as a person sees it: its text, or why it cannot be taken. */
export type Cell = { text: string; problem: "formula" | "number_for_text" | null; address: string };
export type SheetRow = { no: number; cells: Cell[] };

const limits = { unpackedBytes: 60_000_000, rows: 5_000, columns: 50 };

/** Sum of the unpacked sizes that a zip's directory states. A bomb is refused before anything is unpacked (IA31). */
export function unpackedSize(zip: Uint8Array): number | null {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return null;
  let at = view.getUint32(end + 16, true);
  let total = 0;
  for (let entry = view.getUint16(end + 10, true); entry > 0; entry--) {
    if (at + 46 > zip.byteLength || view.getUint32(at, true) !== 0x02014b50) return null;
    total += view.getUint32(at + 24, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return total;
}

const refuse = (zh: string, en: string) => new DomainError("invalid", zh, en);

/**
 * Reads the first sheet of an .xlsx row by row. Formulas are never computed; a number keeps its digits only while it is exact.
 * @throws DomainError when the file is not a workbook, is too large, or is damaged
 */
export async function readFirstSheet(file: Uint8Array): Promise<SheetRow[]> {
  if (file[0] === 0xd0 && file[1] === 0xcf)
    throw refuse("这是旧版 .xls 或加密的文件，请另存为不加密的 .xlsx 再上传", "Save as .xlsx without a password");
  const size = unpackedSize(file);
  if (size === null) throw refuse("这不是完整的 .xlsx 文件，请重新另存后上传", "Not a complete .xlsx file");
  if (size > limits.unpackedBytes) throw refuse("文件解开后太大，请只保留要导入的表", "Too large when unpacked");
  const rows: SheetRow[] = [];
  try {
    const reader = new ExcelJS.stream.xlsx.WorkbookReader(Readable.from([Buffer.from(file)]), {
      sharedStrings: "cache",
      styles: "cache",
      worksheets: "emit",
      entries: "emit",
      hyperlinks: "ignore",
    });
    for await (const sheet of reader) {
      for await (const row of sheet) {
        if (row.number > limits.rows + 1) throw refuse(`一次最多导入${limits.rows}行，请分开上传`, "Too many rows");
        const cells = Array.from({ length: Math.min(row.cellCount, limits.columns) }, (_, index) =>
          toCell(row.getCell(index + 1)),
        );
        if (cells.some((cell) => cell.text !== "" || cell.problem)) rows.push({ no: row.number, cells });
      }
      break;
    }
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw refuse("文件读不出来，可能已损坏。请在表格软件里另存为 .xlsx 再上传", "The file cannot be read");
  }
  return rows;
}

/** Spaces of every width and invisible characters around a value are not part of it (IA38). */
const clean = (text: string) =>
  text
    .normalize("NFC")
    .replace(/[\u200B-\u200D\uFEFF]/g, "")
    .replace(/\u00A0|\u3000/g, " ")
    .trim();

function toCell(cell: ExcelJS.Cell): Cell {
  const { address, value } = cell;
  const plain = (text: string): Cell => ({ text: clean(text), problem: null, address });
  if (value === null || value === undefined) return plain("");
  if (typeof value === "string") return plain(value);
  if (typeof value === "number") return { text: String(value), problem: "number_for_text", address };
  if (typeof value === "boolean") return plain(value ? "是" : "否");
  if (value instanceof Date) return plain(value.toISOString().slice(0, 10));
  if ("formula" in value || "sharedFormula" in value) return { text: "", problem: "formula", address };
  if ("richText" in value) return plain(value.richText.map((part) => part.text).join(""));
  if ("text" in value) return plain(String(value.text));
  return { text: "", problem: "formula", address };
}
