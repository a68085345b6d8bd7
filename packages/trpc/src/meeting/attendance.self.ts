/** Attendance by the person: by a scanned code, or a leave. Everything here acts on the caller's own row only. */
import { timeAt } from "../kernel/calendar.ts";
import { audit, type Context, DomainError } from "../kernel/index.ts";
import { addNote } from "./attendance.record.ts";
import { type Purpose, readTicket, shownWhen, type Ticket } from "./meeting.code.ts";
import { stateOf, type WholeMeeting } from "./meeting.load.ts";
import { type AttendanceState, checkOutTailMinutes, isOwnScan, isPresent, stateOfCheckIn } from "./meeting.rules.ts";

/** One's own attendance; the same for the first call and for every repetition. */
export type OwnAttendance = {
  meetingId: string;
  purpose: Purpose | null;
  state: AttendanceState;
  checkedInAt: Date | null;
  checkedOutAt: Date | null;
};

/**
 * The one answer for a meeting that is not there, of another tenant, not published, or without the caller on its list:
 * what a stranger is told does not depend on which of these it is.
 */
const notExpected = () =>
  new DomainError(
    "not_found",
    "没有找到这次会议，或你不在参会名单里。人在现场的，请找记录人登记",
    "No such meeting, or you are not on its list",
  );

const stale = () => new DomainError("invalid", "二维码已更新，请现场重新扫码", "The code has changed: scan it again");

function ticketOf(ctx: Context, input: { id: string; ticket: string }): Ticket {
  const ticket = readTicket(ctx.signInCodeKey, input.id, input.ticket, ctx.now);
  if (ticket === "expired")
    throw new DomainError("invalid", "扫码后超过10分钟没有确认，请现场重新扫码", "The scan is over ten minutes old");
  if (!ticket) throw stale();
  return ticket;
}

/**
 * The caller's row and its meeting. The meeting is locked against closing, the row against a second tap; neither blocks other people.
 */
async function ownRow(ctx: Context, meetingId: string) {
  const { personId } = ctx.scope;
  if (!personId) throw notExpected();
  const found = await ctx.tx.attendance.findUnique({
    where: { meetingId_personId: { meetingId, personId } },
    select: { id: true },
  });
  if (!found) throw notExpected();
  await ctx.tx.$queryRaw`SELECT id FROM meeting WHERE id = ${meetingId}::uuid FOR SHARE`;
  await ctx.tx.$queryRaw`SELECT id FROM attendance WHERE id = ${found.id}::uuid FOR UPDATE`;
  const row = await ctx.tx.attendance.findUniqueOrThrow({ where: { id: found.id } });
  const meeting = await ctx.tx.meeting.findUniqueOrThrow({
    where: { id: meetingId },
    include: { body: true, org: { include: { path: true } } },
  });
  return { row, meeting };
}

const over = (meeting: WholeMeeting): DomainError | null => {
  const state = stateOf(meeting);
  if (state === "void") return new DomainError("state", "会议已取消，不用签到", "The meeting was cancelled");
  if (state !== "published")
    return new DomainError("state", "签到已经结束。确实到会的，请联系记录人更正", "Signing in is over");
  return null;
};

/**
 * Signs the caller in or out with a ticket (MEET-09, 10). The instant that counts is that of the scan, so nobody is late for having to
 * type a password. Taps and repeats make one attendance and get the same answer.
 */
export async function checkByTicket(ctx: Context, input: { id: string; ticket: string }): Promise<OwnAttendance> {
  const ticket = ticketOf(ctx, input);
  const { row, meeting } = await ownRow(ctx, input.id);
  const answer = (own: { state: string; checkedInAt: Date | null; checkedOutAt: Date | null }): OwnAttendance => ({
    meetingId: input.id,
    purpose: ticket.purpose,
    state: own.state as AttendanceState,
    checkedInAt: own.checkedInAt,
    checkedOutAt: own.checkedOutAt,
  });
  if (ticket.purpose === "in" && isPresent(row.state)) return answer(row);
  if (ticket.purpose === "out" && row.checkedOutAt) return answer(row);
  const problem = over(meeting);
  if (problem) throw problem;
  return answer(
    ticket.purpose === "in"
      ? await signIn(ctx, row.id, meeting, ticket.scannedAt)
      : await signOut(ctx, row, meeting, ticket.scannedAt),
  );
}

