import { addMinutes } from "../kernel/calendar.ts";
import type { Context } from "../kernel/index.ts";
import { type WholeMeeting, whenText } from "./meeting.load.ts";

/** Own: the branch has three days after a meeting to close it, check who was there and write the minutes. */
const dueWithinMinutes = 3 * 24 * 60;

/**
 * Leaves a message for everybody on the list who has an account. It goes out after this transaction, once per `key` and person.
 * A meeting that is over sends none: it is entered afterwards (MEET-08).
 */
export async function sendNotices(
  ctx: Context,
  meeting: WholeMeeting,
  notice: { key: string; subject: string; body: string },
): Promise<number> {
  if (meeting.endsAt <= ctx.now) return 0;
  const rows = await ctx.tx.attendance.findMany({ where: { meetingId: meeting.id }, select: { personId: true } });
  const principals = await ctx.tx.principal.findMany({
    where: { personId: { in: rows.map(({ personId }) => personId) }, disabledAt: null },
    select: { id: true },
  });
  const { count } = await ctx.tx.outboxMessage.createMany({
    data: principals.map(({ id }) => ({
      tenantId: ctx.scope.tenantId,
      dedupeKey: `${notice.key}:${id}`,
      channel: "in_app",
      principalId: id,
      subject: notice.subject,
      body: notice.body,
      href: `/m/meetings/${meeting.id}`,
    })),
    skipDuplicates: true,
  });
  return count;
}

export const publishedNotice = (meeting: WholeMeeting) => ({
  key: `meeting.published:${meeting.id}`,
  subject: `会议通知：${meeting.body?.title ?? ""}`,
  body: `${whenText(meeting)}，${meeting.body?.place ?? ""}。不能参加请在开始前请假。`,
});

export const voidNotice = (meeting: WholeMeeting, reason: string) => ({
  key: `meeting.void:${meeting.id}`,
  subject: `会议取消：${meeting.body?.title ?? ""}`,
  body: `原定${whenText(meeting)}。原因：${reason}`,
});

/** What a branch still has to do about a meeting. */
type MeetingTodo = "meeting_draft" | "meeting_close" | "meeting_minutes";

/** Opens a to-do of the branch's secretary, once per meeting and kind. */
export async function openTodo(ctx: Context, meeting: WholeMeeting, kind: "meeting_close" | "meeting_minutes") {
  const title = meeting.body?.title ?? "";
  await ctx.tx.todo.createMany({
    data: [
      {
        tenantId: ctx.scope.tenantId,
        dedupeKey: `${kind}:${meeting.id}`,
        kind,
        subjectKind: "meeting",
        subjectId: meeting.id,
        assigneeRole: "branch_secretary",
        assigneeOrgId: meeting.orgId,
        title: kind === "meeting_close" ? `结束签到：${title}` : `整理会议纪要：${title}`,
        detail: whenText(meeting),
        href: `/meetings/${meeting.id}`,
        dueAt: addMinutes(meeting.endsAt, dueWithinMinutes),
      },
    ],
    skipDuplicates: true,
  });
}

/** Ticks off what is done about a meeting; without kinds, everything. */
export async function finishTodos(ctx: Context, meetingId: string, kinds?: readonly MeetingTodo[]): Promise<void> {
  await ctx.tx.todo.updateMany({
    where: {
      subjectKind: "meeting",
      subjectId: meetingId,
      doneAt: null,
      ...(kinds ? { kind: { in: [...kinds] } } : {}),
    },
    data: { doneAt: ctx.now },
  });
}
