import type { Scope } from "@xianfeng/auth";
import type { Tx } from "@xianfeng/db";
import { type Context, calendar, notFound } from "../kernel/index.ts";

/** Where the caller works, for the head of every page. */
export type Identity = {
  displayName: string;
  roleTitle: string;
  orgName: string;
  orgId: number;
  /** Everything the caller may do somewhere; only for drawing menus and buttons, procedures decide by themselves. */
  permissions: string[];
};

/** The caller's highest post and all permissions. Reads names only: what the caller may do was decided when the scope was read. */
export async function readIdentity(tx: Tx, scope: Scope): Promise<Identity | null> {
  const first = [...scope.assignments].sort(
    (one, other) => Number(one.role === "member") - Number(other.role === "member") || one.depth - other.depth,
  )[0];
  if (!first) return null;
  const role = await tx.role.findUnique({
    where: { tenantId_code: { tenantId: scope.tenantId, code: first.role } },
  });
  const org = await tx.partyOrg.findUnique({ where: { id: first.orgId } });
  if (!role || !org) return null;
  return {
    displayName: scope.displayName,
    roleTitle: role.title,
    orgName: org.shortName,
    orgId: org.id,
    permissions: [...new Set(scope.assignments.flatMap((assignment) => [...assignment.permissions]))].sort(),
  };
}

/** The caller's own record, masked: full numbers are on paper and in the branch's register. */
export async function myProfile(ctx: Context) {
  if (!ctx.scope.personId) throw notFound();
  const today = calendar.toColumn(ctx.scope.today);
  const current = {
    supersededAt: null,
    validFrom: { lte: today },
    OR: [{ validTo: null }, { validTo: { gt: today } }],
  };
  const person = await ctx.tx.person.findUnique({
    where: { id: ctx.scope.personId },
    include: {
      private: true,
      memberships: { where: { ...current, kind: "direct" }, include: { org: true } },
      statuses: { where: current },
    },
  });
  if (!person?.private) throw notFound();
  return {
    id: person.id,
    name: person.private.name,
    studentNo: person.private.studentNo,
    idNumberMask: person.private.idNumberMask,
    phoneMask: person.private.phoneMask,
    identity: person.statuses[0]?.identity ?? null,
    branch: person.memberships[0]
      ? { id: person.memberships[0].orgId, name: person.memberships[0].org.shortName }
      : null,
    joinedOn: person.joinedOn ? calendar.fromColumn(person.joinedOn) : null,
    convertedOn: person.convertedOn ? calendar.fromColumn(person.convertedOn) : null,
  };
}

/** Who looked at the caller's full numbers, newest first, at most 100. */
export async function whoLookedAtMe(ctx: Context) {
  if (!ctx.scope.personId) throw notFound();
  const rows = await ctx.tx.revealLog.findMany({
    where: { personId: ctx.scope.personId },
    orderBy: { createdAt: "desc" },
    take: 100,
  });
  const principals = await ctx.tx.principal.findMany({ where: { id: { in: rows.map((row) => row.principalId) } } });
  const nameOf = new Map(principals.map((principal) => [principal.id, principal.displayName]));
  return rows.map((row) => ({
    id: row.id,
    at: row.createdAt,
    by: nameOf.get(row.principalId) ?? "已停用的账号",
    field: row.field,
    reason: row.reason,
    note: row.note,
  }));
}
