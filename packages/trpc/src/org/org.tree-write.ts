import type { Tx } from "@xianfeng/db";
import { type Context, calendar, type Rewrite, type Span } from "../kernel/index.ts";

/** A row of org_version as the timeline rules see it. */
export type VersionRow = Span & { parentId: number | null; fullName: string; kind: string };

/** One change of the tree at a time in a tenant, until the transaction ends: paths of two moves must not interleave. */
export async function lockTree(ctx: Context): Promise<void> {
  await ctx.tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('party_org_path'), ${ctx.scope.tenantId}::int)`;
}

/**
 * Puts an organisation, with everything below it, under a superior: parent, paths and depths, and the tree version that tells the
 * warehouse its scope levels are old. The only writer of `party_org_path`. Call `lockTree` first.
 */
export async function placeOrg(ctx: Context, orgId: number, parentId: number | null): Promise<void> {
  const { tx, scope } = ctx;
  const above = parentId === null ? null : await tx.partyOrgPath.findUniqueOrThrow({ where: { orgId: parentId } });
  const path = `${above?.path ?? "/"}${orgId}/`;
  const depth = above ? above.depth + 1 : 0;
  const old = await tx.partyOrgPath.findUnique({ where: { orgId } });
  if (old) {
    const shift = depth - old.depth;
    await tx.$executeRaw`
      UPDATE party_org_path SET path = ${path} || substr(path, ${old.path.length + 1}::int), depth = depth + ${shift}::int, updated_at = now()
      WHERE tenant_id = ${scope.tenantId} AND starts_with(path, ${old.path})`;
  } else {
    await tx.partyOrgPath.create({ data: { orgId, tenantId: scope.tenantId, path, depth } });
  }
  await tx.partyOrg.update({ where: { id: orgId }, data: { parentId } });
  await tx.tenant.update({ where: { id: scope.tenantId }, data: { treeVersion: { increment: 1 } } });
}

/** What we believe today about an organisation's history, oldest first. */
export async function believedVersions(tx: Tx, orgId: number): Promise<VersionRow[]> {
  const rows = await tx.orgVersion.findMany({ where: { orgId, supersededAt: null }, orderBy: { validFrom: "asc" } });
  return rows.map((row) => ({
    id: row.id,
    parentId: row.parentId,
    fullName: row.fullName,
    kind: row.kind,
    validFrom: calendar.fromColumn(row.validFrom),
    validTo: row.validTo ? calendar.fromColumn(row.validTo) : null,
  }));
}

/** Writes both axes: what is no longer believed gets the time until which it was, what is believed now is added. */
export async function rewriteVersions(ctx: Context, orgId: number, rewrite: Rewrite<VersionRow>): Promise<void> {
  await ctx.tx.orgVersion.updateMany({ where: { id: { in: rewrite.supersede } }, data: { supersededAt: ctx.now } });
  await ctx.tx.orgVersion.createMany({
    data: rewrite.insert.map((row) => ({
      tenantId: ctx.scope.tenantId,
      orgId,
      parentId: row.parentId,
      fullName: row.fullName,
      kind: row.kind,
      validFrom: calendar.toColumn(row.validFrom),
      validTo: row.validTo ? calendar.toColumn(row.validTo) : null,
      recordedAt: ctx.now,
    })),
  });
}
