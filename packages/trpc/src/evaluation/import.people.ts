import { orgWhere } from "@xianfeng/auth";
import { type Context, calendar, invalid, notFound } from "../kernel/index.ts";
import type { ImportCells } from "./evaluation.schema.ts";
import { type Candidate, plainNumber, spellings } from "./import.rules.ts";
import { reachOf } from "./reach.ts";

/** The period and indicator that an import writes to. @throws NOT_FOUND outside the caller's tree */
export async function findTarget(ctx: Context, { periodId, indicatorId }: { periodId: string; indicatorId: string }) {
  const { where, orgIds } = await reachOf(ctx, "evaluation.import");
  const period = await ctx.tx.evaluationPeriod.findFirst({ where: { AND: [where, { id: periodId }] } });
  const indicator = await ctx.tx.indicator.findUnique({ where: { id: indicatorId } });
  if (!period || !orgIds.has(period.orgId) || !indicator) throw notFound();
  if (indicator.source !== "imported")
    throw invalid("这个指标由记录自动计算，不能导入", "Derived indicators are not imported");
  return { period, indicator };
}

/** People in the caller's reach with one of these numbers or, where a row has no number, names; with their branch of today. */
export async function findCandidates(ctx: Context, rows: readonly ImportCells[]): Promise<Candidate[]> {
  const numbers = new Set(rows.map((row) => plainNumber(row.studentNo)).filter((number) => number !== ""));
  const unnumbered = rows.filter((row) => plainNumber(row.studentNo) === "" && row.name !== "");
  const names = new Set(unnumbered.flatMap((row) => spellings(row.name)));
  if (numbers.size + names.size === 0) return [];
  const today = calendar.toColumn(ctx.scope.today);
  const memberships = await ctx.tx.membership.findMany({
    where: {
      kind: "direct",
      supersededAt: null,
      validFrom: { lte: today },
      OR: [{ validTo: null }, { validTo: { gt: today } }],
      org: orgWhere(ctx.scope, "evaluation.import"),
      person: {
        mergedIntoId: null,
        private: { OR: [{ studentNo: { in: [...numbers] } }, { name: { in: [...names] } }] },
      },
    },
    select: {
      orgId: true,
      personId: true,
      org: { select: { shortName: true, fullName: true } },
      person: { select: { private: { select: { name: true, studentNo: true } } } },
    },
    orderBy: { personId: "asc" },
  });
  return memberships.flatMap(({ orgId, personId, org, person }) =>
    person.private
      ? [
          {
            personId,
            orgId,
            branch: org.shortName,
            branchInFull: org.fullName,
            name: person.private.name,
            studentNo: person.private.studentNo,
          },
        ]
      : [],
  );
}
