/** Attendance by the recorder: entries while the meeting is open, corrections after it is closed, the code for the wall. */
import { scopeWhere } from "@xianfeng/auth";
import { timeAt } from "../kernel/calendar.ts";
import { audit, type Context, DomainError, notFound, transition } from "../kernel/index.ts";
import { currentCode, type Purpose } from "./meeting.code.ts";
import { settleDuty } from "./meeting.duty.ts";
import { lockMeeting, namesOfPeople, stateOf } from "./meeting.load.ts";
import { meetingMachine } from "./meeting.machine.ts";
import { phaseOf } from "./meeting.phase.ts";
import { type AttendanceState, checkOutTailMinutes, isPresent } from "./meeting.rules.ts";
import { type Counts, countsOf } from "./meeting.service.ts";
import { subjectOf } from "./meeting.subject.ts";

/**
 * Enters the state of one or several people. Before sign-in opens only a leave can be entered. A change of something that was already
 * known, and every leave, leaves a note. Several at once are only those about whom nothing is known yet: a tick too many must not
 * overwrite somebody's own sign-in; taking back several touches only what the recorder entered. Entering the same again changes nothing.
 * @returns how many changed, and how many of the several were left as they are
 */
export async function recordAttendance(
  ctx: Context,
  input: { id: string; personIds: readonly string[]; state: AttendanceState; reason?: string },
): Promise<{ changed: number; kept: number; counts: Counts }> {
  const meeting = await lockMeeting(ctx, input.id, "meeting.record");
  transition(meetingMachine, "record", subjectOf(meeting), ctx.now);
  const early = phaseOf(meeting, ctx.now) === "not_started";
  if (early && input.state !== "leave" && input.state !== "pending")
    throw new DomainError(
      "state",
      `签到${timeAt(meeting.checkInOpensAt)}才开始，现在只能登记请假`,
      "Only a leave can be entered before sign-in opens",
    );
  const wanted = [...new Set(input.personIds)];
  const rows = await ctx.tx.attendance.findMany({ where: { meetingId: meeting.id, personId: { in: wanted } } });
  if (rows.length !== wanted.length) throw notFound();
  const different = rows.filter(({ state }) => state !== input.state);
  const open = (row: { state: string; source: string | null }) =>
    input.state === "pending" ? row.source === "recorder" : row.state === "pending";
  const changing = wanted.length > 1 ? different.filter(open) : different;
  for (const row of changing) {
    await ctx.tx.attendance.update({
      where: { id: row.id },
      data: {
        state: input.state,
        source: input.state === "pending" ? null : "recorder",
        // An entry by hand knows that somebody was there, not when.
        ...(isPresent(input.state) ? {} : { checkedInAt: null, checkedOutAt: null }),
      },
    });
    if (input.state === "leave" || row.state !== "pending")
      await addNote(
        ctx,
        row,
        input.state,
        input.reason || "记录人登记",
        input.state === "leave" ? "leave" : "correction",
      );
  }
  if (changing.length > 0)
    await audit(ctx, {
      action: "attendance.record",
      subjectKind: "meeting",
      subjectId: meeting.id,
      orgId: meeting.orgId,
      fields: [input.state],
    });
  const counts = await countsOf(ctx, meeting.id);
  return { changed: changing.length, kept: different.length - changing.length, counts };
}

/**
 * Corrects one person after the meeting was closed, with the reason (MEET-12). What the scan recorded stays beside it; a committee meeting
 * may gain or lose its quorum by it, so the duty is settled again. Correcting to the same state twice is once.
 */
