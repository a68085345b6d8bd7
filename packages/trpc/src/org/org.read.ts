import { can, orgWhere } from "@xianfeng/auth";
import { Prisma } from "@xianfeng/db";
import { pinyin } from "pinyin-pro";
import { type Context, calendar, nameOrErased } from "../kernel/index.ts";
import { loadOrg } from "./org.load.ts";
import { isBranch, kindsBelow, largeBranch, type OrgKind, orgKinds } from "./org.rules.ts";

/** One organisation of the tree. `members` counts full and probationary members here and below; `own` those directly here. */
export type TreeNode = {
  id: number;
  parentId: number | null;
  kind: string;
  code: string;
  name: string;
  fullName: string;
  initials: string;
  own: number;
  members: number;
  /** Duties past their day and still open; only for today. */
  overdue: number;
  large: boolean;
};

/**
 * The tree that the caller may read, as it is today or as it was on another day. Who may see a branch follows today's tree;
 * where it stood, what it was called and how many members it had follows the day.
 */
export async function orgTree(ctx: Context, { on = ctx.scope.today }: { on?: string | undefined }) {
  const isToday = on === ctx.scope.today;
  const orgs = (isToday ? await orgsToday(ctx) : await orgsOn(ctx, on)).sort(
    (one, other) => orgKinds.indexOf(one.kind as OrgKind) - orgKinds.indexOf(other.kind as OrgKind),
  );
  const ids = orgs.map((org) => org.id);
  const counts = await memberCounts(ctx, ids, on);
  const overdue = isToday ? await overdueCounts(ctx, ids) : new Map<number, number>();
  const shown = new Set(ids);
  const total = rollUp(orgs, counts);
  const nodes: TreeNode[] = orgs.map((org) => ({
    ...org,
    parentId: org.parentId !== null && shown.has(org.parentId) ? org.parentId : null,
    initials: pinyin(org.name, { pattern: "first", toneType: "none", type: "array" }).join("").toLowerCase(),
    own: counts.get(org.id) ?? 0,
    members: total.get(org.id) ?? 0,
    overdue: overdue.get(org.id) ?? 0,
    large: isToday && isBranch(org.kind) && (counts.get(org.id) ?? 0) > largeBranch,
  }));
  return { on, isToday, nodes, changedOn: await changeDays(ctx) };
}

type Shown = Pick<TreeNode, "id" | "parentId" | "kind" | "code" | "name" | "fullName">;

async function orgsToday(ctx: Context): Promise<Shown[]> {
  const rows = await ctx.tx.partyOrg.findMany({
    where: { ...orgWhere(ctx.scope, "org.read"), dissolvedOn: null },
    orderBy: [{ code: "asc" }, { id: "asc" }],
  });
  return rows.map(({ id, parentId, kind, code, shortName, fullName }) => ({
    id,
    parentId,
    kind,
    code,
    name: shortName,
    fullName,
  }));
}

async function orgsOn(ctx: Context, on: string): Promise<Shown[]> {
  const day = calendar.toColumn(on);
  const rows = await ctx.tx.orgVersion.findMany({
    where: {
      supersededAt: null,
      validFrom: { lte: day },
      OR: [{ validTo: null }, { validTo: { gt: day } }],
      org: orgWhere(ctx.scope, "org.read"),
    },
    include: { org: true },
    orderBy: [{ org: { code: "asc" } }, { orgId: "asc" }],
  });
  return rows.map((row) => ({
    id: row.orgId,
    parentId: row.parentId,
    kind: row.kind,
    code: row.org.code,
    // Short names have no history; where the full name was another one, it stands.
    name: row.fullName === row.org.fullName ? row.org.shortName : row.fullName,
    fullName: row.fullName,
  }));
}

/** Full and probationary members by organisation on a day; people who only flow in are not counted. */
async function memberCounts(ctx: Context, orgIds: number[], on: string): Promise<Map<number, number>> {
  if (orgIds.length === 0) return new Map();
  const rows = await ctx.tx.$queryRaw<Array<{ org_id: number; members: bigint }>>`
    SELECT m.org_id, count(*) AS members
    FROM membership m JOIN person_status s ON s.person_id = m.person_id
    WHERE m.tenant_id = ${ctx.scope.tenantId} AND m.org_id IN (${Prisma.join(orgIds)}) AND m.kind = 'direct'
      AND m.superseded_at IS NULL AND m.valid_from <= ${on}::date AND (m.valid_to IS NULL OR m.valid_to > ${on}::date)
      AND s.superseded_at IS NULL AND s.valid_from <= ${on}::date AND (s.valid_to IS NULL OR s.valid_to > ${on}::date)
      AND s.identity IN ('full_member', 'probationary_member')
    GROUP BY m.org_id`;
  return new Map(rows.map((row) => [row.org_id, Number(row.members)]));
}

