import { audit, type Context, calendar, DomainError, notFound } from "../kernel/index.ts";
import { covers, periodTitle } from "./evaluation.rules.ts";
import { findOwnRun, findRun, orgsOf, reachOf } from "./reach.ts";

type RunRow = Awaited<ReturnType<typeof findRun>>["run"];

const iso = (date: Date | null) => date?.toISOString() ?? null;

const runHead = (run: Omit<RunRow, "period" | "scheme"> & { scheme: { code: string } }) => ({
  id: run.id,
  state: run.state as "live" | "waiting" | "preview" | "sealed" | "discarded",
  versionNo: run.versionNo,
  schemeCode: run.scheme.code,
  asOfOn: calendar.fromColumn(run.asOfOn),
  previousRunId: run.previousRunId,
  closeLsn: run.closeLsn,
  digest: run.digest,
  createdAt: run.createdAt.toISOString(),
  sealedAt: iso(run.sealedAt),
  report: run.report && {
    state: run.report.state as "published" | "retracted",
    publishedAt: iso(run.report.publishedAt),
    retractedAt: iso(run.report.retractedAt),
    reason: run.report.reason,
    note: run.report.note,
  },
});

/** Periods the caller can see a ranking of, newest first, with the runs he may open (EVAL-01). Retracted runs only for those who may retract. */
export async function listPeriods(ctx: Context) {
  const { where } = await reachOf(ctx, "ranking.read");
  const workshop = await workshopOf(ctx);
  const periods = await ctx.tx.evaluationPeriod.findMany({
    where,
    orderBy: [{ year: "desc" }, { ordinal: "desc" }],
    include: {
      runs: {
        where: { state: { not: "discarded" } },
        include: { report: true, scheme: { select: { code: true } } },
        orderBy: [{ versionNo: "desc" }, { createdAt: "desc" }],
      },
    },
    take: 200,
  });
  return periods.map((period) => {
    const visible = period.runs.filter((run) => isVisible(run, workshop));
    return {
      id: period.id,
      orgId: period.orgId,
      year: period.year,
      ordinal: period.ordinal,
      title: periodTitle(period),
      startsOn: calendar.fromColumn(period.startsOn),
      endsOn: calendar.fromColumn(period.endsOn),
      runs: visible.map(runHead),
    };
  });
}

/** Whose unpublished and whose retracted runs the caller may see. */
type Workshop = { generate: Set<number>; retract: Set<number> };

const workshopOf = async (ctx: Context): Promise<Workshop> => ({
  generate: await orgsOf(ctx, "evaluation.generate"),
  retract: await orgsOf(ctx, "evaluation.retract"),
});

function isVisible(
  run: { orgId: number; state: string; report: { state: string } | null },
  workshop: Workshop,
): boolean {
  if (run.state === "live") return true;
  if (run.state === "preview" || run.state === "waiting") return workshop.generate.has(run.orgId);
  if (run.state === "sealed") return run.report?.state === "published" || workshop.retract.has(run.orgId);
  return false;
}

/** One run with its scheme. A retracted one is not there, except for those who may retract. */
export async function getRun(ctx: Context, { runId }: { runId: string }) {
  const { run } = await findRun(ctx, "ranking.read", runId);
  if (!isVisible(run, await workshopOf(ctx))) throw notFound();
  const { period, scheme } = run;
  const weightSum = scheme.items.reduce((sum, item) => sum + item.weight, 0);
  return {
    ...runHead(run),
    orgId: run.orgId,
    topShareBp: scheme.topShareBp,
    period: {
      id: period.id,
      orgId: period.orgId,
      year: period.year,
      ordinal: period.ordinal,
      title: periodTitle(period),
      startsOn: calendar.fromColumn(period.startsOn),
      endsOn: calendar.fromColumn(period.endsOn),
    },
    items: scheme.items
      .map(({ indicator, weight, direction, missing }) => ({
        indicatorId: indicator.id,
        indicatorCode: indicator.code,
        title: indicator.title,
        source: indicator.source as "derived" | "imported",
        weight,
        weightSum,
        direction,
        missing,
      }))
      .sort((a, b) => b.weight - a.weight || a.indicatorCode.localeCompare(b.indicatorCode)),
  };
}

