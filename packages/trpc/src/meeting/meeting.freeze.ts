import type { Context } from "../kernel/index.ts";
import { audienceOf, type BranchPerson, branchPeople } from "./meeting.audience.ts";
import { formOf } from "./meeting.load.ts";
import type { MeetingForm } from "./meeting.schema.ts";
import type { Counted } from "./meeting.subject.ts";

/** Who is expected by what is known now, and how the guards count them. */
export async function expectedBy(
  ctx: Context,
  orgId: number,
  form: Pick<MeetingForm, "heldOn" | "audience" | "groupId" | "chosenPersonIds" | "hostId" | "recorderId">,
): Promise<{ expected: BranchPerson[]; strangers: string[]; counted: Counted }> {
  const branch = await branchPeople(ctx.tx, orgId, form.heldOn);
  const { expected, strangers } = audienceOf(branch, form);
  const here = new Set(branch.map(({ personId }) => personId));
  const named = [form.hostId, form.recorderId].filter((id) => id !== null && !here.has(id)).map(String);
  const outside = [...new Set([...strangers, ...named])];
  const hasGroup =
    form.groupId !== null && (await ctx.tx.partyGroup.count({ where: { id: form.groupId, orgId } })) === 1;
  return { expected, strangers: outside, counted: { people: expected.length, strangers: outside.length, hasGroup } };
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
  const { expected } = await expectedBy(ctx, meeting.orgId, formOf(meeting));
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
