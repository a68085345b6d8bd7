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

/** Base64 of a workbook of at most 4 MB. */
export const importCheckInput = z.strictObject({
  batchId: uuid,
  periodId: uuid,
  indicatorId: uuid,
  fileName: someText(200, "文件名"),
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
    studentNo: text(40, "学号"),
    name: text(60, "姓名"),
    branch: text(100, "党支部"),
    value: text(20, "得分"),
  }),
});
export const importConfirmInput = z.strictObject({ rowId: uuid, personId: uuid });

export type ImportCells = z.output<typeof importFixInput>["cells"];
/** What is wrong with a row, and what to do. */
export type ImportProblem = { column: ImportColumn; code: string; message: string };
