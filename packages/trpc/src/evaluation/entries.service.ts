import { orgWhere } from "@xianfeng/auth";
import type { z } from "zod";
import { type Context, calendar, listPage, nameOrErased, notFound } from "../kernel/index.ts";
import { periodTitle } from "./evaluation.rules.ts";
import type { entryListInput } from "./evaluation.schema.ts";
import { reachOf } from "./reach.ts";

/** What the operational app shows of evaluation: periods with their imported data and published reports. */
export async function overview(ctx: Context) {
  const { where, orgIds } = await reachOf(ctx, "evaluation.read");
  const periods = await ctx.tx.evaluationPeriod.findMany({
    where,
    orderBy: [{ year: "desc" }, { ordinal: "desc" }],
    include: {
      _count: { select: { entries: true, branches: true } },
      runs: { where: { state: "sealed" }, include: { report: true }, orderBy: { versionNo: "desc" } },
    },
    take: 200,
  });
  const indicators = await ctx.tx.indicator.findMany({
    orderBy: { code: "asc" },
    select: { id: true, code: true, title: true, source: true },
  });
  return {
    indicators,
    periods: periods
      .filter((period) => orgIds.has(period.orgId))
      .map((period) => ({
        id: period.id,
        title: periodTitle(period),
        startsOn: calendar.fromColumn(period.startsOn),
        endsOn: calendar.fromColumn(period.endsOn),
        entries: period._count.entries,
        branches: period._count.branches,
        reports: period.runs.flatMap((run) =>
          run.report
            ? [
                {
                  runId: run.id,
                  versionNo: run.versionNo,
                  state: run.report.state as "published" | "retracted",
                  reason: run.report.reason,
                  note: run.report.note,
                  publishedAt: run.report.publishedAt?.toISOString() ?? null,
                  retractedAt: run.report.retractedAt?.toISOString() ?? null,
                  digest: run.digest,
                },
              ]
            : [],
        ),
      })),
  };
}

/** Imported values of one indicator in one period, by branch and person; those of branches in the caller's reach. */
export async function listEntries(ctx: Context, input: z.output<typeof entryListInput>) {
  const { where: reach, orgIds } = await reachOf(ctx, "evaluation.read");
  const period = await ctx.tx.evaluationPeriod.findFirst({ where: { AND: [reach, { id: input.periodId }] } });
  if (!period || !orgIds.has(period.orgId)) throw notFound();
  const q = input.q.replace(/[\\%_]/g, (mark) => `\\${mark}`);
  const where = {
    periodId: input.periodId,
    indicatorId: input.indicatorId,
    groupOrgId: { in: [...orgIds] },
    ...(q === ""
      ? {}
      : {
          person: {
            private: {
              OR: [
                { name: { contains: q } },
                { initials: { startsWith: q.toLowerCase() } },
                { studentNo: { startsWith: q } },
              ],
            },
          },
        }),
  };
  const result = await listPage(
    input,
    (slice) =>
      ctx.tx.evaluationEntry.findMany({
        where,
        orderBy: [{ groupOrgId: "asc" }, { person: { private: { pinyin: "asc" } } }, { personId: "asc" }],
        include: { person: { select: { private: { select: { name: true, studentNo: true } } } } },
        ...slice,
      }),
    (limit) => ctx.tx.evaluationEntry.count({ where, take: limit }),
  );
  const branches = await ctx.tx.partyOrg.findMany({
    where: {
      AND: [orgWhere(ctx.scope, "evaluation.read"), { id: { in: result.rows.flatMap((row) => row.groupOrgId ?? []) } }],
    },
    select: { id: true, shortName: true },
  });
  const nameOf = new Map(branches.map((branch) => [branch.id, branch.shortName]));
  return {
    ...result,
    rows: result.rows.map((row) => ({
      id: row.id,
      personId: row.personId,
      name: nameOrErased(row.person.private),
      studentNo: row.person.private?.studentNo ?? "",
      branch: nameOf.get(row.groupOrgId ?? 0) ?? "—",
      valueBp: row.valueBp,
      updatedAt: row.updatedAt.toISOString(),
    })),
  };
}
