import { crc32, deflateRawSync } from "node:zlib";
import ExcelJS from "exceljs";
import { importColumns } from "../src/evaluation/evaluation.schema.ts";

export const header = Object.values(importColumns);

/** A workbook as a spreadsheet program would save it. The first row is the header unless another is given. */
export async function workbookOf(
  rows: readonly (readonly ExcelJS.CellValue[])[],
  change: (sheet: ExcelJS.Worksheet, workbook: ExcelJS.Workbook) => void = () => {},
): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet("评价数据");
  for (const row of rows) sheet.addRow([...row]);
  change(sheet, workbook);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

type File = { name: string; body: Buffer; statedSize?: number };

/** A zip made by hand, so that it can lie. */
export function zipOf(files: readonly File[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, body, statedSize } of files) {
    const packed = deflateRawSync(body);
    const nameBytes = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(body), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(statedSize ?? body.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, nameBytes, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, place, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, list, Buffer.from("PK\x05\x06", "latin1"), end]);
}

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** The parts of a workbook with one sheet whose XML is written by hand. `strings` is the body of the shared texts. */
export const rawWorkbook = (
  sheet: string | Buffer,
  options: { strings?: string; statedSheetSize?: number; more?: File[] } = {},
) =>
  zipOf([
    {
      name: "xl/workbook.xml",
      body: Buffer.from(
        `<workbook ${main} xmlns:r="${relationship}"><sheets><sheet name="一" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ),
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      body: Buffer.from(
        `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relationship}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
      ),
    },
    ...(options.strings
      ? [{ name: "xl/sharedStrings.xml", body: Buffer.from(`<sst ${main}>${options.strings}</sst>`) }]
      : []),
    {
      name: "xl/worksheets/sheet1.xml",
      body: typeof sheet === "string" ? Buffer.from(sheet) : sheet,
      ...(options.statedSheetSize === undefined ? {} : { statedSize: options.statedSheetSize }),
    },
    ...(options.more ?? []),
  ]);

export const sheetXml = (rows: string, after = "") =>
  `<?xml version="1.0" encoding="UTF-8"?><worksheet ${main}><sheetData>${rows}</sheetData>${after}</worksheet>`;

/** A row of texts written into the cells themselves. */
export const rowXml = (no: number, texts: readonly string[]) =>
  `<row r="${no}">${texts.map((text, at) => `<c r="${"ABCDEFGHIJ"[at]}${no}" t="inlineStr"><is><t>${text}</t></is></c>`).join("")}</row>`;
