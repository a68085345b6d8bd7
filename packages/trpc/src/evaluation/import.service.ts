import { createHash } from "node:crypto";
import { orgWhere } from "@xianfeng/auth";
import type { z } from "zod";
import { readFirstSheet } from "../intake/workbook.ts";
import { audit, type Context, calendar, DomainError, invalid, listPage, notFound } from "../kernel/index.ts";
import type { importCheckInput, importConfirmInput, importFixInput, importRowsInput } from "./evaluation.schema.ts";
import { type ImportCells, type ImportProblem, importColumns } from "./evaluation.schema.ts";
import { type Candidate, type Judgement, judge, readCells, readHeader } from "./import.rules.ts";
import { reachOf } from "./reach.ts";

type Parameters = { periodId: string; indicatorId: string };
type Input<Schema extends z.ZodType> = z.output<Schema>;

/** The period and indicator that an import writes to. @throws NOT_FOUND outside the caller's tree */
async function findTarget(ctx: Context, { periodId, indicatorId }: Parameters) {
  const { where, orgIds } = await reachOf(ctx, "evaluation.import");
  const period = await ctx.tx.evaluationPeriod.findFirst({ where: { AND: [where, { id: periodId }] } });
  const indicator = await ctx.tx.indicator.findUnique({ where: { id: indicatorId } });
  if (!period || !orgIds.has(period.orgId) || !indicator) throw notFound();
  if (indicator.source !== "imported")
    throw invalid("这个指标由记录自动计算，不能导入", "Derived indicators are not imported");
  return { period, indicator };
}

/** People in the caller's reach with one of these numbers or names, with their branch of today. */
async function findCandidates(ctx: Context, rows: readonly ImportCells[]): Promise<Candidate[]> {
  const numbers = [...new Set(rows.map((row) => row.studentNo).filter((number) => number !== ""))];
  const names = [...new Set(rows.filter((row) => row.studentNo === "").map((row) => row.name))];
  const today = calendar.toColumn(ctx.scope.today);
  const memberships = await ctx.tx.membership.findMany({
    where: {
      kind: "direct",
      supersededAt: null,
      validFrom: { lte: today },
      OR: [{ validTo: null }, { validTo: { gt: today } }],
      org: orgWhere(ctx.scope, "evaluation.import"),
      person: { mergedIntoId: null, private: { OR: [{ studentNo: { in: numbers } }, { name: { in: names } }] } },
    },
    select: {
      orgId: true,
      personId: true,
      org: { select: { shortName: true } },
      person: { select: { private: { select: { name: true, studentNo: true } } } },
    },
  });
  return memberships.flatMap(({ orgId, personId, org, person }) =>
    person.private
      ? [{ personId, orgId, branch: org.shortName, name: person.private.name, studentNo: person.private.studentNo }]
      : [],
  );
}

/** A person may stand in a file once. */
function markRepeats(judged: Judgement[]): void {
  const seen = new Set<string>();
  for (const row of judged) {
    if (!row.personId || row.state !== "ready") continue;
    if (seen.has(row.personId)) {
      row.state = "refused";
      row.problems.push({
        column: "studentNo",
        code: "repeated",
        message: "文件里这位党员出现了不止一次，只导入前面的一行",
      });
    }
    seen.add(row.personId);
  }
}

