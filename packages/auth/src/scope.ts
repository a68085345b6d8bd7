import type { Tx } from "@xianfeng/db";
import { isPermission, type Permission, permissions } from "./permissions.ts";

/** A role held at an organisation: the permissions and how far they reach. Never mixed with those of another assignment. */
export type Assignment = {
  orgId: number;
  /** Materialised path of ids, "/1/5/12/". */
  path: string;
  /** 0 for the root of the tenant. */
  depth: number;
  below: boolean;
  role: string;
  permissions: ReadonlySet<Permission>;
};

/** What a caller may reach. Made by the server for each request; nothing of it comes from the browser. */
export type Scope = {
  tenantId: number;
  treeVersion: string;
  principalId: string;
  personId: string | null;
  displayName: string;
  mustChangePassword: boolean;
  assignments: readonly Assignment[];
  /** Business day in Asia/Shanghai, YYYY-MM-DD. */
  today: string;
};

/** The place of an organisation in the tree. */
export type OrgPlace = { id: number; parentId: number | null; path: string };

const granting = (scope: Scope, permission: Permission) =>
  scope.assignments.filter((a) => a.permissions.has(permission));

/** Whether any of the caller's roles grants the permission, wherever. */
export const holds = (scope: Scope, permission: Permission): boolean => granting(scope, permission).length > 0;

/** Whether the caller may do `permission` at this organisation. */
export function can(scope: Scope, permission: Permission, org: OrgPlace): boolean {
  const relation = permissions[permission].relation;
  return granting(scope, permission).some((assignment) => {
    if (relation === "self") return assignment.orgId === org.id;
    if (relation === "child") return assignment.orgId === org.parentId;
    if (relation === "tree")
      return assignment.orgId === org.id || (assignment.below && org.path.startsWith(assignment.path));
    return false;
  });
}

type OrgCondition = { id: number } | { parentId: number } | { path: { path: { startsWith: string } } };

/**
 * The Prisma condition on an organisation that keeps a list inside what `permission` reaches. The only way to a list:
 * `where: { org: orgWhere(scope, "meeting.read") }`. Without any grant it matches nothing.
 */
export function orgWhere(scope: Scope, permission: Permission): { OR: OrgCondition[] } {
  const relation = permissions[permission].relation;
  const conditions = granting(scope, permission).map((assignment): OrgCondition => {
    if (relation === "child") return { parentId: assignment.orgId };
    if (relation === "tree" && assignment.below) return { path: { path: { startsWith: assignment.path } } };
    return { id: assignment.orgId };
  });
  return { OR: relation === "person" || relation === "tenant" ? [] : conditions };
}

/** The same condition for a row that names its organisation by a relation called `field`. */
export const scopeWhere = <Field extends string>(scope: Scope, permission: Permission, field: Field) =>
  ({ [field]: orgWhere(scope, permission) }) as Record<Field, { OR: OrgCondition[] }>;

/** The roots that one permission reaches, as Cube's row security wants them. */
export const cubeRoots = (scope: Scope, permission: Permission) =>
  granting(scope, permission).map(({ depth, orgId, below }) => ({ level: depth, orgId, below }));

/**
 * Reads who the caller is and what he may, inside a transaction of the tenant. Revoked, expired and not yet valid assignments are left out.
 * @returns null when the account has no principal or was disabled
 */
export async function loadScope(tx: Tx, userId: string, today: string): Promise<Scope | null> {
  const day = new Date(`${today}T00:00:00Z`);
  const principal = await tx.principal.findFirst({
    where: { userId, disabledAt: null },
    include: {
      assignments: {
        where: { validFrom: { lte: day }, OR: [{ validTo: null }, { validTo: { gt: day } }] },
        include: { role: { include: { permissions: true } } },
      },
    },
  });
  if (!principal) return null;
  const tenant = await tx.tenant.findUniqueOrThrow({ where: { id: principal.tenantId } });
  const places = await tx.partyOrgPath.findMany({
    where: { orgId: { in: principal.assignments.map((a) => a.orgId) } },
  });
  const placeOf = new Map(places.map((place) => [place.orgId, place]));
  return {
    tenantId: principal.tenantId,
    treeVersion: String(tenant.treeVersion),
    principalId: principal.id,
    personId: principal.personId,
    displayName: principal.displayName,
    mustChangePassword: principal.mustChangePassword,
    today,
    assignments: principal.assignments.flatMap((assignment) => {
      const place = placeOf.get(assignment.orgId);
      if (!place) return [];
      const granted = assignment.role.permissions.map((row) => row.permission).filter(isPermission);
      const { orgId, below, role } = assignment;
      return [{ orgId, below, role: role.code, path: place.path, depth: place.depth, permissions: new Set(granted) }];
    }),
  };
}
