import type { Context } from "../kernel/index.ts";
import { branchPeople } from "./meeting.audience.ts";
import { writableBranch } from "./meeting.brought-in.ts";
import { checksOf } from "./meeting.checks.ts";
import { heldInPeriod } from "./meeting.duty.ts";
import { expectedBy } from "./meeting.freeze.ts";
import {
  formOf,
  mayAt,
  namesInBranch,
  namesOfPeople,
  namesOfPrincipals,
  readMeeting,
  stateOf,
  type WholeMeeting,
} from "./meeting.load.ts";
import { changeableFields, type MeetingEvent, meetingMachine } from "./meeting.machine.ts";
import { meetingWords } from "./meeting.messages.ts";
import { phaseOf } from "./meeting.phase.ts";
import {
  type AttendanceState,
  byGroupName,
  dutyProgress,
  instantsOf,
  periodOf,
  quorum,
  quorumKindsOf,
} from "./meeting.rules.ts";
import type { MeetingForm } from "./meeting.schema.ts";
import { countsOf } from "./meeting.service.ts";
import { subjectOf, subjectOfForm } from "./meeting.subject.ts";

/** What a screen may offer on a meeting: the event, its words, and why it does not work yet. */
export type Offer = { event: MeetingEvent; title: string; problem: string | null };

function offersOf(ctx: Context, meeting: WholeMeeting): Offer[] {
  const subject = subjectOf(meeting);
  return Object.entries(meetingMachine[subject.state]).flatMap(([event, found]): Offer[] => {
    if (!mayAt(ctx, meeting, found.may)) return [];
    const problems = found.guards.map((guard) => guard(subject, ctx.now)).filter((problem) => problem !== null);
    return [{ event: event as MeetingEvent, title: found.title, problem: problems.join("；") || null }];
  });
}

/** One meeting with everything its page shows. Reasons of leaves and corrections go to those who record only. */
export async function meetingDetail(ctx: Context, id: string) {
  const meeting = await readMeeting(ctx, id);
  const form = formOf(meeting);
  // A group of another branch has no name here, as a person of another branch has none.
  const group = meeting.groupId
    ? await ctx.tx.partyGroup.findFirst({ where: { id: meeting.groupId, orgId: meeting.orgId } })
    : null;
  const counts = await countsOf(ctx, id);
  const names = await namesInBranch(ctx, meeting.orgId, [form.hostId, form.recorderId]);
  const state = stateOf(meeting);
  return {
    id,
    now: ctx.now,
    orgId: meeting.orgId,
    orgName: meeting.org.shortName,
    state,
    phase: phaseOf(meeting, ctx.now),
    version: meeting.version,
    form,
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
    checkInOpensAt: meeting.checkInOpensAt,
    lateAfterAt: meeting.lateAfter,
    publishedAt: meeting.publishedAt,
    closedAt: meeting.closedAt,
    voidedAt: meeting.voidedAt,
    voidReason: meeting.body?.voidReason ?? null,
    hostName: (form.hostId && names.get(form.hostId)) ?? null,
    recorderName: (form.recorderId && names.get(form.recorderId)) ?? null,
    groupName: group?.name ?? null,
    counts,
    /** Who would be absent at the close for not having signed out. */
    notSignedOut: form.checkOutRequired
      ? await ctx.tx.attendance.count({
          where: {
            meetingId: id,
            source: { in: ["code", "offline"] },
            state: { in: ["on_time", "late"] },
            checkedOutAt: null,
          },
        })
      : 0,
    quorums: quorumKindsOf(form.kind).map((kind) => ({ kind, ...quorum(kind, counts.voters, counts.votersPresent) })),
    changeable: mayAt(ctx, meeting, "meeting.edit") ? changeableFields(state, ctx.now >= meeting.startsAt) : [],
    mayRecord: mayAt(ctx, meeting, "meeting.record"),
    offers: offersOf(ctx, meeting),
  };
}

/** The list of those invited, by group and name, with what was noted about each. */
export async function attendanceTable(ctx: Context, id: string) {
  const meeting = await readMeeting(ctx, id);
  const mayRecord = mayAt(ctx, meeting, "meeting.record");
  const rows = await ctx.tx.attendance.findMany({
    where: { meetingId: id },
    include: { notes: { orderBy: { id: "desc" } } },
  });
  const ids = rows.map(({ personId }) => personId);
  const names = await namesOfPeople(ctx, ids);
  const day = meeting.heldOn;
  const memberships = await ctx.tx.membership.findMany({
    where: {
      personId: { in: ids },
      orgId: meeting.orgId,
      supersededAt: null,
      groupId: { not: null },
      validFrom: { lte: day },
      OR: [{ validTo: null }, { validTo: { gt: day } }],
    },
    select: { personId: true, groupId: true },
  });
  const groups = await ctx.tx.partyGroup.findMany({ where: { orgId: meeting.orgId } });
  const groupName = new Map(groups.map((group) => [group.id, group.name]));
  const groupOf = new Map(memberships.map((row) => [row.personId, row.groupId && groupName.get(row.groupId)]));
  const authors = await namesOfPrincipals(
    ctx,
    rows.flatMap((row) => row.notes.map((note) => note.principalId)),
  );
  const table = rows.map((row) => ({
    personId: row.personId,
    name: names.get(row.personId) ?? "—",
    groupName: groupOf.get(row.personId) ?? null,
    identityThen: row.identityThen,
    shouldAttend: row.shouldAttend,
    mayVote: row.mayVote,
    state: row.state as AttendanceState,
    checkedInAt: row.checkedInAt,
    checkedOutAt: row.checkedOutAt,
    source: row.source,
    correctedAt: row.correctedAt,
    notes: mayRecord
      ? row.notes.map((note) => ({
          id: note.id,
          kind: note.kind,
          before: note.stateBefore as AttendanceState,
          after: note.stateAfter as AttendanceState,
          reason: note.reason,
          by: authors.get(note.principalId) ?? "已停用的账号",
          at: note.createdAt,
        }))
      : [],
  }));
  return table.sort(
    (a, b) =>
      Number(b.shouldAttend) - Number(a.shouldAttend) ||
      Number(a.groupName === null) - Number(b.groupName === null) ||
      byGroupName(a.groupName ?? "", b.groupName ?? "") ||
      a.name.localeCompare(b.name, "zh-CN") ||
      a.personId.localeCompare(b.personId),
  );
}

