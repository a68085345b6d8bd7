import { holds, orgWhere, type Permission } from "@xianfeng/auth";
import type { Prisma } from "@xianfeng/db";
import { type Context, notFound } from "../kernel/index.ts";

/**
 * Which runs a permission reaches: those of an organisation in the caller's tree, and those in which a branch of his tree is evaluated.
 * `evaluation_run` and `evaluation_branch` name organisations by number, so the reach is resolved to numbers first: evaluated branches are few.
 */
export async function reachOf(
  ctx: Context,
  permission: Permission,
): Promise<{ orgIds: Set<number>; where: Prisma.EvaluationPeriodWhereInput }> {
  const orgs = await ctx.tx.partyOrg.findMany({
    where: orgWhere(ctx.scope, permission),
    select: { id: true },
    take: 20_000,
  });
  const orgIds = new Set(orgs.map((org) => org.id));
  const ids = [...orgIds];
  return { orgIds, where: { OR: [{ orgId: { in: ids } }, { branches: { some: { orgId: { in: ids } } } }] } };
}

/** A run with its period, scheme and report, if the permission reaches it. @throws NOT_FOUND otherwise, as for a run that does not exist */
export async function findRun(ctx: Context, permission: Permission, runId: string) {
  const { where, orgIds } = await reachOf(ctx, permission);
  const run = await ctx.tx.evaluationRun.findFirst({
    where: { id: runId, period: where },
    include: { period: true, report: true, scheme: { include: { items: { include: { indicator: true } } } } },
  });
  if (!run) throw notFound();
  return { run, orgIds };
}

/** Work on a run (publish, retract, discard) needs the run's own organisation, not just a branch of it. */
export async function findOwnRun(ctx: Context, permission: Permission, runId: string) {
  const { run, orgIds } = await findRun(ctx, permission, runId);
  if (!orgIds.has(run.orgId)) throw notFound();
  return run;
}

/** Organisations where the caller may do this, none when he may nowhere: what one role allows is never read from another's reach. */
export async function orgsOf(ctx: Context, permission: Permission): Promise<Set<number>> {
  return holds(ctx.scope, permission) ? (await reachOf(ctx, permission)).orgIds : new Set();
}
