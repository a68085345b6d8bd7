import Papa from "papaparse";
import type { z } from "zod";
import { type Context, DomainError, listPage, notFound } from "../kernel/index.ts";
import { periodTitle } from "./evaluation.rules.ts";
import {
  type ImportCells,
  type ImportProblem,
  importColumnKeys,
  importColumns,
  type importRowsInput,
} from "./evaluation.schema.ts";
import { findCandidates, findTarget } from "./import.people.ts";
import { type Judgement, judge } from "./import.rules.ts";

/** What a batch keeps beside its rows. */
export type BatchParameters = {
  periodId: string;
  indicatorId: string;
  sheet: string;
  hiddenRows: number;
  otherSheets: number;
  /** What its imports did so far, in values. */
  outcome: { added: number; replaced: number; unchanged: number };
};

/** A batch of the caller's own. @throws NOT_FOUND for anybody else's, and once its rows have expired */
export async function findBatch(ctx: Context, batchId: string) {
  const batch = await ctx.tx.importBatch.findFirst({
    where: {
      id: batchId,
      kind: "evaluation",
      createdBy: ctx.scope.principalId,
      state: { not: "discarded" },
      expiresAt: { gt: ctx.now },
    },
  });
  if (!batch) throw notFound();
  const parameters = batch.parameters as BatchParameters;
  return { ...batch, parameters, ...(await findTarget(ctx, parameters)) };
}

/** One row of a batch of the caller's own, with the batch locked: two pages never judge its rows at the same time. */
export async function lockRow(ctx: Context, rowId: string) {
  const found = await ctx.tx.importRow.findUnique({ where: { id: rowId } });
  if (!found) throw notFound();
  const batch = await findBatch(ctx, found.batchId);
  await lockBatch(ctx, batch.id);
  const row = await ctx.tx.importRow.findUnique({ where: { id: rowId } });
  if (!row) throw notFound();
  if (row.state === "applied") throw new DomainError("state", "这一行已经导入，不能再改", "Applied already");
  return { row, batch };
}

export const lockBatch = (ctx: Context, batchId: string) =>
  ctx.tx.$queryRaw`SELECT 1 FROM import_batch WHERE id = ${batchId}::uuid FOR UPDATE`;

/** Counts by state, what was easily overlooked in the file, and whether the same file was taken before. */
export async function summarise(ctx: Context, batchId: string) {
  const { period, indicator, parameters, ...batch } = await findBatch(ctx, batchId);
  const groups = await ctx.tx.importRow.groupBy({ by: ["state"], where: { batchId }, _count: true });
  const count = (state: string) => groups.find((group) => group.state === state)?._count ?? 0;
  const earlier = await ctx.tx.importBatch.findFirst({
    where: { kind: "evaluation", orgId: batch.orgId, fileHash: batch.fileHash, state: "applied", id: { not: batchId } },
    orderBy: { appliedAt: "desc" },
  });
  const [{ known } = { known: 0 }] = await ctx.tx.$queryRaw<{ known: number }[]>`
    SELECT count(*)::int AS known FROM import_row r JOIN evaluation_entry e ON e.person_id = r.person_id
    WHERE r.batch_id = ${batchId}::uuid AND r.state = 'ready'
      AND e.period_id = ${period.id}::uuid AND e.indicator_id = ${indicator.id}::uuid`;
  return {
    batchId,
    state: batch.state as "checked" | "applied",
    fileName: batch.fileName,
    expiresAt: batch.expiresAt.toISOString(),
    period: { id: period.id, title: periodTitle(period) },
    indicator: { id: indicator.id, title: indicator.title },
    sheet: { name: parameters.sheet, hiddenRows: parameters.hiddenRows, others: parameters.otherSheets },
    counts: { ready: count("ready"), refused: count("refused"), confirm: count("confirm"), applied: count("applied") },
    /** Ready rows whose person has a value already; importing replaces it where it differs. */
    known,
    outcome: parameters.outcome,
    sameFile: earlier && {
      appliedAt: earlier.appliedAt?.toISOString() ?? null,
      sameTarget: isSameTarget(earlier.parameters as BatchParameters, parameters),
    },
  };
}

const isSameTarget = (one: BatchParameters, other: BatchParameters) =>
  one.periodId === other.periodId && one.indicatorId === other.indicatorId;

/** Rows of a batch in file order; by state, if one is asked for. */
export async function listRows(ctx: Context, input: z.output<typeof importRowsInput>) {
  await findBatch(ctx, input.batchId);
  const where = { batchId: input.batchId, ...(input.state ? { state: input.state } : {}) };
  const result = await listPage(
    input,
    (slice) => ctx.tx.importRow.findMany({ where, orderBy: { no: "asc" }, ...slice }),
    (limit) => ctx.tx.importRow.count({ where, take: limit }),
  );
  const waiting = result.rows.filter((row) => row.state === "confirm").map((row) => row.cells as ImportCells);
  const people = await findCandidates(ctx, waiting);
  return {
    ...result,
    rows: result.rows.map((row) => {
      const cells = row.cells as ImportCells;
      const candidates = row.state === "confirm" ? judge(cells, [], people).candidates : [];
      return {
        id: row.id,
        no: row.no,
        cells,
        state: row.state as Judgement["state"] | "applied",
        problems: row.problems as ImportProblem[],
        candidates: candidates.map(({ personId, name, studentNo, branch }) => ({ personId, name, studentNo, branch })),
      };
    }),
  };
}

/** A cell that a spreadsheet would take for a formula is written so that it stays text (IA30). */
const looksLikeFormula = /^[=+\-@\t\r＝＋－＠]/;

/** Rows that still need somebody, as CSV with what is wrong: for the importer alone, since it holds what he uploaded. */
export async function faultyRows(ctx: Context, { batchId }: { batchId: string }) {
  const { period } = await findBatch(ctx, batchId);
  const rows = await ctx.tx.importRow.findMany({
    where: { batchId, state: { in: ["refused", "confirm"] } },
    orderBy: { no: "asc" },
  });
  const lines = rows.map((row) => {
    const cells = row.cells as ImportCells;
    const problems = row.problems as ImportProblem[];
    return [
      row.no,
      ...importColumnKeys.map((key) => cells[key]),
      problems.map((problem) => `${importColumns[problem.column]}：${problem.message}`).join("；"),
    ];
  });
  const text = Papa.unparse(
    { fields: ["行号", ...importColumnKeys.map((key) => importColumns[key]), "问题与办法"], data: lines },
    { escapeFormulae: looksLikeFormula, newline: "\r\n" },
  );
  return { fileName: `${periodTitle(period)}需修正的行.csv`, text };
}

/** Gives an import up: rows that were not imported are deleted with what they hold. What was imported stays. */
export async function discardImport(ctx: Context, { batchId }: { batchId: string }) {
  await findBatch(ctx, batchId);
  await lockBatch(ctx, batchId);
  await ctx.tx.importRow.deleteMany({ where: { batchId, state: { not: "applied" } } });
  await ctx.tx.importBatch.updateMany({ where: { id: batchId, state: "checked" }, data: { state: "discarded" } });
  return { state: "discarded" as const };
}
