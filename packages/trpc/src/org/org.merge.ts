import { audit, type Context, calendar, endOn, invalid, type Rewrite, type Span } from "../kernel/index.ts";
import { loadOrg, type PlacedOrg, refuseDissolved, refuseFuture, refuseStale } from "./org.load.ts";
import { mergeProblem } from "./org.rules.ts";
import type { MergeOrg } from "./org.schema.ts";
import { believedVersions, lockTree, placeOrg, rewriteVersions } from "./org.tree-write.ts";

type MemberRow = Span & { personId: string; orgId: number; groupId: string | null; kind: string };

/** What a merge would change, before it is done: both sides and the sum. */
export async function mergePreview(ctx: Context, { fromId, toId }: { fromId: number; toId: number }) {
  const from = await loadOrg(ctx, "org.edit", fromId);
  const to = await loadOrg(ctx, "org.edit", toId);
  const [fromFacts, toFacts] = [await factsOf(ctx, from), await factsOf(ctx, to)];
  return {
    from: { id: from.id, shortName: from.shortName, ...fromFacts },
    to: { id: to.id, shortName: to.shortName, ...toFacts },
    problem: mergeProblem(from, to, fromFacts),
  };
}

/**
 * Dissolves one branch into another from a day on (ORG-21, ORG-22): its people move on both time axes, posts, roles and open duties
 * end, its records stay its own. It remains in the tree below its successor, so that whoever leads that one can still read them.
 */
export async function mergeOrg(ctx: Context, input: MergeOrg): Promise<{ moved: number }> {
  await lockTree(ctx);
  const from = await loadOrg(ctx, "org.edit", input.fromId);
  const to = await loadOrg(ctx, "org.edit", input.toId);
  refuseDissolved(from);
  refuseDissolved(to);
  refuseStale(from, input.seenAt);
  refuseFuture(ctx.scope, input.on);
  const problem = mergeProblem(from, to, await factsOf(ctx, from));
  if (problem) throw invalid(problem, "This merge is not possible", { toId: problem });
  const versions = await believedVersions(ctx.tx, from.id);
  if (versions.some((row) => row.validFrom >= input.on))
    throw invalid("生效日期应晚于最近一次变更", "Before the last change", { on: "生效日期应晚于最近一次变更" });
  const moved = await moveMembers(ctx, from.id, to.id, input.on);
  await rewriteVersions(ctx, from.id, endOn(versions, input.on));
  const on = calendar.toColumn(input.on);
  await ctx.tx.partyOrg.update({ where: { id: from.id }, data: { dissolvedOn: on } });
  await placeOrg(ctx, from.id, to.id);
  await ctx.tx.orgSuccession.create({
    data: { tenantId: ctx.scope.tenantId, fromOrgId: from.id, toOrgId: to.id, kind: "merge", onDate: on },
  });
  await endPosts(ctx, from.id, input.on);
  await ctx.tx.roleAssignment.updateMany({
    where: { orgId: from.id, OR: [{ validTo: null }, { validTo: { gt: on } }] },
    data: { validTo: on },
  });
  await ctx.tx.obligation.updateMany({
    where: { orgId: from.id, state: "open", dueOn: { gte: on } },
    data: { state: "waived" },
  });
  await ctx.tx.todo.updateMany({ where: { assigneeOrgId: from.id, doneAt: null }, data: { doneAt: ctx.now } });
  await audit(ctx, {
    action: "org.merge",
    subjectKind: "org",
    subjectId: String(from.id),
    orgId: to.id,
    reason: input.reason,
    fields: ["dissolvedOn", "parentId"],
  });
  return { moved };
}

async function factsOf(ctx: Context, org: PlacedOrg) {
  const today = calendar.toColumn(ctx.scope.today);
  const current = {
    supersededAt: null,
    validFrom: { lte: today },
    OR: [{ validTo: null }, { validTo: { gt: today } }],
  };
  const [people, posts, livingBelow, openMeetings, openDuties, openTodos] = [
    await ctx.tx.membership.count({ where: { orgId: org.id, kind: "direct", ...current } }),
    await ctx.tx.post.count({ where: { orgId: org.id, ...current } }),
    await ctx.tx.partyOrg.count({ where: { parentId: org.id, dissolvedOn: null } }),
    await ctx.tx.meeting.count({ where: { orgId: org.id, state: "published", voidedAt: null } }),
    await ctx.tx.obligation.count({ where: { orgId: org.id, state: "open", dueOn: { gte: today } } }),
    await ctx.tx.todo.count({ where: { assigneeOrgId: org.id, doneAt: null } }),
  ];
  return { people, posts, livingBelow, openMeetings, openDuties, openTodos };
}

/** Moves everybody who belongs to the branch on that day or joined it later. Groups stay behind: they are the old branch's. */
async function moveMembers(ctx: Context, fromId: number, toId: number, on: string): Promise<number> {
  const rows = await ctx.tx.membership.findMany({
    where: { orgId: fromId, supersededAt: null, OR: [{ validTo: null }, { validTo: { gt: calendar.toColumn(on) } }] },
  });
  const rewrite: Rewrite<MemberRow> = { supersede: rows.map((row) => row.id), insert: [] };
  for (const row of rows) {
    const validFrom = calendar.fromColumn(row.validFrom);
    const validTo = row.validTo ? calendar.fromColumn(row.validTo) : null;
    const { personId, groupId, kind } = row;
    if (validFrom < on) rewrite.insert.push({ personId, orgId: fromId, groupId, kind, validFrom, validTo: on });
    const start = validFrom < on ? on : validFrom;
    rewrite.insert.push({ personId, orgId: toId, groupId: null, kind, validFrom: start, validTo });
  }
  await ctx.tx.membership.updateMany({ where: { id: { in: rewrite.supersede } }, data: { supersededAt: ctx.now } });
  await ctx.tx.membership.createMany({
    data: rewrite.insert.map((row) => ({
      ...row,
      tenantId: ctx.scope.tenantId,
      validFrom: calendar.toColumn(row.validFrom),
      validTo: row.validTo ? calendar.toColumn(row.validTo) : null,
      recordedAt: ctx.now,
      ...(row.orgId === toId ? { causeKind: "org_merge", causeId: String(fromId) } : {}),
    })),
  });
  return rows.length;
}

async function endPosts(ctx: Context, orgId: number, on: string): Promise<void> {
  const posts = await ctx.tx.post.findMany({
    where: { orgId, supersededAt: null, OR: [{ validTo: null }, { validTo: { gt: calendar.toColumn(on) } }] },
  });
  await ctx.tx.post.updateMany({
    where: { id: { in: posts.map((post) => post.id) } },
    data: { supersededAt: ctx.now },
  });
  await ctx.tx.post.createMany({
    data: posts
      .filter((post) => calendar.fromColumn(post.validFrom) < on)
      .map(({ tenantId, personId, kind, validFrom }) => ({
        tenantId,
        personId,
        orgId,
        kind,
        validFrom,
        validTo: calendar.toColumn(on),
        recordedAt: ctx.now,
      })),
  });
}
