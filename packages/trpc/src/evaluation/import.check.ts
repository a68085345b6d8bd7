import { createHash } from "node:crypto";
import type { z } from "zod";
import { readFirstSheet } from "../intake/workbook.ts";
import { type Context, calendar, invalid } from "../kernel/index.ts";
import { type importCheckInput, importColumns } from "./evaluation.schema.ts";
import { type BatchParameters, summarise } from "./import.batch.ts";
import { findCandidates, findTarget } from "./import.people.ts";
import { type Judgement, judge, markRepeats, readCells, readHeader } from "./import.rules.ts";

/** Rows hold personal data and are kept no longer than this. */
const daysKept = 30;

/**
 * Reads a workbook and says row by row what would happen; nothing is imported yet. The batch id makes a repeat harmless.
 * @throws INVALID for a file or header that cannot be read
 */
export async function checkImport(ctx: Context, input: z.output<typeof importCheckInput>) {
  const { period } = await findTarget(ctx, input);
  const file = Buffer.from(input.file, "base64");
  const sheet = await readFirstSheet(file);
  const [header, ...body] = sheet.rows;
  const at = readHeader(header);
  if (body.length === 0) throw invalid("表里没有数据行，请填写后再上传", "No rows");
  const parameters: BatchParameters = {
    periodId: input.periodId,
    indicatorId: input.indicatorId,
    sheet: sheet.name.toWellFormed().slice(0, 60),
    hiddenRows: sheet.hiddenRows,
    otherSheets: sheet.otherSheets,
    outcome: { added: 0, replaced: 0, unchanged: 0 },
  };
  const { tenantId, principalId } = ctx.scope;
  await ctx.tx.importBatch.deleteMany({ where: { expiresAt: { lte: ctx.now } } });
  const { count } = await ctx.tx.importBatch.createMany({
    data: [
      {
        id: input.batchId,
        tenantId,
        kind: "evaluation",
        orgId: period.orgId,
        state: "checked",
        fileName: input.fileName,
        fileHash: createHash("sha256").update(file).digest("hex"),
        createdBy: principalId,
        parameters,
        expiresAt: calendar.addMinutes(ctx.now, daysKept * 24 * 60),
      },
    ],
    skipDuplicates: true,
  });
  // Sent twice, or an id that belongs to somebody else: the summary answers only for the caller's own.
  if (count === 0) return summarise(ctx, input.batchId);
  const read = body.map((row) => ({ no: row.no, ...readCells(row, at) }));
  const people = await findCandidates(
    ctx,
    read.map((row) => row.cells),
  );
  const judged = read.map((row) => ({ ...row, judgement: judge(row.cells, row.problems, people) }));
  markRepeats(judged);
  await ctx.tx.importRow.createMany({
    data: judged.map(({ no, cells, judgement }) => ({
      tenantId,
      batchId: input.batchId,
      no,
      cells,
      ...stored(judgement),
    })),
  });
  return summarise(ctx, input.batchId);
}

/** A judgement as a row keeps it. */
export const stored = ({ state, problems, personId }: Judgement) => ({ state, problems, personId });

/** The empty workbook to fill in: text columns, so that numbers keep their zeros. */
export async function template(): Promise<{ fileName: string; file: string }> {
  const { default: ExcelJS } = await import("exceljs");
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet("评价数据");
  sheet.columns = Object.entries(importColumns).map(([key, header]) => ({
    header,
    width: key === "branch" ? 32 : 18,
    style: key === "value" ? {} : { numFmt: "@" },
  }));
  sheet.getRow(1).font = { bold: true };
  return { fileName: "评价数据模板.xlsx", file: Buffer.from(await workbook.xlsx.writeBuffer()).toString("base64") };
}
