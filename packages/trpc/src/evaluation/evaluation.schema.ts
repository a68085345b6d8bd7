import { z } from "zod";
import { page, someText, text, uuid } from "../kernel/input.ts";

export const runInput = z.strictObject({ runId: uuid });
export const periodInput = z.strictObject({ periodId: uuid });
export const publishInput = z.strictObject({ runId: uuid, note: text(100, "更正说明").default("") });
export const retractInput = z.strictObject({ runId: uuid, reason: someText(200, "撤回原因") });

export const entryListInput = z.strictObject({
  periodId: uuid,
  indicatorId: uuid,
  q: text(40, "关键字").default(""),
  ...page,
});

/** The four columns of the workbook, in any order. */
export const importColumns = { studentNo: "学号", name: "姓名", branch: "党支部", value: "得分" } as const;
export type ImportColumn = keyof typeof importColumns;
export const importColumnKeys = Object.keys(importColumns) as ImportColumn[];

/** Longest text of each column, in code points. */
export const importLengths = { studentNo: 40, name: 60, branch: 100, value: 20 } as const;
const importCell = (column: ImportColumn) => text(importLengths[column], importColumns[column]);

/** A name is only shown: control and direction characters in it would show something else (IA44). */
const fileName = someText(200, "文件名").transform((name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ""));

/** Base64 of a workbook of at most 4 MB. */
export const importCheckInput = z.strictObject({
  batchId: uuid,
  periodId: uuid,
  indicatorId: uuid,
  fileName,
  file: z.base64("文件没有传完整，请重新选择").max(5_600_000, "文件不能超过4MB"),
});
export const importBatchInput = z.strictObject({ batchId: uuid });
export const importRowsInput = z.strictObject({
  batchId: uuid,
  state: z.enum(["ready", "refused", "confirm", "applied"]).optional(),
  ...page,
});
export const importFixInput = z.strictObject({
  rowId: uuid,
  cells: z.strictObject({
    studentNo: importCell("studentNo"),
    name: importCell("name"),
    branch: importCell("branch"),
    value: importCell("value"),
  }),
});
export const importConfirmInput = z.strictObject({ rowId: uuid, personId: uuid });

export type ImportCells = z.output<typeof importFixInput>["cells"];
/** What is wrong with a row and what to do; `suggestion` is a value that would be right. */
export type ImportProblem = { column: ImportColumn; code: string; message: string; suggestion?: string };