/**
 * Signs the caller in with a code that was scanned without a network and arrives later, while the meeting is open. What counts is the
 * instant of the scan: that of the phone's clock, as far as the code hung on the wall then. A note says when it arrived, for the recorder to
 * look at: whoever got a photograph could send it as well. Sent again, also after an undo, it changes nothing; what the recorder entered stays.
 */
export async function checkOffline(
  ctx: Context,
  input: { id: string; code: string; scannedAt: Date },
): Promise<OwnAttendance> {
  const { row, meeting } = await ownRow(ctx, input.id);
  const answer = (own: typeof row): OwnAttendance => ({ ...ownAnswer(input.id, own), purpose: "in" });
  const note = await ctx.tx.attendanceNote.findFirst({ where: { attendanceId: row.id, kind: "offline" } });
  if (isPresent(row.state) || note) return answer(row);
  const problem = over(meeting);
  if (problem) throw problem;
  if (row.source === "recorder")
    throw new DomainError("state", "记录人已经登记了你的情况，如有出入请找记录人", "Entered by the recorder");
  const until = new Date(Math.min(ctx.now.getTime(), meeting.endsAt.getTime()));
  const shown = shownWhen(ctx.signInCodeKey, meeting.id, input.code, { from: meeting.checkInOpensAt, until });
  if (shown?.purpose !== "in")
    throw new DomainError(
      "invalid",
      "没有网络时扫的码不是这次会议签到时间内的，请找记录人登记",
      "Not a code of this meeting's sign-in",
    );
  const earliest = Math.max(shown.from.getTime(), meeting.checkInOpensAt.getTime());
  const latest = Math.min(shown.until.getTime(), ctx.now.getTime());
  const at = new Date(Math.min(Math.max(input.scannedAt.getTime(), earliest), latest));
  const after = await signIn(ctx, row.id, meeting, at, "offline");
  await addNote(ctx, row, stateOfCheckIn(meeting, at), "没有网络时扫码，联网后送达", "offline");
  await auditOwn(ctx, "attendance.offline", meeting);
  return answer(after);
}

async function signIn(
  ctx: Context,
  rowId: string,
  meeting: WholeMeeting,
  at: Date,
  source: "code" | "offline" = "code",
) {
  if (at < meeting.checkInOpensAt)
    throw new DomainError(
      "state",
      `签到${timeAt(meeting.checkInOpensAt)}开始，请到时再扫码`,
      "Sign-in is not open yet",
    );
  if (at >= meeting.endsAt)
    throw new DomainError("state", "会议已到结束时间，请找记录人登记", "The meeting is over: see the recorder");
  return ctx.tx.attendance.update({
    where: { id: rowId },
    data: { state: stateOfCheckIn(meeting, at), checkedInAt: at, source },
  });
}

async function signOut(
  ctx: Context,
  row: { id: string; state: string; checkedInAt: Date | null },
  meeting: WholeMeeting,
  at: Date,
) {
  if (!meeting.checkOutRequired) throw new DomainError("state", "这次会议不需要签退", "No signing out here");
  if (!row.checkedInAt)
    throw new DomainError(
      "state",
      isPresent(row.state) ? "你的到会由记录人登记，不用签退" : "你还没有签到，不能签退。请先扫签到码，或找记录人登记",
      "Sign in first",
    );
  if (at < meeting.startsAt)
    throw new DomainError(
      "state",
      `会议${timeAt(meeting.startsAt)}开始，开始后才能签退`,
      "Signing out is not open yet",
    );
  if (at.getTime() >= meeting.endsAt.getTime() + checkOutTailMinutes * 60_000)
    throw new DomainError("state", "签退时间已过，请找记录人登记", "Signing out is over: see the recorder");
  return ctx.tx.attendance.update({ where: { id: row.id }, data: { checkedOutAt: at } });
}