/** Starts a preview of a period: a run of its own, to be looked at before anything is published (EVAL-04). */
export async function generate(ctx: Context, { periodId }: { periodId: string }) {
  const { where, orgIds } = await reachOf(ctx, "evaluation.generate");
  // Two clicks at once must not make two previews.
  await ctx.tx.$queryRaw`SELECT 1 FROM evaluation_period WHERE id = ${periodId}::uuid FOR UPDATE`;
  const period = await ctx.tx.evaluationPeriod.findFirst({
    where: { AND: [where, { id: periodId }] },
    include: { runs: { include: { report: true } } },
  });
  if (!period || !orgIds.has(period.orgId)) throw notFound();
  const live = period.runs.find((run) => run.state === "live");
  if (!live) throw new DomainError("state", "这个时段还没有启用评价方案", "The period has no live run");
  if ((await ctx.tx.evaluationEntry.count({ where: { periodId } })) === 0)
    throw new DomainError("state", "还没有导入评价数据，请先导入再生成", "Import data first");
  const open = period.runs.find((run) => run.state === "preview");
  if (open) return { runId: open.id, state: "preview" as const, closeLsn: open.closeLsn };
  const [{ lsn } = { lsn: "0/0" }] = await ctx.tx.$queryRaw<
    { lsn: string }[]
  >`SELECT pg_current_wal_insert_lsn()::text AS lsn`;
  const run = await ctx.tx.evaluationRun.create({
    data: {
      tenantId: ctx.scope.tenantId,
      orgId: period.orgId,
      periodId,
      schemeVersionId: live.schemeVersionId,
      asOfOn: live.asOfOn,
      state: "preview",
      versionNo: Math.max(0, ...period.runs.map((other) => other.versionNo)) + 1,
      closeLsn: lsn,
      createdBy: ctx.scope.principalId,
      previousRunId: live.previousRunId,
    },
  });
  await audit(ctx, {
    action: "evaluation.generate",
    subjectKind: "evaluation_run",
    subjectId: run.id,
    orgId: period.orgId,
  });
  return { runId: run.id, state: "preview" as const, closeLsn: lsn };
}

/** Whether the marts show the preview with everything that was recorded before it was asked for. */
export async function previewReady(ctx: Context, { runId }: { runId: string }) {
  const run = await findOwnRun(ctx, "evaluation.generate", runId);
  if (run.state !== "preview") return { ready: true, waitingFor: null };
  const rows = await readRun(ctx, runId);
  if (!rows) return { ready: false, waitingFor: "数据还在路上，正在计算" };
  return covers(rows.asOfLsn, run.closeLsn ?? "0/0")
    ? { ready: true, waitingFor: null }
    : { ready: false, waitingFor: "有更早的改动还没有到达" };
}

/** The marts' rows of a run. @throws UNAVAILABLE with what to do when the analytics side cannot be reached */
export async function readRun(ctx: Context, runId: string) {
  if (!ctx.sealReader) throw new DomainError("state", "请在数据分析里操作", "Only the analytics app can do this");
  try {
    return await ctx.sealReader.readRun(runId);
  } catch {
    throw new DomainError(
      "unavailable",
      "分析数据暂时连接不上。已做的操作都已保存，请稍后再试",
      "Analytics is away; nothing is lost",
    );
  }
}

export async function discard(ctx: Context, { runId }: { runId: string }) {
  const run = await findOwnRun(ctx, "evaluation.generate", runId);
  const { count } = await ctx.tx.evaluationRun.updateMany({
    where: { id: run.id, state: "preview" },
    data: { state: "discarded" },
  });
  if (count === 0) throw new DomainError("state", "这个预览已经发布或放弃", "Not a preview any more");
  await audit(ctx, {
    action: "evaluation.discard",
    subjectKind: "evaluation_run",
    subjectId: run.id,
    orgId: run.orgId,
  });
  return { state: "discarded" as const };
}
