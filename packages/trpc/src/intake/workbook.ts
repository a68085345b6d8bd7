import { DomainError } from "../kernel/index.ts";
import { type Grid, readSheet, readStrings, readStyles, type SheetRow } from "./sheet.ts";
import { readXml } from "./xml.ts";
import { type Part, readDirectory, unpack } from "./zip.ts";

export type { Cell, CellProblem, SheetRow } from "./sheet.ts";

/** The first visible sheet: its rows that hold anything, and what of the workbook was left out or is easily overlooked. */
export type FirstSheet = { name: string; rows: SheetRow[]; hiddenRows: number; otherSheets: number };

export const limits = { unpackedBytes: 30_000_000, parts: 2_000, rows: 5_000, columns: 50 };

const refuse = (zh: string, en: string) => new DomainError("invalid", zh, en);
const damaged = () => refuse("文件读不出来，可能已损坏。请在表格软件里另存为 .xlsx 再上传", "The file cannot be read");
const tooManyRows = () => refuse(`一次最多导入${limits.rows}行，请分开上传`, "Too many rows");

const startsWith = (file: Uint8Array, ...bytes: number[]) => bytes.every((byte, at) => file[at] === byte);

/**
 * Reads the first visible sheet of an .xlsx. Formulas are never computed and links never followed.
 * @throws DomainError in words a person can act on when the file is not a workbook, is too large, or is damaged (IA31–IA41)
 */
export async function readFirstSheet(file: Uint8Array): Promise<FirstSheet> {
  const parts = partsOf(file);
  try {
    return await readGrid(parts);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw damaged();
  }
}

/** The parts of the workbook, after everything that can be said without unpacking. */
function partsOf(file: Uint8Array): Map<string, Part> {
  if (startsWith(file, 0xd0, 0xcf, 0x11, 0xe0))
    throw refuse("这是旧版 .xls 或加密的文件，请另存为不加密的 .xlsx 再上传", "Save as .xlsx without a password");
  if (!startsWith(file, 0x50, 0x4b))
    throw refuse("这不是 .xlsx 文件，可能只是改了扩展名。请在表格软件里另存为 .xlsx 再上传", "Not an .xlsx file");
  const list = readDirectory(file);
  if (!list) throw refuse("文件不完整，可能没有传完。请重新另存为 .xlsx 再上传", "Not a complete .xlsx file");
  if (list.length > limits.parts || list.reduce((sum, part) => sum + part.size, 0) > limits.unpackedBytes)
    throw refuse("文件解开后太大，请只保留要导入的表", "Too large when unpacked");
  if (list.some((part) => part.locked)) throw refuse("文件有密码，请去掉密码再上传", "Remove the password first");
  const parts = new Map(list.map((part) => [part.name.replace(/^\//, ""), part]));
  if ([...parts.keys()].some((name) => /vbaProject\.bin$/i.test(name)))
    throw refuse("文件带有宏，请另存为不带宏的 .xlsx 再上传", "Save without macros");
  if (!parts.has("xl/workbook.xml")) throw refuse("这不是表格文件，请上传 .xlsx", "Not a workbook");
  return parts;
}

async function readGrid(parts: Map<string, Part>): Promise<FirstSheet> {
  const open = async (name: string) => {
    const part = parts.get(name);
    return part ? unpack(part) : null;
  };
  const sheets = await readSheetList(open);
  const visible = sheets.filter((sheet) => !sheet.hidden);
  const first = visible[0];
  const bytes = first && (await open(first.path));
  if (!first || !bytes) throw damaged();
  const grid: Grid = {
    strings: await readStrings(await open("xl/sharedStrings.xml")),
    formats: await readStyles(await open("xl/styles.xml")),
  };
  const rows = await readSheet(bytes, grid, {
    columns: limits.columns,
    onRow: (count) => {
      // One row more than the data: the header.
      if (count > limits.rows + 1) throw tooManyRows();
    },
  });
  return {
    name: first.name,
    rows,
    hiddenRows: rows.filter((row) => row.hidden).length,
    otherSheets: sheets.length - 1,
  };
}

/** Sheets in the order of their tabs. */
async function readSheetList(open: (name: string) => Promise<Uint8Array | null>) {
  const [book, relations] = [await open("xl/workbook.xml"), await open("xl/_rels/workbook.xml.rels")];
  if (!book || !relations) throw damaged();
  const targets = new Map<string, string>();
  await readXml(relations, {
    open(name, at) {
      if (name === "Relationship" && at.TargetMode !== "External") targets.set(at.Id ?? "", at.Target ?? "");
    },
  });
  const sheets: { name: string; path: string; hidden: boolean }[] = [];
  await readXml(book, {
    open(name, at) {
      if (name !== "sheet") return;
      const relation = Object.entries(at).find(([attribute]) => attribute.endsWith(":id"))?.[1];
      const target = targets.get(relation ?? "") ?? "";
      const path = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
      sheets.push({ name: at.name ?? "", path, hidden: at.state === "hidden" || at.state === "veryHidden" });
    },
  });
  return sheets;
}
