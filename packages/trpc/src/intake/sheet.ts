import { readXml } from "./xml.ts";

/** Why the text of a cell cannot simply be taken. */
export type CellProblem = "formula" | "error" | "number" | "date" | "merged";
/** One cell as a person sees it, with its address. */
export type Cell = { text: string; problem: CellProblem | null; address: string };
export type SheetRow = { no: number; hidden: boolean; cells: Cell[] };

type Format = "plain" | "percent" | "date";
/** What cells point to: shared texts, and the number format of each style. */
export type Grid = { strings: string[]; formats: Format[] };

/** Spaces of every width and invisible characters around a value are not part of it (IA38). */
export const clean = (text: string): string =>
  text
    .normalize("NFC")
    .replace(/[\u200B-\u200D\u2060\uFEFF]/g, "")
    .replace(/[\u00A0\u2000-\u200A\u202F\u3000]/g, " ")
    .trim();

/** Spreadsheets write control characters as `_x000D_`. */
const unescaped = (text: string) =>
  text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** Texts shared by cells; a reading aid above a text (`rPh`) is not part of it. */
export async function readStrings(bytes: Uint8Array | null): Promise<string[]> {
  const strings: string[] = [];
  let text: string[] = [];
  let inText = false;
  let inAid = false;
  if (bytes)
    await readXml(bytes, {
      open(name) {
        if (name === "si") text = [];
        else if (name === "rPh") inAid = true;
        else if (name === "t") inText = !inAid;
      },
      text(part) {
        if (inText) text.push(part);
      },
      close(name) {
        if (name === "t") inText = false;
        else if (name === "rPh") inAid = false;
        else if (name === "si") strings.push(unescaped(text.join("")));
      },
    });
  return strings;
}

const builtIn = (id: number): Format => {
  if (id === 9 || id === 10) return "percent";
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)
    ? "date"
    : "plain";
};

function formatOf(code: string): Format {
  const bare = code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, "");
  if (bare.includes("%")) return "percent";
  return /[ymdhs]/i.test(bare) && !/general/i.test(bare) ? "date" : "plain";
}

/** The number format of each cell style. */
export async function readStyles(bytes: Uint8Array | null): Promise<Format[]> {
  const custom = new Map<number, Format>();
  const formats: Format[] = [];
  let inCells = false;
  if (bytes)
    await readXml(bytes, {
      open(name, at) {
        if (name === "numFmt") custom.set(Number(at.numFmtId), formatOf(at.formatCode ?? ""));
        else if (name === "cellXfs") inCells = true;
        else if (name === "xf" && inCells) {
          const id = Number(at.numFmtId ?? 0);
          formats.push(custom.get(id) ?? builtIn(id));
        }
      },
      close(name) {
        if (name === "cellXfs") inCells = false;
      },
    });
  return formats;
}

const gridRows = 1_048_576;
const gridColumns = 16_384;

/** `AB12` as column 28 and row 12. @throws Error beyond the grid of a spreadsheet (IA32) */
function place(address: string): { column: number; row: number } {
  const match = /^([A-Z]{1,3})(\d{1,7})$/.exec(address);
  const letters = match?.[1] ?? "";
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  const row = Number(match?.[2] ?? 0);
  if (column < 1 || column > gridColumns || row < 1 || row > gridRows) throw new Error("cell outside the grid");
  return { column, row };
}

const letters = (column: number): string =>
  column > 26
    ? letters(Math.floor((column - 1) / 26)) + letters(((column - 1) % 26) + 1)
    : String.fromCharCode(64 + column);

type OpenCell = { address: string; column: number; kind: string; style: number; formula: boolean; value: string[] };

/** Rows that hold anything. `onRow` is told how many there are so far and may throw. */
export async function readSheet(
  bytes: Uint8Array,
  grid: Grid,
  { columns, onRow }: { columns: number; onRow: (count: number) => void },
): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  const merged: string[] = [];
  let row: SheetRow = { no: 0, hidden: false, cells: [] };
  let cell: OpenCell | null = null;
  let column = 0;
  let inValue = false;
  let inAid = false;
  await readXml(bytes, {
    open(name, at) {
      if (name === "row") {
        const no = at.r === undefined ? row.no + 1 : Number(at.r);
        if (!(no > row.no && no <= gridRows)) throw new Error("row outside the grid or out of order");
        row = { no, hidden: at.hidden === "1", cells: [] };
        column = 0;
      } else if (name === "c") {
        column = at.r === undefined ? column + 1 : place(at.r).column;
        const address = `${letters(column)}${row.no}`;
        cell = { address, column, kind: at.t ?? "n", style: Number(at.s ?? 0), formula: false, value: [] };
      } else if (name === "f" && cell) cell.formula = true;
      else if (name === "rPh") inAid = true;
      else if (name === "v" || name === "t") inValue = !inAid;
      else if (name === "mergeCell" && merged.length < 2_000) merged.push(at.ref ?? "");
    },
    text(part) {
      if (inValue) cell?.value.push(part);
    },
    close(name) {
      if (name === "v" || name === "t") inValue = false;
      else if (name === "rPh") inAid = false;
      else if (name === "c" && cell) {
        if (cell.column <= columns) row.cells[cell.column - 1] = toCell(cell, grid);
        cell = null;
      } else if (name === "row" && row.cells.some((one) => one && (one.text !== "" || one.problem))) {
        rows.push(row);
        onRow(rows.length);
      }
    },
  });
  for (const one of rows)
    one.cells = Array.from(
      one.cells,
      (kept, at) => kept ?? { text: "", problem: null, address: `${letters(at + 1)}${one.no}` },
    );
  markMerged(rows, merged);
  return rows;
}

/** Only the first cell of merged ones has a value; the others are named instead of being read as empty (IA34). */
function markMerged(rows: SheetRow[], merged: readonly string[]): void {
  for (const range of merged) {
    const [from = "", to = from] = range.split(":");
    const [first, last] = [place(from), place(to)];
    for (const row of rows) {
      if (row.no < first.row || row.no > last.row) continue;
      for (let column = first.column; column <= Math.min(last.column, row.cells.length); column++) {
        const cell = row.cells[column - 1];
        const holdsTheValue = row.no === first.row && column === first.column;
        if (cell && !holdsTheValue) cell.problem = "merged";
      }
    }
  }
}

function toCell({ address, kind, style, formula, value }: OpenCell, grid: Grid): Cell {
  const raw = value.join("");
  if (formula) return { text: "", problem: "formula", address };
  if (kind === "e") return { text: "", problem: "error", address };
  if (kind === "s") return { text: clean(grid.strings[Number(raw)] ?? ""), problem: null, address };
  if (kind === "b") return { text: raw === "1" ? "是" : "否", problem: null, address };
  if (kind !== "n") return { text: clean(unescaped(raw)), problem: null, address };
  if (raw === "") return { text: "", problem: null, address };
  const format = grid.formats[style] ?? "plain";
  if (format === "date") return { text: raw, problem: "date", address };
  // Fifteen digits are what a spreadsheet shows; the sixteenth is noise of binary fractions.
  const number = Number((Number(raw) * (format === "percent" ? 100 : 1)).toPrecision(15));
  return { text: String(number), problem: "number", address };
}
