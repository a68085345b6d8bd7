import type { Permission } from "@xianfeng/auth";
import { can, scopeWhere } from "@xianfeng/auth";
import type { Prisma } from "@xianfeng/db";
import { dayAt, fromColumn, timeAt, toColumn } from "../kernel/calendar.ts";
import { type Context, nameOrErased, notFound } from "../kernel/index.ts";
import type { MeetingState } from "./meeting.machine.ts";
import { type Audience, instantsOf, type MeetingKind, type MeetingTimes, minutesBetween } from "./meeting.rules.ts";
import type { MeetingForm } from "./meeting.schema.ts";

const whole = { body: true, org: { include: { path: true } } } satisfies Prisma.MeetingInclude;
export type WholeMeeting = Prisma.MeetingGetPayload<{ include: typeof whole }>;

/**
 * Meetings that the caller may see: what was published anywhere in reach, and drafts of the branches that the caller writes for.
 * A draft is nobody else's business, not even a superior's.
 */
export const visible = (ctx: Context): Prisma.MeetingWhereInput => ({
  OR: [
    { state: { not: "draft" }, ...scopeWhere(ctx.scope, "meeting.read", "org") },
    { state: "draft", ...scopeWhere(ctx.scope, "meeting.edit", "org") },
  ],
});

/** A meeting for reading. @throws notFound, also when it exists outside the caller's reach */
export async function readMeeting(ctx: Context, id: string): Promise<WholeMeeting> {
  const found = await ctx.tx.meeting.findFirst({ where: { id, AND: [visible(ctx)] }, include: whole });
  if (!found) throw notFound();
  return found;
}

/**
 * A meeting for changing, locked until the transaction ends. Reach is checked before the lock, so a stranger cannot hold anything up.
 * @throws notFound, also when it exists outside what `permission` reaches
 */
export async function lockMeeting(ctx: Context, id: string, permission: Permission): Promise<WholeMeeting> {
  const where = { id, ...scopeWhere(ctx.scope, permission, "org") };
  if (!(await ctx.tx.meeting.findFirst({ where, select: { id: true } }))) throw notFound();
  await ctx.tx.$queryRaw`SELECT id FROM meeting WHERE id = ${id}::uuid FOR UPDATE`;
  const found = await ctx.tx.meeting.findFirst({ where, include: whole });
  if (!found) throw notFound();
  return found;
}

/** Void beside the stored state: what the machine goes by. */
export const stateOf = (meeting: { state: string; voidedAt: Date | null }): MeetingState =>
  meeting.voidedAt ? "void" : (meeting.state as MeetingState);

export const kindOf = (meeting: { kind: string }): MeetingKind => meeting.kind as MeetingKind;

/** The row as the form has it. */
export function formOf(meeting: WholeMeeting): MeetingForm {
  const body = meeting.body;
  return {
    kind: kindOf(meeting),
    title: body?.title ?? "",
    heldOn: fromColumn(meeting.heldOn),
    startTime: timeAt(meeting.startsAt),
    endTime: timeAt(meeting.endsAt),
    place: body?.place ?? "",
    hostId: body?.hostId ?? null,
    recorderId: body?.recorderId ?? null,
    audience: meeting.audience as Audience,
    groupId: meeting.groupId,
    chosenPersonIds: [...(body?.chosenPersonIds ?? [])].sort(),
    agenda: body?.agenda ?? "",
    checkInLead: minutesBetween(meeting.checkInOpensAt, meeting.startsAt),
    lateAfter: minutesBetween(meeting.startsAt, meeting.lateAfter),
    checkOutRequired: meeting.checkOutRequired,
    minutes: body?.minutes ?? "",
  };
}

/** Columns of the published half and of the half with the words. */
export function columnsOf(form: MeetingForm) {
  return {
    meeting: {
      kind: form.kind,
      heldOn: toColumn(form.heldOn),
      ...instantsOf(form satisfies MeetingTimes),
      audience: form.audience,
      groupId: form.groupId,
      checkOutRequired: form.checkOutRequired,
    },
    body: {
      title: form.title,
      place: form.place,
      hostId: form.hostId,
      recorderId: form.recorderId,
      chosenPersonIds: form.chosenPersonIds,
      agenda: form.agenda,
      minutes: form.minutes,
    },
  };
}

/** 11月20日 周五 15:00—16:30 */
export function whenText(meeting: { startsAt: Date; endsAt: Date }): string {
  const day = dayAt(meeting.startsAt);
  const [, month, date] = day.split("-").map(Number);
  const weekday = "日一二三四五六".charAt(toColumn(day).getUTCDay());
  return `${month}月${date}日 周${weekday} ${timeAt(meeting.startsAt)}—${timeAt(meeting.endsAt)}`;
}

/** Display names of accounts, for the trail. */
export async function namesOfPrincipals(ctx: Context, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const rows = await ctx.tx.principal.findMany({
    where: { id: { in: wanted } },
    select: { id: true, displayName: true },
  });
  return new Map(rows.map((row) => [row.id, row.displayName]));
}

/** Names of people, for lists within reach of a permission that shows them. */
export const namesOfPeople = (ctx: Context, ids: readonly (string | null)[]): Promise<Map<string, string>> =>
  findNames(ctx, ids, {});

/**
 * Names of those who are or were of the branch. A draft may name anybody by number until it is published: a stranger's number must not
 * bring the stranger's name.
 */
export const namesInBranch = (ctx: Context, orgId: number, ids: readonly (string | null)[]) =>
  findNames(ctx, ids, { memberships: { some: { orgId } } });

async function findNames(
  ctx: Context,
  ids: readonly (string | null)[],
  among: Prisma.PersonWhereInput,
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const rows = await ctx.tx.person.findMany({
    where: { id: { in: wanted }, ...among },
    select: { id: true, private: { select: { name: true } } },
  });
  return new Map(rows.map((row) => [row.id, nameOrErased(row.private)]));
}

/** Whether the caller may do something at the meeting's branch; for drawing buttons. */
export const mayAt = (ctx: Context, meeting: WholeMeeting, permission: Permission): boolean =>
  can(ctx.scope, permission, {
    id: meeting.orgId,
    parentId: meeting.org.parentId,
    path: meeting.org.path?.path ?? "",
  });
