import { orgWhere } from "@xianfeng/auth";
import type { Prisma } from "@xianfeng/db";
import { type Context, calendar, listPage } from "../kernel/index.ts";
import { holding, personWhere } from "./member.load.ts";
import type { MemberFilter, MemberList } from "./member.schema.ts";
import { identities, memberIdentities, normaliseName } from "./person.rules.ts";

/** `%`, `_` and `\` are what people typed, not patterns (IA16). */
const literal = (text: string) => text.replace(/[\\%_]/g, (character) => `\\${character}`);

/** The one translation of the list's conditions into a query: list, counts and whatever comes later use it. */
export function memberWhere(ctx: Context, filter: MemberFilter, identity = filter.identity): Prisma.PersonWhereInput {
  const today = holding(ctx.scope.today);
  const wanted = identity === "member" ? [...memberIdentities] : [identity];
  const conditions: Prisma.PersonWhereInput[] = [
    personWhere(ctx.scope, "member.read"),
    { statuses: { some: { ...today, identity: { in: wanted } } } },
  ];
  if (filter.sex) conditions.push({ sex: filter.sex });
  if (filter.orgId !== undefined || filter.category)
    conditions.push({
      memberships: {
        some: {
          ...today,
          kind: "direct",
          org: {
            AND: [
              orgWhere(ctx.scope, "member.read"),
              ...(filter.category ? [{ category: filter.category }] : []),
              ...(filter.orgId !== undefined ? [{ path: { path: { contains: `/${filter.orgId}/` } } }] : []),
            ],
          },
        },
      },
    });
  if (filter.q) conditions.push({ private: matching(filter.q) });
  return { AND: conditions };
}

/** Name, sound, initials of the sound, or student number. */
function matching(typed: string): Prisma.PersonPrivateWhereInput {
  const name = literal(normaliseName(typed));
  const sound = literal(typed.toLowerCase().replace(/[\s']/g, ""));
  return {
    OR: [
      { name: { contains: name } },
      // Nothing is left of a lone apostrophe, and nothing is the beginning of everything.
      ...(sound === "" ? [] : [{ pinyin: { startsWith: sound } }, { initials: { startsWith: sound } }]),
      { studentNo: { startsWith: literal(typed.trim()), mode: "insensitive" as const } },
    ],
  };
}

/** One page of people, by branch and name; identifiers masked. */
export async function listMembers(ctx: Context, input: MemberList) {
  const where = memberWhere(ctx, input);
  const today = holding(ctx.scope.today);
  return listPage(
    input,
    async ({ skip, take }) => {
      const rows = await ctx.tx.person.findMany({
        where,
        skip,
        take,
        orderBy: [{ private: { pinyin: "asc" } }, { id: "asc" }],
        include: {
          private: true,
          statuses: { where: today },
          memberships: { where: { ...today, kind: "direct" }, include: { org: true } },
        },
      });
      return rows.map((row) => ({
        id: row.id,
        name: row.private?.name ?? "",
        sex: row.sex,
        idNumberMask: row.private?.idNumberMask ?? null,
        studentNo: row.private?.studentNo ?? null,
        identity: row.statuses[0]?.identity ?? null,
        joinedOn: row.joinedOn ? calendar.fromColumn(row.joinedOn) : null,
        branch: row.memberships[0]
          ? {
              id: row.memberships[0].orgId,
              shortName: row.memberships[0].org.shortName,
              category: row.memberships[0].org.category,
            }
          : null,
      }));
    },
    async (limit) => {
      const counted = await ctx.tx.person.findMany({ where, select: { id: true }, take: limit });
      return counted.length;
    },
  );
}

/** How many people each identity has under the same other conditions: the figures on the tabs. */
export async function countMembers(ctx: Context, filter: MemberFilter): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const identity of identities.filter((code) => code !== "masses" && code !== "left"))
    counts[identity] = await ctx.tx.person.count({ where: memberWhere(ctx, filter, identity) });
  counts.member = memberIdentities.reduce((sum, identity) => sum + (counts[identity] ?? 0), 0);
  return counts;
}
