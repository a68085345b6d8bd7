import type { Tx } from "@xianfeng/db";
import { fromColumn, toColumn } from "../kernel/calendar.ts";
import { erasedName } from "../kernel/index.ts";
import { type Audience, byGroupName, committeePosts, hasVote, type SanctionSpan } from "./meeting.rules.ts";

/** A person of a branch as of a day. */
export type BranchPerson = {
  personId: string;
  name: string;
  identity: string;
  /** The branch where the person's relation is on that day; of a guest it is another one. */
  orgIdThen: number;
  groupId: string | null;
  groupName: string | null;
  posts: string[];
  /** Counts towards those who should attend: a member whose relation, or whose office, is here. Guests, activists and applicants sit in. */
  counted: boolean;
  mayVote: boolean;
};

/** What holds on a day and has not been superseded. */
const on = (day: string) => ({
  supersededAt: null,
  validFrom: { lte: toColumn(day) },
  OR: [{ validTo: null }, { validTo: { gt: toColumn(day) } }],
});

const isMember = (identity: string) => identity === "full_member" || identity === "probationary_member";

/** Everybody who belongs to a branch on a day, by group, office and name, with the rights of that day. */
export async function branchPeople(tx: Tx, orgId: number, day: string): Promise<BranchPerson[]> {
  const memberships = await tx.membership.findMany({
    where: { orgId, ...on(day), person: { mergedIntoId: null } },
    select: { personId: true, kind: true, groupId: true },
  });
  const posts = await tx.post.findMany({ where: { orgId, ...on(day), person: { mergedIntoId: null } } });
  const ids = [...new Set([...memberships, ...posts].map(({ personId }) => personId))];
  if (ids.length === 0) return [];
  const [people, statuses, sanctions, homes, groups] = [
    await tx.personPrivate.findMany({ where: { personId: { in: ids } }, select: { personId: true, name: true } }),
    await tx.personStatus.findMany({ where: { personId: { in: ids }, ...on(day) } }),
    await tx.sanction.findMany({ where: { personId: { in: ids }, ...on(day) } }),
    await tx.membership.findMany({ where: { personId: { in: ids }, kind: "direct", ...on(day) } }),
    await tx.partyGroup.findMany({ where: { orgId } }),
  ];
  const nameOf = new Map(people.map((row) => [row.personId, row.name]));
  const identityOf = new Map(statuses.map((row) => [row.personId, row.identity]));
  const homeOf = new Map(homes.map((row) => [row.personId, row.orgId]));
  const groupOf = new Map(groups.map((group) => [group.id, group.name]));
  const sanctionsOf = Map.groupBy(sanctions, (row) => row.personId);
  const postsOf = Map.groupBy(posts, (row) => row.personId);
  const rows = ids.flatMap((personId): BranchPerson[] => {
    const identity = identityOf.get(personId);
    if (!identity || identity === "left") return [];
    const own = memberships.filter((row) => row.personId === personId);
    const direct = own.find(({ kind }) => kind === "direct");
    const groupId = (direct ?? own[0])?.groupId ?? null;
    const spans = (sanctionsOf.get(personId) ?? []).map(
      (row): SanctionSpan => ({
        kind: row.kind,
        from: fromColumn(row.validFrom),
        until: row.validTo && fromColumn(row.validTo),
      }),
    );
    const held = (postsOf.get(personId) ?? []).map(({ kind }) => kind).sort();
    const belongs = direct !== undefined || held.some((kind) => committeePosts.includes(kind));
    return [
      {
        personId,
        name: nameOf.get(personId) ?? erasedName,
        identity,
        orgIdThen: homeOf.get(personId) ?? orgId,
        groupId,
        groupName: groupId && (groupOf.get(groupId) ?? null),
        posts: held,
        counted: belongs && isMember(identity),
        mayVote: belongs && hasVote({ identity, sanctions: spans }, day),
      },
    ];
  });
  return rows.sort(
    (a, b) =>
      Number(a.groupName === null) - Number(b.groupName === null) ||
      byGroupName(a.groupName ?? "", b.groupName ?? "") ||
      a.name.localeCompare(b.name, "zh-CN") ||
      a.personId.localeCompare(b.personId),
  );
}

export type AudienceChoice = { audience: Audience; groupId: string | null; chosenPersonIds: readonly string[] };

/**
 * Who is expected at a meeting, out of the people of that day. Whole-branch, committee and group meetings are for members; a chosen list
 * may hold others, who sit in and do not count. `strangers` are chosen ids that do not belong to the branch that day.
 */
export function audienceOf(
  people: readonly BranchPerson[],
  choice: AudienceChoice,
): { expected: BranchPerson[]; strangers: string[] } {
  const members = people.filter(({ identity }) => isMember(identity));
  switch (choice.audience) {
    case "all_members":
      return { expected: members, strangers: [] };
    case "committee":
      return { expected: members.filter(({ posts }) => posts.some((p) => committeePosts.includes(p))), strangers: [] };
    case "group":
      return {
        expected: members.filter(({ groupId }) => groupId !== null && groupId === choice.groupId),
        strangers: [],
      };
    case "chosen": {
      const chosen = new Set(choice.chosenPersonIds);
      const expected = people.filter(({ personId }) => chosen.has(personId));
      const found = new Set(expected.map(({ personId }) => personId));
      return { expected, strangers: choice.chosenPersonIds.filter((id) => !found.has(id)) };
    }
  }
}