/** Who did what to the meeting, oldest first. Saves of one person that follow each other within ten minutes are one line. */
export async function meetingTrail(ctx: Context, id: string) {
  const meeting = await readMeeting(ctx, id);
  const events = await ctx.tx.auditEvent.findMany({
    where: { subjectKind: "meeting", subjectId: id },
    orderBy: { id: "asc" },
    take: 1000,
  });
  const names = await namesOfPrincipals(
    ctx,
    events.map(({ principalId }) => principalId),
  );
  // What a member did with the own attendance is in the table, for those who may read reasons there.
  const own = new Set(["attendance.undo", "attendance.offline", "attendance.leave", "attendance.leave_cancelled"]);
  const lines: {
    id: string;
    action: string;
    by: string;
    at: Date;
    fields: string[];
    reason: string | null;
    times: number;
  }[] = [];
  for (const event of events.filter(({ action }) => !own.has(action))) {
    const by = (event.principalId && names.get(event.principalId)) || "已停用的账号";
    const last = lines.at(-1);
    const joins =
      last?.action === event.action && last.by === by && event.createdAt.getTime() - last.at.getTime() < 600_000;
    if (joins && last) {
      last.at = event.createdAt;
      last.times += 1;
      last.fields = [...new Set([...last.fields, ...event.fields])];
    } else {
      const { id: eventId, action, createdAt: at, fields } = event;
      lines.push({
        id: eventId,
        action,
        by,
        at,
        fields,
        reason: mayAt(ctx, meeting, "meeting.record") ? event.reason : null,
        times: 1,
      });
    }
  }
  return lines;
}

/** The people of a branch on a day: choices for chair, recorder and a chosen audience. */
export async function peopleOn(ctx: Context, input: { orgId: number; day: string }) {
  await writableBranch(ctx, input.orgId);
  const groups = await ctx.tx.partyGroup.findMany({ where: { orgId: input.orgId }, orderBy: { name: "asc" } });
  return {
    people: await branchPeople(ctx.tx, input.orgId, input.day),
    groups: groups.map(({ id, name }) => ({ id, name })).sort((a, b) => byGroupName(a.name, b.name)),
  };
}

/** The two cards beside the form: who will come, and what the rules say. Of a form as it stands, saved or not. */
export async function previewDraft(ctx: Context, input: { id: string; orgId: number; fields: MeetingForm }) {
  const { id, orgId, fields: form } = input;
  await writableBranch(ctx, orgId);
  const { expected, strangers, counted } = await expectedBy(ctx, orgId, form);
  const { startsAt, endsAt } = instantsOf(form);
  const clashes = await ctx.tx.meeting.findMany({
    where: {
      id: { not: id },
      orgId,
      voidedAt: null,
      state: { not: "draft" },
      startsAt: { lt: endsAt },
      endsAt: { gt: startsAt },
    },
    include: { body: { select: { title: true } } },
    orderBy: { startsAt: "asc" },
    take: 3,
  });
  const { kind } = form;
  const groups = await ctx.tx.partyGroup.count({ where: { orgId } });
  const held = await heldInPeriod(ctx, orgId, kind, form.heldOn);
  const progress = dutyProgress({ kind, period: periodOf(kind, form.heldOn), groups, on: form.heldOn }, held);
  const subject = subjectOfForm("draft", form, counted);
  const checks = checksOf({
    kind,
    kindTitle: meetingWords["zh-CN"].kind[kind],
    times: form,
    now: ctx.now,
    blocking: (meetingMachine.draft.publish?.guards ?? [])
      .map((guard) => guard(subject, ctx.now))
      .filter((problem) => problem !== null),
    voters: expected.filter((person) => person.mayVote).length,
    done: progress.done,
    of: progress.of,
    clashes: clashes.map((row) => ({ title: row.body?.title ?? "", startsAt: row.startsAt, endsAt: row.endsAt })),
  });
  return { expected, strangers, checks };
}