async function overdueCounts(ctx: Context, orgIds: number[]): Promise<Map<number, number>> {
  const rows = await ctx.tx.obligation.groupBy({
    by: ["orgId"],
    where: {
      orgId: { in: orgIds },
      state: "open",
      dueOn: { lt: calendar.toColumn(ctx.scope.today), gte: calendar.toColumn(`${ctx.scope.today.slice(0, 4)}-01-01`) },
    },
    _count: true,
  });
  return new Map(rows.map((row) => [row.orgId, row._count]));
}

function rollUp(orgs: readonly Shown[], own: ReadonlyMap<number, number>): Map<number, number> {
  const parentOf = new Map(orgs.map((org) => [org.id, org.parentId]));
  const total = new Map<number, number>();
  for (const org of orgs) {
    const seen = new Set<number>();
    for (
      let at: number | null = org.id;
      at !== null && parentOf.has(at) && !seen.has(at);
      at = parentOf.get(at) ?? null
    ) {
      seen.add(at);
      total.set(at, (total.get(at) ?? 0) + (own.get(org.id) ?? 0));
    }
  }
  return total;
}

/** Days on which the visible tree changed, newest first, at most 12: the ticks beside the date. */
async function changeDays(ctx: Context): Promise<string[]> {
  const rows = await ctx.tx.orgVersion.findMany({
    where: { supersededAt: null, org: orgWhere(ctx.scope, "org.read") },
    distinct: ["validFrom"],
    select: { validFrom: true },
    orderBy: { validFrom: "desc" },
    take: 12,
  });
  return rows.map((row) => calendar.fromColumn(row.validFrom));
}

/** One organisation with its people in office, its history and what the caller may do with it. */
export async function orgDetail(ctx: Context, { id, on = ctx.scope.today }: { id: number; on?: string | undefined }) {
  const org = await loadOrg(ctx, "org.read", id);
  const ancestors = await ctx.tx.partyOrg.findMany({
    where: {
      id: { in: org.path.split("/").filter(Boolean).map(Number) },
      NOT: { id },
      ...orgWhere(ctx.scope, "org.read"),
    },
    include: { path: true },
  });
  const [posts, history, identities] = [
    await currentPosts(ctx, id, on),
    await lineage(ctx, id),
    await identityCounts(ctx, org.path, on),
  ];
  return {
    id: org.id,
    parentId: org.parentId,
    kind: org.kind,
    category: org.category,
    code: org.code,
    shortName: org.shortName,
    fullName: org.fullName,
    openedOn: org.openedOn,
    dissolvedOn: org.dissolvedOn,
    updatedAt: org.updatedAt,
    isBranch: isBranch(org.kind),
    above: ancestors
      .sort((one, other) => (one.path?.depth ?? 0) - (other.path?.depth ?? 0))
      .map((row) => ({ id: row.id, shortName: row.shortName })),
    posts,
    lineage: history,
    identities,
    may: {
      create:
        org.dissolvedOn === null && can(ctx.scope, "org.create", { id: 0, parentId: org.id, path: org.path })
          ? kindsBelow(org.kind)
          : [],
      edit: org.dissolvedOn === null && can(ctx.scope, "org.edit", org),
      members: can(ctx.scope, "member.read", org),
    },
  };
}

async function currentPosts(ctx: Context, orgId: number, on: string) {
  const day = calendar.toColumn(on);
  const rows = await ctx.tx.post.findMany({
    where: {
      orgId,
      kind: { not: "group_leader" },
      supersededAt: null,
      validFrom: { lte: day },
      OR: [{ validTo: null }, { validTo: { gt: day } }],
    },
    include: { person: { include: { private: { select: { name: true } } } } },
    orderBy: { validFrom: "asc" },
  });
  const order = ["secretary", "deputy_secretary", "organization_officer", "publicity_officer", "discipline_officer"];
  const rank = (kind: string) => (order.indexOf(kind) + order.length + 1) % (order.length + 1);
  return rows
    .map((row) => ({
      id: row.id,
      kind: row.kind,
      name: nameOrErased(row.person.private),
      from: calendar.fromColumn(row.validFrom),
    }))
    .sort((one, other) => rank(one.kind) - rank(other.kind));
}

