import { audit, type Context, calendar, DomainError, type RunRows } from "../kernel/index.ts";
import { covers, digestOf } from "./evaluation.rules.ts";
import { findOwnRun } from "./reach.ts";
import { readRun } from "./runs.service.ts";

/**
 * Publishes a preview: copies what the marts computed, inputs and results read in one build, into PostgreSQL with a digest, in one transaction.
 * From then on the report never moves. Nothing is computed here.
 */
export async function publish(ctx: Context, { runId, note }: { runId: string; note: string }) {
  const run = await findOwnRun(ctx, "evaluation.publish", runId);
  if (run.report?.state === "published") return { state: "published" as const, digest: run.digest };
  if (run.state !== "preview")
    throw new DomainError("state", "只有预览可以发布，请刷新后再看", "Only a preview can be published");
  const rows = await readRun(ctx, runId);
  if (!rows || !covers(rows.asOfLsn, run.closeLsn ?? "0/0"))
    throw new DomainError(
      "unavailable",
      "数据还在路上，预览没有算完。请稍后再发布，什么都不会丢",
      "The preview is not complete yet",
    );
  if (rows.results.length === 0)
    throw new DomainError("state", "预览里没有任何名次，不能发布。请核对参评支部和数据", "The preview is empty");
  const key = {
    id: run.id,
    periodId: run.periodId,
    schemeVersionId: run.schemeVersionId,
    asOfOn: calendar.fromColumn(run.asOfOn),
  };
  const digest = digestOf(key, rows.values, rows.results);
  const { count } = await ctx.tx.evaluationRun.updateMany({
    where: { id: runId, state: "preview" },
    data: { state: "sealed", digest, sealedAt: ctx.now },
  });
  if (count === 0)
    throw new DomainError("conflict", "刚刚有人发布或放弃了这个预览，请刷新", "Somebody else was faster");
  await copyRows(ctx, runId, rows);
  await ctx.tx.evaluationReport.create({
    data: {
      tenantId: ctx.scope.tenantId,
      runId,
      state: "published",
      note,
      publishedAt: ctx.now,
      publishedBy: ctx.scope.principalId,
    },
  });
  await audit(ctx, { action: "evaluation.publish", subjectKind: "evaluation_run", subjectId: runId, orgId: run.orgId });
  return { state: "published" as const, digest };
}

/** Both tables in bulk: a college has some ten thousand rows. */
async function copyRows(ctx: Context, runId: string, { values, results }: RunRows): Promise<void> {
  const tenant = ctx.scope.tenantId;
  await ctx.tx.$executeRaw`
    INSERT INTO evaluation_value (tenant_id, run_id, subject_kind, subject_id, indicator_code, group_org_id, value_num, value_den)
    SELECT ${tenant}, ${runId}::uuid, * FROM jsonb_to_recordset(${JSON.stringify(values)}::jsonb)
      AS v("subjectKind" text, "subjectId" text, "indicatorCode" text, "groupOrgId" int, "valueNum" bigint, "valueDen" bigint)`;
  await ctx.tx.$executeRaw`
    INSERT INTO evaluation_result (tenant_id, run_id, population_kind, population_org_id, subject_kind, subject_id, indicator_code, group_org_id, score_num, score_den, rank, of_n, is_top, prev_rank)
    SELECT ${tenant}, ${runId}::uuid, * FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb)
      AS r("populationKind" text, "populationOrgId" int, "subjectKind" text, "subjectId" text, "indicatorCode" text, "groupOrgId" int, "scoreNum" bigint, "scoreDen" bigint,
           rank int, "ofN" int, "isTop" bool, "prevRank" int)`;
}

/** Takes a published report away from everybody at once; it can be said why, and it cannot be published again (EVAL-07). */
export async function retract(ctx: Context, { runId, reason }: { runId: string; reason: string }) {
  const run = await findOwnRun(ctx, "evaluation.retract", runId);
  if (run.report?.state === "retracted") return { state: "retracted" as const };
  const { count } = await ctx.tx.evaluationReport.updateMany({
    where: { runId: run.id, state: "published" },
    data: { state: "retracted", reason, retractedAt: ctx.now, retractedBy: ctx.scope.principalId },
  });
  if (count === 0)
    throw new DomainError("state", "这份报告没有发布，或刚刚已被撤回，请刷新", "Not published, or retracted already");
  await audit(ctx, {
    action: "evaluation.retract",
    subjectKind: "evaluation_run",
    subjectId: run.id,
    orgId: run.orgId,
    reason,
  });
  return { state: "retracted" as const };
}