/** Reads a workbook and says row by row what would happen; nothing is imported yet. The batch id makes a repeat harmless. */
export async function checkImport(ctx: Context, input: Input<typeof importCheckInput>) {
  const { period } = await findTarget(ctx, input);
  if (await ctx.tx.importBatch.findUnique({ where: { id: input.batchId } })) return summarise(ctx, input.batchId);
  const file = Buffer.from(input.file, "base64");
  const [header, ...body] = await readFirstSheet(file);
  const at = readHeader(header);
  if (body.length === 0) throw invalid("表里没有数据行，请填写后再上传", "No rows");
  const read = body.map((row) => ({ no: row.no, ...readCells(row, at) }));
  const people = await findCandidates(
    ctx,
    read.map((row) => row.cells),
  );
  const judged = read.map((row) => judge(row.cells, row.problems, people));
  markRepeats(judged);
  const fileHash = createHash("sha256").update(file).digest("hex");
  const { tenantId, principalId } = ctx.scope;
  await ctx.tx.importBatch.create({
    data: {
      id: input.batchId,
      tenantId,
      kind: "evaluation",
      orgId: period.orgId,
      state: "checked",
      fileName: input.fileName,
      fileHash,
      createdBy: principalId,
      parameters: { periodId: input.periodId, indicatorId: input.indicatorId },
      expiresAt: calendar.addMinutes(ctx.now, 30 * 24 * 60),
    },
  });
  await ctx.tx.importRow.createMany({
    data: read.map((row, index) => ({
      tenantId,
      batchId: input.batchId,
      no: row.no,
      cells: row.cells,
      ...stored(judged[index]),
    })),
  });
  return summarise(ctx, input.batchId);
}

const stored = (judgement: Judgement | undefined) => ({
  state: judgement?.state ?? "refused",
  problems: judgement?.problems ?? [],
  personId: judgement?.personId ?? null,
});

/** A batch of the caller's own. @throws NOT_FOUND for anybody else's */
async function findBatch(ctx: Context, batchId: string) {
  const batch = await ctx.tx.importBatch.findFirst({
    where: { id: batchId, kind: "evaluation", createdBy: ctx.scope.principalId },
  });
  if (!batch) throw notFound();
  const parameters = batch.parameters as Parameters;
  await findTarget(ctx, parameters);
  return { ...batch, parameters };
}

/** Counts by state, and whether the same file was taken before. */
export async function summarise(ctx: Context, batchId: string) {
  const batch = await findBatch(ctx, batchId);
  const groups = await ctx.tx.importRow.groupBy({ by: ["state"], where: { batchId }, _count: true });
  const count = (state: string) => groups.find((group) => group.state === state)?._count ?? 0;
  const earlier = await ctx.tx.importBatch.findFirst({
    where: { fileHash: batch.fileHash, state: "applied", id: { not: batchId } },
    orderBy: { appliedAt: "desc" },
  });
  return {
    batchId,
    state: batch.state as "checked" | "applied" | "discarded",
    fileName: batch.fileName,
    ...batch.parameters,
    counts: { ready: count("ready"), refused: count("refused"), confirm: count("confirm"), applied: count("applied") },
    sameFileAppliedAt: earlier?.appliedAt?.toISOString() ?? null,
  };
}

/** Rows of a batch in file order; by state, if one is asked for. */
export async function listRows(ctx: Context, input: Input<typeof importRowsInput>) {
  await findBatch(ctx, input.batchId);
  const where = { batchId: input.batchId, ...(input.state ? { state: input.state } : {}) };
  const result = await listPage(
    input,
    (slice) => ctx.tx.importRow.findMany({ where, orderBy: { no: "asc" }, ...slice }),
    (limit) => ctx.tx.importRow.count({ where, take: limit }),
  );
  const waiting = result.rows.filter((row) => row.state === "confirm").map((row) => row.cells as ImportCells);
  const people = waiting.length > 0 ? await findCandidates(ctx, waiting) : [];
  return {
    ...result,
    rows: result.rows.map((row) => {
      const cells = row.cells as ImportCells;
      const problems = row.problems as ImportProblem[];
      const candidates =
        row.state === "confirm"
          ? judge(cells, [], people).candidates.map(({ personId, name, studentNo, branch }) => ({
              personId,
              name,
              studentNo,
              branch,
            }))
          : [];
      return {
        id: row.id,
        no: row.no,
        cells,
        state: row.state as Judgement["state"] | "applied",
        problems,
        candidates,
      };
    }),
  };
}

async function findRow(ctx: Context, rowId: string) {
  const row = await ctx.tx.importRow.findUnique({ where: { id: rowId } });
  if (!row) throw notFound();
  await findBatch(ctx, row.batchId);
  if (row.state === "applied") throw new DomainError("state", "这一行已经导入，不能再改", "Applied already");
  return row;
}