/** People by identity on a day, in the organisation and, where the caller's role reaches it, below. */
export async function identityCounts(ctx: Context, path: string, on: string): Promise<Record<string, number>> {
  // Whether anything that stands below could be read: a role without what is below must not count it either.
  const below = can(ctx.scope, "org.read", { id: 0, parentId: null, path: `${path}0/` });
  const rows = await ctx.tx.$queryRaw<Array<{ identity: string; people: bigint }>>`
    SELECT s.identity, count(*) AS people
    FROM membership m
    JOIN party_org_path p ON p.org_id = m.org_id AND (p.path = ${path} OR (${below} AND starts_with(p.path, ${path})))
    JOIN person_status s ON s.person_id = m.person_id
    WHERE m.tenant_id = ${ctx.scope.tenantId} AND m.kind = 'direct'
      AND m.superseded_at IS NULL AND m.valid_from <= ${on}::date AND (m.valid_to IS NULL OR m.valid_to > ${on}::date)
      AND s.superseded_at IS NULL AND s.valid_from <= ${on}::date AND (s.valid_to IS NULL OR s.valid_to > ${on}::date)
    GROUP BY s.identity`;
  return Object.fromEntries(rows.map((row) => [row.identity, Number(row.people)]));
}

export type LineageEvent = {
  on: string;
  kind: "opened" | "renamed" | "moved" | "merged_into" | "took_over" | "dissolved";
  /** The former name, or the name of the other organisation. */
  what: string;
  recordedAt: Date | null;
};

/** What happened to an organisation, newest first: set up, renamed, moved, merged. */
async function lineage(ctx: Context, orgId: number): Promise<LineageEvent[]> {
  const versions = await ctx.tx.orgVersion.findMany({
    where: { orgId, supersededAt: null },
    orderBy: { validFrom: "asc" },
  });
  const successions = await ctx.tx.orgSuccession.findMany({
    where: { OR: [{ fromOrgId: orgId }, { toOrgId: orgId }] },
  });
  const named = [...versions.map((row) => row.parentId), ...successions.flatMap((row) => [row.fromOrgId, row.toOrgId])];
  const others = await ctx.tx.partyOrg.findMany({ where: { id: { in: named.filter((id) => id !== null) } } });
  const nameOf = (id: number | null) => others.find((org) => org.id === id)?.shortName ?? "";
  const events: LineageEvent[] = [];
  for (const [at, row] of versions.entries()) {
    const on = calendar.fromColumn(row.validFrom);
    const before = versions[at - 1];
    if (!before) events.push({ on, kind: "opened", what: nameOf(row.parentId), recordedAt: row.recordedAt });
    else {
      if (before.fullName !== row.fullName)
        events.push({ on, kind: "renamed", what: before.fullName, recordedAt: row.recordedAt });
      if (before.parentId !== row.parentId)
        events.push({ on, kind: "moved", what: nameOf(row.parentId), recordedAt: row.recordedAt });
    }
  }
  for (const row of successions) {
    const on = calendar.fromColumn(row.onDate);
    const from = row.fromOrgId === orgId;
    events.push({
      on,
      kind: from ? "merged_into" : "took_over",
      what: nameOf(from ? row.toOrgId : row.fromOrgId),
      recordedAt: row.createdAt,
    });
  }
  return events.sort((one, other) => (one.on < other.on ? 1 : one.on > other.on ? -1 : 0));
}

/** Organisations below which one may be moved: reachable, living, fitting its kind, not itself nor below it. */
export async function moveTargets(ctx: Context, { id }: { id: number }) {
  const org = await loadOrg(ctx, "org.edit", id);
  const rows = await ctx.tx.partyOrg.findMany({
    where: { ...orgWhere(ctx.scope, "org.edit"), dissolvedOn: null },
    include: { path: true },
    orderBy: { code: "asc" },
  });
  return rows
    .filter((row) => row.path && !row.path.path.startsWith(org.path) && row.id !== org.parentId)
    .map((row) => ({
      id: row.id,
      shortName: row.shortName,
      kind: row.kind,
      asSuperior: (kindsBelow(row.kind) as readonly string[]).includes(org.kind),
      asSuccessor: isBranch(row.kind) && isBranch(org.kind),
    }))
    .filter((row) => row.asSuperior || row.asSuccessor);
}
