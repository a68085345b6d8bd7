import { addMinutes } from "../kernel/calendar.ts";
import type { Context } from "../kernel/index.ts";
import { type WholeMeeting, whenText } from "./meeting.load.ts";

/** Own: the branch has three days after a meeting to close it and check who was there. */
const closeWithinMinutes = 3 * 24 * 60;

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

/** The branch's to-do: close the meeting when it is over. */
export async function openCloseTodo(ctx: Context, meeting: WholeMeeting): Promise<void> {
  await ctx.tx.todo.createMany({
    data: [
      {
        tenantId: ctx.scope.tenantId,
        dedupeKey: `meeting.close:${meeting.id}`,
        kind: "meeting_close",
        subjectKind: "meeting",
        subjectId: meeting.id,
        assigneeRole: "branch_admin",
        assigneeOrgId: meeting.orgId,
        title: `结束签到：${meeting.body?.title ?? ""}`,
        detail: whenText(meeting),
        href: `/meetings/${meeting.id}`,
        dueAt: addMinutes(meeting.endsAt, closeWithinMinutes),
      },
    ],
    skipDuplicates: true,
  });
}

export async function finishCloseTodo(ctx: Context, meetingId: string): Promise<void> {
  await ctx.tx.todo.updateMany({
    where: { tenantId: ctx.scope.tenantId, dedupeKey: `meeting.close:${meetingId}`, doneAt: null },
    data: { doneAt: ctx.now },
  });
}
