import { orgWhere } from "@xianfeng/auth";
import { type Context, calendar } from "../kernel/index.ts";
import { findOrg, identityCounts, isBranch } from "../org/index.ts";
import { groupOf, type TodoGroup } from "./workbench.rules.ts";

/** Something to do. `todo` was written down by another part; `duty` is owed by the caller's own branch; `branch` is one below that missed some. */
export type TodoItem = { key: string; group: TodoGroup; dueOn: string | null } & (
  | { source: "todo"; kind: string; title: string; detail: string; href: string }
  | { source: "duty"; dutyKey: string; periodKey: string; orgId: number }
  | { source: "branch"; orgId: number; orgName: string; missed: number }
);

/** Everything on the first page but the duty grid. Only what exists: no guess at what might be due. */
export async function workbench(ctx: Context) {
  const first = [...ctx.scope.assignments]
    .filter((assignment) => assignment.permissions.has("workbench.read"))
    .sort((one, other) => one.depth - other.depth)[0];
  const org = first ? await findOrg(ctx.tx, first.orgId) : null;
  const items = [...(await writtenTodos(ctx)), ...(await ownDuties(ctx)), ...(await branchesBehind(ctx))];
  const day = (item: TodoItem) => item.dueOn ?? "9999";
  return {
    today: ctx.scope.today,
    org: org
      ? {
          id: org.id,
          shortName: org.shortName,
          isBranch: isBranch(org.kind),
          identities: await identityCounts(ctx, org.path, ctx.scope.today),
        }
      : null,
    todos: items.sort((one, other) => (day(one) < day(other) ? -1 : day(one) > day(other) ? 1 : 0)),
    meetings: await comingMeetings(ctx),
  };
}

/** To-dos of exactly the caller's roles at exactly their organisations. */
async function writtenTodos(ctx: Context): Promise<TodoItem[]> {
  const mine = ctx.scope.assignments.map(({ orgId, role }) => ({ assigneeOrgId: orgId, assigneeRole: role }));
  if (mine.length === 0) return [];
  const rows = await ctx.tx.todo.findMany({ where: { doneAt: null, OR: mine }, orderBy: { dueAt: "asc" }, take: 100 });
  return rows.map((row) => {
    const dueOn = row.dueAt ? calendar.dayAt(row.dueAt) : null;
    const { kind, title, detail, href } = row;
    return { key: row.id, group: groupOf(dueOn, ctx.scope.today), dueOn, source: "todo", kind, title, detail, href };
  });
}

/** Open duties of the branches where the caller himself works, of this year and up to six weeks ahead. */
async function ownDuties(ctx: Context): Promise<TodoItem[]> {
  const own = ctx.scope.assignments.filter((assignment) => assignment.permissions.has("meeting.edit"));
  const rows = await ctx.tx.obligation.findMany({
    where: {
      orgId: { in: own.map((assignment) => assignment.orgId) },
      state: "open",
      dueOn: {
        gte: calendar.toColumn(`${ctx.scope.today.slice(0, 4)}-01-01`),
        lte: calendar.toColumn(calendar.addDays(ctx.scope.today, 45)),
      },
    },
    take: 100,
  });
  return rows.map((row) => {
    const dueOn = calendar.fromColumn(row.dueOn);
    const { dutyKey, periodKey, orgId } = row;
    return { key: row.id, group: groupOf(dueOn, ctx.scope.today), dueOn, source: "duty", dutyKey, periodKey, orgId };
  });
}

/** Branches below the caller that have missed duties this year, those with the most first, at most ten. */
async function branchesBehind(ctx: Context): Promise<TodoItem[]> {
  const above = ctx.scope.assignments.filter(
    (assignment) => assignment.below && assignment.permissions.has("obligation.read"),
  );
  if (above.length === 0) return [];
  const branches = await ctx.tx.partyOrg.findMany({
    where: { ...orgWhere(ctx.scope, "obligation.read"), dissolvedOn: null },
    select: { id: true, shortName: true },
  });
  const behind = await ctx.tx.obligation.groupBy({
    by: ["orgId"],
    where: {
      orgId: { in: branches.map((branch) => branch.id) },
      state: "open",
      dueOn: {
        gte: calendar.toColumn(`${ctx.scope.today.slice(0, 4)}-01-01`),
        lt: calendar.toColumn(ctx.scope.today),
      },
    },
    _count: true,
    _min: { dueOn: true },
  });
  return behind
    .sort((one, other) => other._count - one._count || one.orgId - other.orgId)
    .slice(0, 10)
    .map((row) => ({
      key: `behind-${row.orgId}`,
      group: "overdue",
      dueOn: row._min.dueOn ? calendar.fromColumn(row._min.dueOn) : null,
      source: "branch",
      orgId: row.orgId,
      orgName: branches.find((branch) => branch.id === row.orgId)?.shortName ?? "",
      missed: row._count,
    }));
}

/** Published meetings from today on, the next two weeks, at most eight. */
async function comingMeetings(ctx: Context) {
  const rows = await ctx.tx.meeting.findMany({
    where: {
      org: orgWhere(ctx.scope, "meeting.read"),
      state: "published",
      voidedAt: null,
      heldOn: {
        gte: calendar.toColumn(ctx.scope.today),
        lte: calendar.toColumn(calendar.addDays(ctx.scope.today, 14)),
      },
    },
    include: { body: true, org: true },
    orderBy: [{ startsAt: "asc" }, { id: "asc" }],
    take: 8,
  });
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    title: row.body?.title ?? "",
    place: row.body?.place ?? "",
    orgName: row.org.shortName,
    heldOn: calendar.fromColumn(row.heldOn),
    from: calendar.timeAt(row.startsAt),
    to: calendar.timeAt(row.endsAt),
  }));
}
