import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { header, rawWorkbook, rowXml, sheetXml, workbookOf, zipOf } from "../../test/workbooks.ts";
import { DomainError } from "../kernel/index.ts";
import { limits, readFirstSheet } from "./workbook.ts";

const textsOf = async (file: Uint8Array) =>
  (await readFirstSheet(file)).rows.map((row) => row.cells.map((cell) => cell.text));

async function refusal(file: Uint8Array): Promise<string> {
  const error = await readFirstSheet(file).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DomainError);
  return error instanceof DomainError ? error.message : "";
}

describe("what is read", () => {
  it("keeps texts as they are and trims what cannot be seen", async () => {
    const file = await workbookOf([header, ["0012", "\u200B𬱖文䶮\u3000", "\u00A0软件工程党支部 ", "86.5"]]);
    expect(await textsOf(file)).toEqual([header, ["0012", "𬱖文䶮", "软件工程党支部", "86.5"]]);
  });

  it("does not tear characters apart where a long part is cut into slices", async () => {
    // Three bytes each, and slices whose length three does not divide: every slice boundary falls inside a character.
    const names = Array.from({ length: 4_000 }, (_, at) => `标记${"甲乙丙丁戊己庚辛"[at % 8]}的很长的一段名字${at}`);
    const strings = names.map((name) => `<si><t>${name}</t></si>`).join("");
    const rows = names.map((_, at) => `<row r="${at + 1}"><c r="A${at + 1}" t="s"><v>${at}</v></c></row>`).join("");
    expect(Buffer.byteLength(strings)).toBeGreaterThan(3 * 65_536);
    expect(await textsOf(rawWorkbook(sheetXml(rows), { strings }))).toEqual(names.map((name) => [name]));
  });

  it("joins rich text, leaves reading aids out and undoes escapes", async () => {
    const strings =
      "<si><r><t>周</t></r><r><t>明哲</t></r></si><si><t>重庆</t><rPh sb='0' eb='2'><t>chongqing</t></rPh></si><si><t>甲_x0041_乙</t></si>";
    const rows = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>`;
    expect(await textsOf(rawWorkbook(sheetXml(rows), { strings }))).toEqual([["周明哲", "重庆", "甲A乙"]]);
  });

  it("reads numbers as they are shown: percent formats, no noise of binary fractions", async () => {
    const file = await workbookOf([["得分"], [0.865], [86.1], [86.10000000000001], [1]], (sheet) => {
      sheet.getCell("A2").numFmt = "0.00%";
      sheet.getCell("A5").numFmt = "0%";
    });
    const { rows } = await readFirstSheet(file);
    expect(rows.slice(1).map((row) => row.cells[0])).toEqual([
      { text: "86.5", problem: "number", address: "A2" },
      { text: "86.1", problem: "number", address: "A3" },
      { text: "86.1", problem: "number", address: "A4" },
      { text: "100", problem: "number", address: "A5" },
    ]);
  });

  it("never takes a formula, an error value or a date for what it shows", async () => {
    const file = await workbookOf([
      [{ formula: '"周"&"明哲"', result: "周明哲" }, { error: "#N/A" }, new Date("2026-01-02T00:00:00Z")],
    ]);
    const [row] = (await readFirstSheet(file)).rows;
    expect(row?.cells.map((cell) => cell.problem)).toEqual(["formula", "error", "date"]);
    expect(row?.cells[0]?.text).toBe("");
  });

  it("names merged cells, counts hidden rows and other sheets, skips hidden sheets and empty rows", async () => {
    const file = await workbookOf(
      [header, ["1", "甲", "一支部", "80"], [], ["2", "", "一支部", "81"]],
      (sheet, book) => {
        sheet.mergeCells("B2:B4");
        sheet.getRow(4).hidden = true;
        book.addWorksheet("说明").addRow(["别的表"]);
      },
    );
    const read = await readFirstSheet(file);
    expect(read).toMatchObject({ name: "评价数据", hiddenRows: 1, otherSheets: 1 });
    expect(read.rows.map((row) => row.no)).toEqual([1, 2, 4]);
    expect(read.rows[1]?.cells[1]).toEqual({ text: "甲", problem: null, address: "B2" });
    expect(read.rows[2]?.cells[1]).toMatchObject({ problem: "merged", address: "B4" });

    const second = await workbookOf([["不读"]], (sheet, book) => {
      sheet.state = "hidden";
      book.addWorksheet("要读").addRow(["读"]);
    });
    expect(await readFirstSheet(second)).toMatchObject({ name: "要读", otherSheets: 1 });
  });
});

describe("what is refused", () => {
  const good = () => workbookOf([header, ["1", "甲", "一支部", "80"]]);

  it.each([
    ["an old .xls or an encrypted file", async () => Buffer.from("d0cf11e0a1b11ae10000", "hex"), "旧版 .xls 或加密"],
    ["a renamed .csv", async () => Buffer.from("\uFEFF学号,姓名,党支部,得分\n1,甲,一支部,80"), "改了扩展名"],
    ["an empty file", async () => Buffer.alloc(0), "不是 .xlsx"],
    ["a truncated file", async () => (await good()).subarray(0, -200), "不完整"],
    ["a file cut to its first bytes", async () => (await good()).subarray(0, 30), "不完整"],
    ["a zip that is no workbook", async () => zipOf([{ name: "a.txt", body: Buffer.from("a") }]), "不是表格文件"],
    [
      "macros",
      async () => rawWorkbook(sheetXml(""), { more: [{ name: "xl/vbaProject.bin", body: Buffer.from("x") }] }),
      "宏",
    ],
    ["broken XML", async () => rawWorkbook("<worksheet><sheetData><row></worksheet>"), "损坏"],
    [
      "bytes that are not UTF-8",
      async () => rawWorkbook(Buffer.from(sheetXml(rowXml(1, ["\xe4\xe5"])), "latin1")),
      "损坏",
    ],
    [
      "a cell beyond the grid",
      async () => rawWorkbook(sheetXml('<row r="1"><c r="A16777217"><v>1</v></c></row>')),
      "损坏",
    ],
    ["rows out of order", async () => rawWorkbook(sheetXml(rowXml(3, ["甲"]) + rowXml(3, ["乙"]))), "损坏"],
    [
      "a document type with an external entity",
      async () =>
        rawWorkbook(
          `<!DOCTYPE w [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>${sheetXml(rowXml(1, ["&e;"])).replace(/<\?.*?\?>/, "")}`,
        ),
      "损坏",
    ],
    ["an undeclared entity", async () => rawWorkbook(sheetXml(rowXml(1, ["&bomb;"]))), "损坏"],
  ])("%s", async (_, file, words) => {
    expect(await refusal(await file())).toContain(words);
  });

  it("more rows than one import may have, quickly and while others are served", async () => {
    const rows = Array.from({ length: 10_001 }, (_, at) => rowXml(at + 1, [`S${at}`, "甲", "一支部", "80"])).join("");
    const file = rawWorkbook(sheetXml(rows));
    let longest = 0;
    let last = performance.now();
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const began = performance.now();
    expect(await refusal(file)).toBe(`一次最多导入${limits.rows}行，请分开上传`);
    clearInterval(ticks);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(longest).toBeLessThan(300);
  });

  it("takes exactly as many rows as one import may have", async () => {
    const rows = Array.from({ length: limits.rows + 1 }, (_, at) => rowXml(at + 1, [`S${at}`])).join("");
    expect((await readFirstSheet(rawWorkbook(sheetXml(rows)))).rows).toHaveLength(limits.rows + 1);
  });
});

describe("a file that unpacks to more than it may", () => {
  let before = 0;
  let most = 0;
  let watch: NodeJS.Timeout;
  beforeEach(() => {
    before = process.memoryUsage().rss;
    most = before;
    watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 1);
  });
  afterEach(() => clearInterval(watch));
  const grown = () => Math.max(most, process.memoryUsage().rss) - before;

  it("is refused before unpacking when its directory says so", async () => {
    const bomb = rawWorkbook(sheetXml(""), {
      more: [{ name: "xl/media/a.bin", body: Buffer.alloc(200_000_000) }],
    });
    expect(bomb.length).toBeLessThan(400_000);
    before = process.memoryUsage().rss;
    expect(await refusal(bomb)).toContain("解开后太大");
    expect(grown()).toBeLessThan(20_000_000);
  });

  it("is cut off where its directory lies", async () => {
    const sheet = sheetXml(rowXml(1, ["0".repeat(200_000_000)]));
    const bomb = rawWorkbook(sheet, { statedSheetSize: 5_000 });
    before = process.memoryUsage().rss;
    expect(await refusal(bomb)).toContain("损坏");
    expect(grown()).toBeLessThan(20_000_000);
  });
});
