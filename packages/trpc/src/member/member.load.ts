import { orgWhere, type Permission, type Scope } from "@xianfeng/auth";
import type { Prisma } from "@xianfeng/db";
import { type Context, calendar, DomainError, notFound } from "../kernel/index.ts";

/** Rows that are believed now and hold on a day. */
export function holding(day: string) {
  const on = calendar.toColumn(day);
  return { supersededAt: null, validFrom: { lte: on }, OR: [{ validTo: null }, { validTo: { gt: on } }] };
}

/** People whose branch today lies inside what `permission` reaches. Somebody who moved away yesterday is out, also for his old branch. */
export const personWhere = (scope: Scope, permission: Permission): Prisma.PersonWhereInput => ({
  mergedIntoId: null,
  private: { isNot: null },
  memberships: { some: { ...holding(scope.today), kind: "direct", org: orgWhere(scope, permission) } },
});

export type LoadedPerson = Prisma.PersonGetPayload<{
  include: { private: true; memberships: { include: { org: true } }; statuses: true };
}>;

/** Reads a person that `permission` reaches, with everything believed now; any other answers like one that does not exist. */
export async function loadPerson(ctx: Context, permission: Permission, id: string) {
  const person = await ctx.tx.person.findFirst({
    where: { id, ...personWhere(ctx.scope, permission) },
    include: {
      private: true,
      memberships: { where: { supersededAt: null }, include: { org: true }, orderBy: { validFrom: "asc" } },
      statuses: { where: { supersededAt: null }, orderBy: { validFrom: "asc" } },
    },
  });
  if (!person?.private) throw notFound();
  return { ...person, private: person.private };
}

/**
 * Takes the right to change a person: raises its version if it still is the one that the editor saw. Of two at the same moment
 * the second waits here and is then told what the record says now.
 */
export async function claimVersion(ctx: Context, id: string, version: number): Promise<void> {
  const { count } = await ctx.tx.person.updateMany({ where: { id, version }, data: { version: { increment: 1 } } });
  if (count === 1) return;
  const person = await loadPerson(ctx, "member.read", id);
  const last = await ctx.tx.auditEvent.findFirst({
    where: {
      subjectKind: "person",
      subjectId: id,
      action: { startsWith: "member." },
      NOT: { action: "member.reveal" },
    },
    orderBy: { createdAt: "desc" },
  });
  const by = last?.principalId ? await ctx.tx.principal.findUnique({ where: { id: last.principalId } }) : null;
  throw new DomainError("conflict", "这份记录刚被别人修改过，请核对后再保存", "Changed meanwhile", {
    current: {
      version: person.version,
      by: by?.displayName ?? null,
      at: last?.createdAt ?? null,
      fields: {
        name: person.private.name,
        ethnicity: person.ethnicity ?? "",
        education: person.education ?? "",
        studentNo: person.private.studentNo ?? "",
        phone: person.private.phoneMask ?? "",
        mail: person.private.mailMask ?? "",
        branch: person.memberships.find((row) => row.validTo === null && row.kind === "direct")?.org.shortName ?? "",
      },
    },
  });
}
