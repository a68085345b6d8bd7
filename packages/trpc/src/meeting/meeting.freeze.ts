import { fromColumn } from "../kernel/calendar.ts";
import type { Context } from "../kernel/index.ts";
import { audienceOf, type BranchPerson, branchPeople } from "./meeting.audience.ts";
import type { WholeMeeting } from "./meeting.load.ts";
import type { Audience } from "./meeting.rules.ts";

/** Who is expected at a meeting by what is known now, and who was named without belonging to the branch on the day. */
export async function expectedAt(
  ctx: Context,
  meeting: WholeMeeting,
): Promise<{ expected: BranchPerson[]; strangers: string[]; branch: BranchPerson[] }> {
  const branch = await branchPeople(ctx.tx, meeting.orgId, fromColumn(meeting.heldOn));
  const { expected, strangers } = audienceOf(branch, {
    audience: meeting.audience as Audience,
    groupId: meeting.groupId,
    chosenPersonIds: meeting.body?.chosenPersonIds ?? [],
  });
  const here = new Set(branch.map(({ personId }) => personId));
  const named = [meeting.body?.hostId, meeting.body?.recorderId].filter((id) => typeof id === "string");
  return { expected, branch, strangers: [...new Set([...strangers, ...named.filter((id) => !here.has(id))])] };
}

/**
 * Writes the audience as it is on the meeting's day into attendance rows: organisation, identity and vote of that day, for good.
 * A later transfer changes nothing. Only a move to another day calls this again: rights then follow the new day; a row that carries a
 * note stays, without counting, so that no reason is lost.
 */
export async function freezeAudience(ctx: Context, meetingId: string): Promise<BranchPerson[]> {
  const meeting = await ctx.tx.meeting.findUniqueOrThrow({
    where: { id: meetingId },
    include: { body: true, org: { include: { path: true } } },
  });
  const { expected } = await expectedAt(ctx, meeting);
  const rows = await ctx.tx.attendance.findMany({
    where: { meetingId },
    include: { _count: { select: { notes: true } } },
  });
  const rowOf = new Map(rows.map((row) => [row.personId, row]));
  const missing = expected.filter(({ personId }) => !rowOf.has(personId));
  await ctx.tx.attendance.createMany({
    data: missing.map((person) => ({
      tenantId: ctx.scope.tenantId,
      meetingId,
      personId: person.personId,
      ...rightsOf(person),
    })),
    skipDuplicates: true,
  });
  for (const person of expected) {
    const row = rowOf.get(person.personId);
    if (row) await ctx.tx.attendance.update({ where: { id: row.id }, data: rightsOf(person) });
  }
  const stays = new Set(expected.map(({ personId }) => personId));
  for (const row of rows.filter(({ personId }) => !stays.has(personId))) {
    if (row._count.notes === 0) await ctx.tx.attendance.delete({ where: { id: row.id } });
    else await ctx.tx.attendance.update({ where: { id: row.id }, data: { shouldAttend: false, mayVote: false } });
  }
  return expected;
}

const rightsOf = (person: BranchPerson) => ({
  orgIdThen: person.orgIdThen,
  identityThen: person.identity,
  shouldAttend: person.counted,
  mayVote: person.mayVote,
});
