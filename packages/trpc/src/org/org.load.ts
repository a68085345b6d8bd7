import { can, type Permission, type Scope } from "@xianfeng/auth";
import type { Tx } from "@xianfeng/db";
import { type Context, calendar, DomainError, notFound } from "../kernel/index.ts";

/** An organisation with its place in the tree. */
export type PlacedOrg = {
  id: number;
  parentId: number | null;
  kind: string;
  code: string;
  shortName: string;
  fullName: string;
  category: string;
  openedOn: string;
  dissolvedOn: string | null;
  updatedAt: Date;
  path: string;
  depth: number;
};

/** Reads an organisation that `permission` reaches; any other answers like one that does not exist. */
export async function loadOrg(ctx: Context, permission: Permission, id: number): Promise<PlacedOrg> {
  const org = await findOrg(ctx.tx, id);
  if (!org || !can(ctx.scope, permission, org)) throw notFound();
  return org;
}

export async function findOrg(tx: Tx, id: number): Promise<PlacedOrg | null> {
  const row = await tx.partyOrg.findUnique({ where: { id }, include: { path: true } });
  if (!row?.path) return null;
  const { path, openedOn, dissolvedOn, ...org } = row;
  return {
    ...org,
    path: path.path,
    depth: path.depth,
    openedOn: calendar.fromColumn(openedOn),
    dissolvedOn: dissolvedOn ? calendar.fromColumn(dissolvedOn) : null,
  };
}

/** Refuses to go on with an organisation that somebody else has changed meanwhile, and says what it is now. */
export function refuseStale(org: PlacedOrg, seenAt: Date): void {
  if (org.updatedAt.getTime() === seenAt.getTime()) return;
  throw new DomainError("conflict", "这个党组织刚被别人修改过，请核对后再保存", "Changed meanwhile", {
    current: { shortName: org.shortName, fullName: org.fullName, parentId: org.parentId, dissolvedOn: org.dissolvedOn },
  });
}

export function refuseDissolved(org: PlacedOrg): void {
  if (org.dissolvedOn)
    throw new DomainError("state", `这个党组织已于${org.dissolvedOn}撤销，不能再修改`, "Already dissolved");
}

/** Changes of the tree take effect today or earlier: the tree of today is the one that rights follow. */
export function refuseFuture(scope: Scope, on: string): void {
  if (on > scope.today)
    throw new DomainError("invalid", "生效日期不能晚于今天", "The day is in the future", {
      fields: { on: "生效日期不能晚于今天" },
    });
}
