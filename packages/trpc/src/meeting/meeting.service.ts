import { audit, type Context, DomainError, transition } from "../kernel/index.ts";
import { settleDuty } from "./meeting.duty.ts";
import { expectedBy, freezeAudience } from "./meeting.freeze.ts";
import { formOf, lockMeeting, namesOfPrincipals, stateOf, type WholeMeeting } from "./meeting.load.ts";
import { meetingMachine } from "./meeting.machine.ts";
import { finishTodos, openTodo, publishedNotice, sendNotices, voidNotice } from "./meeting.notice.ts";
import { isPresent, stateAtClose } from "./meeting.rules.ts";
import { subjectOf } from "./meeting.subject.ts";

/** Counts of a meeting. `expected` and `voters` count those who should attend; guests who sit in are apart. */
export type Counts = {
  expected: number;
  present: number;
  onTime: number;
  late: number;
  leave: number;
  absent: number;
  pending: number;
  voters: number;
  votersPresent: number;
  guests: number;
};

export async function countsOf(ctx: Context, meetingId: string): Promise<Counts> {
  const rows = await ctx.tx.attendance.groupBy({
    by: ["state", "shouldAttend", "mayVote"],
    where: { meetingId },
    _count: true,
  });
  const sum = (take: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(take).reduce((total, row) => total + row._count, 0);
  const of = (state: string) => sum((row) => row.shouldAttend && row.state === state);
  return {
    expected: sum((row) => row.shouldAttend),
    present: sum((row) => row.shouldAttend && isPresent(row.state)),
    onTime: of("on_time"),
    late: of("late"),
    leave: of("leave"),
    absent: of("absent"),
    pending: of("pending"),
    voters: sum((row) => row.mayVote),
    votersPresent: sum((row) => row.mayVote && isPresent(row.state)),
    guests: sum((row) => !row.shouldAttend),
  };
}

/**
 * Publishes a draft as the caller saw it: freezes the audience, tells everybody, opens the branch's to-do. Twice is once.
 * @throws DomainError conflict when somebody changed the draft meanwhile, state with everything that is missing
 */
export async function publishMeeting(
  ctx: Context,
  input: { id: string; version: number },
): Promise<{ people: number }> {
  const meeting = await lockMeeting(ctx, input.id, "meeting.publish");
  if (stateOf(meeting) === "published")
    return { people: await ctx.tx.attendance.count({ where: { meetingId: input.id } }) };
  if (stateOf(meeting) === "draft" && meeting.version !== input.version) throw await changedMeanwhile(ctx, meeting);
  const { expected, counted } = await expectedBy(ctx, meeting.orgId, formOf(meeting));
  transition(meetingMachine, "publish", subjectOf(meeting, counted), ctx.now);
  await ctx.tx.meeting.update({
    where: { id: meeting.id },
    data: { state: "published", publishedAt: ctx.now, version: meeting.version + 1 },
  });
  await freezeAudience(ctx, meeting.id);
  await sendNotices(ctx, meeting, publishedNotice(meeting));
  await finishTodos(ctx, meeting.id, ["meeting_draft"]);
  await openTodo(ctx, meeting, "meeting_close");
  await audit(ctx, {
    action: "meeting.publish",
    subjectKind: "meeting",
    subjectId: meeting.id,
    orgId: meeting.orgId,
    fields: ["state"],
  });
  return { people: expected.length };
}

async function changedMeanwhile(ctx: Context, meeting: WholeMeeting): Promise<DomainError> {
  const event = await ctx.tx.auditEvent.findFirst({
    where: { subjectKind: "meeting", subjectId: meeting.id },
    orderBy: { id: "desc" },
  });
  const by = event && (await namesOfPrincipals(ctx, [event.principalId])).get(event.principalId ?? "");
  return new DomainError(
    "conflict",
    `${by ?? "另一位同志"}刚改过这份草稿，请看过最新内容再发布`,
    "The draft has changed",
    { current: { version: meeting.version } },
  );
}

/**
 * Ends signing in (MEET-13): who has neither signed in nor taken leave is absent; the duty of the period is settled. Twice is once.
 * The meeting row is locked first, so a sign-in that comes at the same instant is either counted or told that it is over.
 */
export async function closeMeeting(
  ctx: Context,
  id: string,
): Promise<{ counts: Counts; dutyFulfilled: boolean | null }> {
  const meeting = await lockMeeting(ctx, id, "meeting.record");
  if (stateOf(meeting) === "closed") return { counts: await countsOf(ctx, id), dutyFulfilled: null };
  transition(meetingMachine, "close", subjectOf(meeting), ctx.now);
  await ctx.tx.meeting.update({ where: { id }, data: { state: "closed", closedAt: ctx.now } });
  const rows = await ctx.tx.attendance.findMany({ where: { meetingId: id } });
  const absent = rows.filter(
    (row) => row.state !== "absent" && stateAtClose(row, meeting.checkOutRequired) === "absent",
  );
  await ctx.tx.attendance.updateMany({
    where: { id: { in: absent.map((row) => row.id) } },
    data: { state: "absent" },
  });
  const dutyFulfilled = await settleDuty(ctx, meeting);
  await finishTodos(ctx, id, ["meeting_close"]);
  if (meeting.body?.minutes === "") await openTodo(ctx, meeting, "meeting_minutes");
  await audit(ctx, {
    action: "meeting.close",
    subjectKind: "meeting",
    subjectId: id,
    orgId: meeting.orgId,
    fields: ["state"],
  });
  return { counts: await countsOf(ctx, id), dutyFulfilled };
}

/** Voids a published or closed meeting: it stays in lists and counts as void, the duty opens again. Twice is once. */
export async function voidMeeting(ctx: Context, input: { id: string; reason: string }): Promise<void> {
  const meeting = await lockMeeting(ctx, input.id, "meeting.void");
  if (stateOf(meeting) === "void") return;
  transition(meetingMachine, "void", subjectOf(meeting), ctx.now);
  await ctx.tx.meeting.update({ where: { id: meeting.id }, data: { voidedAt: ctx.now } });
  await ctx.tx.meetingBody.update({ where: { meetingId: meeting.id }, data: { voidReason: input.reason } });
  if (meeting.state === "closed") await settleDuty(ctx, meeting);
  else await sendNotices(ctx, meeting, voidNotice(meeting, input.reason));
  await finishTodos(ctx, meeting.id);
  await audit(ctx, {
    action: "meeting.void",
    subjectKind: "meeting",
    subjectId: meeting.id,
    orgId: meeting.orgId,
    reason: input.reason,
    fields: ["voided_at"],
  });
}
