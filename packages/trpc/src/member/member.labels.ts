import { orgWhere } from "@xianfeng/auth";
import { type Context, erasedName } from "../kernel/index.ts";
import { maskName } from "./mask.rules.ts";
import { personWhere } from "./member.load.ts";

export type MemberLabel = { id: string; name: string; masked: boolean };

/**
 * Names for ids that came from figures. Whose record the caller may read, by name; whose rank or report only, masked; anybody else
 * is missing from the answer, as if there were no such id. Somebody erased has no name any more; that he was of a branch in reach is a fact.
 * @param ids at most 500
 */
export async function labelMembers(ctx: Context, { ids }: { ids: string[] }): Promise<MemberLabel[]> {
  const among = { id: { in: [...new Set(ids)] } };
  const select = { id: true, private: { select: { name: true } } };
  const known = await ctx.tx.person.findMany({ where: { ...among, ...personWhere(ctx.scope, "member.read") }, select });
  const seen = new Set(known.map((row) => row.id));
  const ranked = await ctx.tx.person.findMany({
    where: { ...among, OR: [personWhere(ctx.scope, "ranking.read"), personWhere(ctx.scope, "report.read")] },
    select,
  });
  const places = (["member.read", "ranking.read", "report.read"] as const).map((permission) => ({
    org: orgWhere(ctx.scope, permission),
  }));
  const erased = await ctx.tx.person.findMany({
    where: { ...among, private: { is: null }, memberships: { some: { OR: places } } },
    select: { id: true },
  });
  return [
    ...erased.map(({ id }) => ({ id, name: erasedName, masked: true })),
    ...known.map((row) => ({ id: row.id, name: row.private?.name ?? "", masked: false })),
    ...ranked
      .filter((row) => !seen.has(row.id))
      .map((row) => ({ id: row.id, name: maskName(row.private?.name ?? ""), masked: true })),
  ];
}
