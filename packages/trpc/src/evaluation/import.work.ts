import type { z } from "zod";
import { audit, type Context, DomainError, notFound } from "../kernel/index.ts";
import type { ImportCells, importConfirmInput, importFixInput } from "./evaluation.schema.ts";
import { type BatchParameters, findBatch, lockBatch, lockRow, summarise } from "./import.batch.ts";
import { stored } from "./import.check.ts";
import { findCandidates } from "./import.people.ts";
import { type Judgement, judge, markRepeats, repeated } from "./import.rules.ts";

/** The line of another row of the batch that stands for the same person, imported or about to be. */
async function otherRowOf(ctx: Context, batchId: string, personId: string, rowId: string): Promise<number | null> {
  const other = await ctx.tx.importRow.findFirst({
    where: { batchId, personId, id: { not: rowId }, state: { in: ["ready", "applied"] } },
    orderBy: { no: "asc" },
  });
  return other?.no ?? null;
}

/** Corrects the cells of one row on the page and judges it again. */
export async function fixRow(ctx: Context, { rowId, cells }: z.output<typeof importFixInput>) {
  const { batch } = await lockRow(ctx, rowId);
  const judgement = judge(cells, [], await findCandidates(ctx, [cells]));
  if (judgement.state === "ready" && judgement.personId) {
    const other = await otherRowOf(ctx, batch.id, judgement.personId, rowId);
    if (other !== null) Object.assign(judgement, { state: "refused", problems: [repeated(other)] });
  }
  await ctx.tx.importRow.update({ where: { id: rowId }, data: { cells, ...stored(judgement) } });
  return { state: judgement.state, problems: judgement.problems };
}

/** The importer says which of the offered people a row means. */
export async function confirmRow(ctx: Context, { rowId, personId }: z.output<typeof importConfirmInput>) {
  const { row, batch } = await lockRow(ctx, rowId);
  const cells = row.cells as ImportCells;
  const offered = judge(cells, [], await findCandidates(ctx, [cells])).candidates;
  if (!offered.some((one) => one.personId === personId)) throw notFound();
  const other = await otherRowOf(ctx, batch.id, personId, rowId);
  if (other !== null) throw new DomainError("state", repeated(other).message, "This person is in another row");
  await ctx.tx.importRow.update({ where: { id: rowId }, data: { state: "ready", problems: [], personId } });
  return { state: "ready" as const };
}

/**
 * Imports every row without a fault, in one transaction; the same batch again changes nothing. Refused rows stay and can be mended.
 * People may have moved since the check: every row is judged again, and what no longer holds is refused instead of imported.
 */
export async function applyImport(ctx: Context, { batchId }: { batchId: string }) {
  await findBatch(ctx, batchId);
  await lockBatch(ctx, batchId);
  const batch = await findBatch(ctx, batchId);
  const ready = await ctx.tx.importRow.findMany({ where: { batchId, state: "ready" }, orderBy: { no: "asc" } });
  if (ready.length === 0) return summarise(ctx, batchId);
  const people = await findCandidates(
    ctx,
    ready.map((row) => row.cells as ImportCells),
  );
  const judged = ready.map((row) => ({
    id: row.id,
    no: row.no,
    judgement: chosen(judge(row.cells as ImportCells, [], people), row.personId),
  }));
  markRepeats(judged);
  const holds = judged.filter(({ judgement }) => judgement.state === "ready");
  for (const { id, judgement } of judged)
    if (judgement.state !== "ready") await ctx.tx.importRow.update({ where: { id }, data: stored(judgement) });
  const written = await writeEntries(
    ctx,
    batch.parameters,
    holds.map(({ id, judgement: { personId, orgId, valueBp } }) => ({ rowId: id, personId, orgId, valueBp })),
  );
  await ctx.tx.importRow.updateMany({ where: { id: { in: holds.map((row) => row.id) } }, data: { state: "applied" } });
  const before = batch.parameters.outcome;
  const outcome = {
    added: before.added + written.added,
    replaced: before.replaced + written.replaced,
    unchanged: before.unchanged + holds.length - written.added - written.replaced,
  };
  await ctx.tx.importBatch.update({
    where: { id: batchId },
    data: { state: "applied", appliedAt: ctx.now, parameters: { ...batch.parameters, outcome } },
  });
  await audit(ctx, {
    action: "evaluation.import",
    subjectKind: "evaluation_period",
    subjectId: batch.parameters.periodId,
    orgId: batch.orgId,
    reason: `${written.added} added, ${written.replaced} replaced`,
  });
  return summarise(ctx, batchId);
}

/** A row whose person was chosen among several of one name keeps that choice, as long as it is still offered. */
function chosen(judgement: Judgement, personId: string | null): Judgement {
  const person = judgement.candidates.find((one) => one.personId === personId);
  return judgement.state === "confirm" && person
    ? { ...judgement, state: "ready", personId: person.personId, orgId: person.orgId, problems: [] }
    : judgement;
}

type Entry = { rowId: string; personId: string | null; orgId: number | null; valueBp: number | null };

/**
 * Writes values in bulk. One that is there already is not touched at all, so nothing of it goes down the stream.
 * In the order of people, so that two imports at once wait for each other instead of locking each other out.
 */
async function writeEntries(ctx: Context, { periodId, indicatorId }: BatchParameters, entries: Entry[]) {
  const [written = { added: 0, replaced: 0 }] = await ctx.tx.$queryRaw<{ added: number; replaced: number }[]>`
    WITH written AS (
      INSERT INTO evaluation_entry (tenant_id, period_id, person_id, indicator_id, value_bp, group_org_id, import_row_id)
      SELECT ${ctx.scope.tenantId}, ${periodId}::uuid, "personId"::uuid, ${indicatorId}::uuid, "valueBp", "orgId", "rowId"::uuid
      FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS e("personId" text, "rowId" text, "orgId" int, "valueBp" int)
      ORDER BY "personId"
      ON CONFLICT (period_id, person_id, indicator_id) DO UPDATE
        SET value_bp = excluded.value_bp, group_org_id = excluded.group_org_id, import_row_id = excluded.import_row_id, updated_at = now()
        WHERE (evaluation_entry.value_bp, evaluation_entry.group_org_id) IS DISTINCT FROM (excluded.value_bp, excluded.group_org_id)
      RETURNING xmax = 0 AS is_new)
    SELECT count(*) FILTER (WHERE is_new)::int AS added, count(*) FILTER (WHERE NOT is_new)::int AS replaced FROM written`;
  return written;
}
