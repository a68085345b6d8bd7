import { orgWhere, type Permission, type Scope } from "@xianfeng/auth";
import { type Db, inTenant } from "@xianfeng/db";
import type { OrgName } from "./domain.ts";

const most = 5_000;

/**
 * Names of organisations for the numbers of a Cube answer, as far as the permission of that answer reaches. The warehouse holds no names;
 * one outside the reach is missing, like one that does not exist.
 */
export async function orgNames(
  db: Db,
  scope: Scope,
  permission: Permission,
  ids: readonly number[],
): Promise<Record<number, OrgName>> {
  if (ids.length === 0) return {};
  const rows = await inTenant(db, scope.tenantId, (tx) =>
    tx.partyOrg.findMany({
      where: { AND: [{ id: { in: [...new Set(ids)] } }, orgWhere(scope, permission)] },
      select: { id: true, shortName: true, fullName: true, category: true, kind: true },
      take: most,
    }),
  );
  return Object.fromEntries(rows.map(({ id, ...name }) => [id, name]));
}

/** Every organisation of today within the permission's reach. */
export async function orgsInReach(db: Db, scope: Scope, permission: Permission): Promise<Record<number, OrgName>> {
  const rows = await inTenant(db, scope.tenantId, (tx) =>
    tx.partyOrg.findMany({
      where: { AND: [{ dissolvedOn: null }, orgWhere(scope, permission)] },
      select: { id: true, shortName: true, fullName: true, category: true, kind: true },
      take: most,
    }),
  );
  return Object.fromEntries(rows.map(({ id, ...name }) => [id, name]));
}

/** Titles and places of meetings within the permission's reach: they may hold names, so they are read here and never published. */
export async function meetingTitles(
  db: Db,
  scope: Scope,
  permission: Permission,
  ids: readonly string[],
): Promise<Record<string, { title: string; place: string }>> {
  if (ids.length === 0) return {};
  const rows = await inTenant(db, scope.tenantId, (tx) =>
    tx.meeting.findMany({
      where: { id: { in: [...new Set(ids)] }, org: orgWhere(scope, permission) },
      select: { id: true, body: { select: { title: true, place: true } } },
      take: most,
    }),
  );
  return Object.fromEntries(rows.map(({ id, body }) => [id, { title: body?.title ?? "", place: body?.place ?? "" }]));
}