const ownAnswer = (
  meetingId: string,
  row: { state: string; checkedInAt: Date | null; checkedOutAt: Date | null },
): OwnAttendance => ({
  meetingId,
  purpose: null,
  state: row.state as AttendanceState,
  checkedInAt: row.checkedInAt,
  checkedOutAt: row.checkedOutAt,
});

/** Takes back one's own sign-in, until the start. */
export async function undoCheckIn(ctx: Context, meetingId: string): Promise<OwnAttendance> {
  const { row, meeting } = await ownRow(ctx, meetingId);
  if (row.state === "pending") return ownAnswer(meetingId, row);
  const problem = over(meeting);
  if (problem) throw problem;
  if (!isOwnScan(row.source) || !isPresent(row.state))
    throw new DomainError("state", "这条记录由记录人登记，请找记录人更正", "Entered by the recorder");
  if (ctx.now >= meeting.startsAt)
    throw new DomainError("state", "会议已经开始，不能再撤销签到，请找记录人更正", "The meeting has started");
  const after = await ctx.tx.attendance.update({
    where: { id: row.id },
    data: { state: "pending", checkedInAt: null, checkedOutAt: null, source: null },
  });
  await auditOwn(ctx, "attendance.undo", meeting);
  return ownAnswer(meetingId, after);
}

/** Asks for leave, until the start; the reason is for the branch's recorder only. Twice is once, the first reason stays. */
export async function takeLeave(ctx: Context, input: { id: string; reason: string }): Promise<OwnAttendance> {
  const { row, meeting } = await ownRow(ctx, input.id);
  if (row.state === "leave") return ownAnswer(input.id, row);
  const problem = over(meeting);
  if (problem) throw problem;
  if (ctx.now >= meeting.startsAt)
    throw new DomainError("state", "会议已经开始，请联系记录人登记请假", "The meeting has started: ask the recorder");
  if (isPresent(row.state))
    throw new DomainError("state", "你已签到。签错了请先撤销签到，再请假", "You have signed in: undo that first");
  const after = await ctx.tx.attendance.update({
    where: { id: row.id },
    data: { state: "leave", source: null, checkedInAt: null, checkedOutAt: null },
  });
  await addNote(ctx, row, "leave", input.reason, "leave");
  await auditOwn(ctx, "attendance.leave", meeting);
  return ownAnswer(input.id, after);
}

/** Takes back one's own leave, until the start. */
export async function cancelLeave(ctx: Context, meetingId: string): Promise<OwnAttendance> {
  const { row, meeting } = await ownRow(ctx, meetingId);
  if (row.state === "pending") return ownAnswer(meetingId, row);
  const problem = over(meeting);
  if (problem) throw problem;
  if (row.state !== "leave" || row.source === "recorder")
    throw new DomainError("state", "这条记录由记录人登记，请找记录人更正", "Entered by the recorder");
  if (ctx.now >= meeting.startsAt)
    throw new DomainError("state", "会议已经开始，到场后可以直接扫码签到", "The meeting has started");
  const after = await ctx.tx.attendance.update({ where: { id: row.id }, data: { state: "pending", source: null } });
  await addNote(ctx, row, "pending", "本人取消请假", "leave");
  await auditOwn(ctx, "attendance.leave_cancelled", meeting);
  return ownAnswer(meetingId, after);
}

const auditOwn = (ctx: Context, action: string, meeting: WholeMeeting) =>
  audit(ctx, { action, subjectKind: "meeting", subjectId: meeting.id, orgId: meeting.orgId, fields: ["state"] });