/** Corrects the cells of one row on the page and judges it again. */
export async function fixRow(ctx: Context, { rowId, cells }: Input<typeof importFixInput>) {
  await findRow(ctx, rowId);
  const judgement = judge(cells, [], await findCandidates(ctx, [cells]));
  await ctx.tx.importRow.update({ where: { id: rowId }, data: { cells, ...stored(judgement) } });
  return { state: judgement.state, problems: judgement.problems };
}

/** The importer says which of the offered people a row means. */
export async function confirmRow(ctx: Context, { rowId, personId }: Input<typeof importConfirmInput>) {
  const row = await findRow(ctx, rowId);
  const cells = row.cells as ImportCells;
  const chosen = judge(cells, [], await findCandidates(ctx, [cells])).candidates.find(
    (one) => one.personId === personId,
  );
  if (!chosen) throw notFound();
  await ctx.tx.importRow.update({ where: { id: rowId }, data: { state: "ready", problems: [], personId } });
  return { state: "ready" as const };
}

/** Imports every row without a fault, in one transaction; the same batch again changes nothing. Refused rows stay and can be mended. */
export async function applyImport(ctx: Context, { batchId }: { batchId: string }) {
  const batch = await findBatch(ctx, batchId);
  const { periodId, indicatorId } = batch.parameters;
  await ctx.tx.$queryRaw`SELECT 1 FROM import_batch WHERE id = ${batchId}::uuid FOR UPDATE`;
  const ready = await ctx.tx.importRow.findMany({ where: { batchId, state: "ready" }, orderBy: { no: "asc" } });
  if (ready.length === 0) return summarise(ctx, batchId);
  const people = await findCandidates(
    ctx,
    ready.map((row) => row.cells as ImportCells),
  );
  const orgOf = new Map(people.map((person) => [person.personId, person.orgId]));
  const entries = ready.map((row) => ({
    personId: row.personId,
    rowId: row.id,
    groupOrgId: orgOf.get(row.personId ?? "") ?? null,
    valueBp: judge(row.cells as ImportCells, [], people).valueBp,
  }));
  await ctx.tx.$executeRaw`
    INSERT INTO evaluation_entry (tenant_id, period_id, person_id, indicator_id, value_bp, group_org_id, import_row_id)
    SELECT ${ctx.scope.tenantId}, ${periodId}::uuid, "personId"::uuid, ${indicatorId}::uuid, "valueBp", "groupOrgId", "rowId"::uuid
    FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS e("personId" text, "rowId" text, "groupOrgId" int, "valueBp" int)
    ON CONFLICT (period_id, person_id, indicator_id) DO UPDATE
      SET value_bp = excluded.value_bp, group_org_id = excluded.group_org_id, import_row_id = excluded.import_row_id, updated_at = now()`;
  await ctx.tx.importRow.updateMany({ where: { id: { in: ready.map((row) => row.id) } }, data: { state: "applied" } });
  await ctx.tx.importBatch.update({ where: { id: batchId }, data: { state: "applied", appliedAt: ctx.now } });
  await audit(ctx, {
    action: "evaluation.import",
    subjectKind: "evaluation_period",
    subjectId: periodId,
    orgId: batch.orgId,
    reason: `${entries.length} rows`,
  });
  return summarise(ctx, batchId);
}

/** The empty workbook to fill in: text columns, so that numbers keep their zeros. */
export async function template(): Promise<{ fileName: string; file: string }> {
  const { default: ExcelJS } = await import("exceljs");
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet("评价数据");
  sheet.columns = Object.values(importColumns).map((header) => ({
    header,
    width: 26,
    style: header === "得分" ? {} : { numFmt: "@" },
  }));
  sheet.getRow(1).font = { bold: true };
  return { fileName: "评价数据模板.xlsx", file: Buffer.from(await workbook.xlsx.writeBuffer()).toString("base64") };
}
