import { type Context, calendar, notFound } from "../kernel/index.ts";
import { periodTitle } from "./evaluation.rules.ts";
import { findRun } from "./reach.ts";

const text = (value: bigint | null) => (value === null ? null : String(value));

type ResultRow = Awaited<ReturnType<Context["tx"]["evaluationResult"]["findMany"]>>[number];

/** A sealed row, and whether others share its rank: a reader who sees only his own branch cannot tell from the rows. */
const result = (row: ResultRow, shared: ReadonlySet<string>) => ({
  populationKind: row.populationKind,
  populationOrgId: row.populationOrgId,
  subjectKind: row.subjectKind,
  subjectId: row.subjectId,
  indicatorCode: row.indicatorCode,
  groupOrgId: row.groupOrgId,
  scoreNum: text(row.scoreNum),
  scoreDen: text(row.scoreDen),
  rank: row.rank,
  ofN: row.ofN,
  isTop: row.isTop,
  prevRank: row.prevRank,
  tied: shared.has(placeOf(row)),
});

type Place = Pick<ResultRow, "runId" | "populationKind" | "populationOrgId" | "subjectKind" | "indicatorCode" | "rank">;
const placeOf = (row: Place) =>
  [row.runId, row.populationKind, row.populationOrgId, row.subjectKind, row.indicatorCode, row.rank].join(" ");

/** Ranks of these runs that more than one subject has. */
async function sharedPlaces(ctx: Context, runIds: readonly string[]): Promise<Set<string>> {
  const places = await ctx.tx.evaluationResult.groupBy({
    by: ["runId", "populationKind", "populationOrgId", "subjectKind", "indicatorCode", "rank"],
    where: { runId: { in: [...runIds] }, rank: { not: null } },
    _count: true,
    having: { subjectId: { _count: { gt: 1 } } },
  });
  return new Set(places.map(placeOf));
}

/**
 * A published report from PostgreSQL alone, as far as the caller may read it: the committee all of it, a branch its own people and itself (EVAL-05, EVAL-06).
 * Organisations carry the names they had on the as-of day.
 */
export async function sealedReport(ctx: Context, { runId }: { runId: string }) {
  const { run, orgIds } = await findPublished(ctx, runId);
  const within = orgIds.has(run.orgId) ? {} : { groupOrgId: { in: [...orgIds] } };
  const results = await ctx.tx.evaluationResult.findMany({
    where: { runId, ...within },
    orderBy: [
      { indicatorCode: "asc" },
      { populationKind: "asc" },
      { rank: { sort: "asc", nulls: "last" } },
      { subjectId: "asc" },
    ],
  });
  const values = await ctx.tx.evaluationValue.findMany({
    where: { runId, ...within },
    orderBy: [{ indicatorCode: "asc" }, { subjectId: "asc" }],
  });
  const shared = await sharedPlaces(ctx, [runId]);
  return {
    run: head(run),
    results: results.map((row) => result(row, shared)),
    values: values.map((row) => ({
      subjectKind: row.subjectKind,
      subjectId: row.subjectId,
      indicatorCode: row.indicatorCode,
      groupOrgId: row.groupOrgId,
      valueNum: text(row.valueNum),
      valueDen: text(row.valueDen),
    })),
    orgNames: await namesOn(
      ctx,
      new Set(results.map((row) => row.groupOrgId)),
      calendar.fromColumn(run.asOfOn),
      run.sealedAt ?? ctx.now,
    ),
    whole: orgIds.has(run.orgId),
  };
}

/** The head of a published report without its rows: whether it can be read, and what it is called. */
export async function reportHead(ctx: Context, { runId }: { runId: string }) {
  return head((await findPublished(ctx, runId)).run);
}

/** @throws NOT_FOUND for a run that is not published, was retracted, or lies outside the caller's reach */
async function findPublished(ctx: Context, runId: string) {
  const found = await findRun(ctx, "report.read", runId);
  if (found.run.state !== "sealed" || found.run.report?.state !== "published") throw notFound();
  return found;
}

function head(run: Awaited<ReturnType<typeof findRun>>["run"]) {
  return {
    id: run.id,
    orgId: run.orgId,
    versionNo: run.versionNo,
    schemeCode: run.scheme.code,
    schemeVersionId: run.schemeVersionId,
    topShareBp: run.scheme.topShareBp,
    asOfOn: calendar.fromColumn(run.asOfOn),
    digest: run.digest,
    sealedAt: run.sealedAt?.toISOString() ?? null,
    publishedAt: run.report?.publishedAt?.toISOString() ?? null,
    note: run.report?.note ?? "",
    period: {
      id: run.period.id,
      title: periodTitle(run.period),
      startsOn: calendar.fromColumn(run.period.startsOn),
      endsOn: calendar.fromColumn(run.period.endsOn),
    },
    items: run.scheme.items.map(({ indicator, weight }) => ({
      indicatorCode: indicator.code,
      title: indicator.title,
      source: indicator.source,
      weight,
    })),
  };
}

/** Names as they were on a day, as far as they were known when the report was sealed. */
async function namesOn(ctx: Context, ids: Set<number>, day: string, knownAt: Date): Promise<Record<number, string>> {
  const on = calendar.toColumn(day);
  const versions = await ctx.tx.orgVersion.findMany({
    where: {
      orgId: { in: [...ids] },
      validFrom: { lte: on },
      recordedAt: { lte: knownAt },
      AND: [
        { OR: [{ validTo: null }, { validTo: { gt: on } }] },
        { OR: [{ supersededAt: null }, { supersededAt: { gt: knownAt } }] },
      ],
    },
    orderBy: { recordedAt: "asc" },
  });
  return Object.fromEntries(versions.map((version) => [version.orgId, version.fullName]));
}

/** The caller's own line in every published report (EVAL-14). */
export async function ownReports(ctx: Context) {
  const { personId } = ctx.scope;
  if (!personId) return [];
  const rows = await ctx.tx.evaluationResult.findMany({
    where: { subjectKind: "person", subjectId: personId, run: { state: "sealed", report: { state: "published" } } },
    include: {
      run: {
        include: { period: true, report: true, scheme: { include: { items: { include: { indicator: true } } } } },
      },
    },
    take: 1_000,
  });
  const shared = await sharedPlaces(ctx, [...new Set(rows.map((row) => row.runId))]);
  const runs = new Map<string, { run: ReturnType<typeof head>; results: ReturnType<typeof result>[] }>();
  for (const row of rows) {
    const entry = runs.get(row.runId) ?? { run: head(row.run), results: [] };
    entry.results.push(result(row, shared));
    runs.set(row.runId, entry);
  }
  return [...runs.values()].sort((a, b) => b.run.period.startsOn.localeCompare(a.run.period.startsOn));
}