export async function correctAttendance(
  ctx: Context,
  input: { id: string; personId: string; state: AttendanceState; reason: string },
): Promise<{ counts: Counts }> {
  const meeting = await lockMeeting(ctx, input.id, "meeting.record");
  if (stateOf(meeting) === "published")
    throw new DomainError(
      "state",
      "会议还没有结束，请直接登记，不用更正",
      "The meeting is still open: enter it instead",
    );
  transition(meetingMachine, "correct", subjectOf(meeting), ctx.now);
  const row = await ctx.tx.attendance.findUnique({
    where: { meetingId_personId: { meetingId: meeting.id, personId: input.personId } },
  });
  if (!row) throw notFound();
  if (row.state === input.state) return { counts: await countsOf(ctx, meeting.id) };
  await ctx.tx.attendance.update({
    where: { id: row.id },
    data: { state: input.state, source: "correction", correctedAt: ctx.now },
  });
  await addNote(ctx, row, input.state, input.reason, "correction");
  // The reason is in the note: it may be about somebody's health, and the trail is read more widely.
  await audit(ctx, {
    action: "attendance.correct",
    subjectKind: "meeting",
    subjectId: meeting.id,
    orgId: meeting.orgId,
    fields: [row.state, input.state],
  });
  // Only a committee meeting is none without its quorum.
  if (meeting.kind === "branch_committee_meeting") await settleDuty(ctx, meeting);
  return { counts: await countsOf(ctx, meeting.id) };
}

/** Appends why a state changed. Nobody can change or delete it, the database refuses. */
export async function addNote(
  ctx: Context,
  row: { id: string; state: string },
  after: AttendanceState,
  reason: string,
  kind: "leave" | "correction" | "offline",
): Promise<void> {
  await ctx.tx.attendanceNote.create({
    data: {
      tenantId: ctx.scope.tenantId,
      attendanceId: row.id,
      kind,
      stateBefore: row.state,
      stateAfter: after,
      reason,
      principalId: ctx.scope.principalId,
    },
  });
}

/** The code to draw now. @throws DomainError state when nobody could use it */
export async function signInCode(ctx: Context, input: { id: string; purpose: Purpose }) {
  const meeting = await recordable(ctx, input.id);
  const phase = phaseOf(meeting, ctx.now);
  const tail = new Date(meeting.endsAt.getTime() + checkOutTailMinutes * 60_000);
  const open =
    input.purpose === "in"
      ? phase === "signing_in"
      : meeting.checkOutRequired && meeting.state === "published" && ctx.now >= meeting.startsAt && ctx.now < tail;
  if (meeting.voidedAt || !open)
    throw new DomainError(
      "state",
      phase === "not_started" ? `签到${timeAt(meeting.checkInOpensAt)}开始` : "现在不是签到时间，不显示二维码",
      "The code is not shown now",
    );
  const { code, renewsAt } = currentCode(ctx.signInCodeKey, meeting.id, input.purpose, ctx.now);
  return { path: `/m/meetings/${meeting.id}/sign-in?c=${code}`, renewsAt, now: ctx.now };
}

async function recordable(ctx: Context, id: string) {
  const found = await ctx.tx.meeting.findFirst({ where: { id, ...scopeWhere(ctx.scope, "meeting.record", "org") } });
  if (!found) throw notFound();
  return found;
}

/** Counts and the latest to arrive, for the big screen and the card beside the table. */
export async function liveView(ctx: Context, id: string) {
  const meeting = await recordable(ctx, id);
  const latest = await ctx.tx.attendance.findMany({
    where: { meetingId: id, checkedInAt: { not: null }, state: { in: ["on_time", "late"] } },
    orderBy: [{ checkedInAt: "desc" }, { id: "desc" }],
    take: 8,
  });
  const body = await ctx.tx.meetingBody.findUnique({ where: { meetingId: id } });
  const names = await namesOfPeople(
    ctx,
    latest.map(({ personId }) => personId),
  );
  return {
    now: ctx.now,
    phase: phaseOf(meeting, ctx.now),
    title: body?.title ?? "",
    place: body?.place ?? "",
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
    checkInOpensAt: meeting.checkInOpensAt,
    lateAfter: meeting.lateAfter,
    checkOutRequired: meeting.checkOutRequired,
    counts: await countsOf(ctx, id),
    latest: latest.map((row) => ({
      id: row.id,
      name: names.get(row.personId) ?? "—",
      at: row.checkedInAt,
      late: row.state === "late",
    })),
  };
}
