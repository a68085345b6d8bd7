import { addMinutes } from "../kernel/calendar.ts";
import type { Context } from "../kernel/index.ts";
import { enqueue, type Notice } from "../message/index.ts";
import { type WholeMeeting, whenText } from "./meeting.load.ts";

/** Own: the branch has three days after a meeting to close it, check who was there and write the minutes. */
const dueWithinMinutes = 3 * 24 * 60;

type MeetingNotice = Pick<Notice, "kind" | "key" | "inApp" | "mail">;

/** Title, place and reasons stay in the house: a mail says when, and where to read on. */
const byMail = (subject: string, body: string) => ({ subject, body: `${body}地点和内容请登录后查看。` });

/**
 * Leaves a message for everybody on the list who has an account. It goes out after this transaction, once per `key`, person and channel.
 * A meeting that is over sends none: it is entered afterwards (MEET-08).
 */
export async function sendNotices(ctx: Context, meeting: WholeMeeting, notice: MeetingNotice): Promise<number> {
  if (meeting.endsAt <= ctx.now) return 0;
  const rows = await ctx.tx.attendance.findMany({ where: { meetingId: meeting.id }, select: { personId: true } });
  const personIds = rows.map(({ personId }) => personId);
  return enqueue(ctx, personIds, { ...notice, href: `/m/meetings/${meeting.id}`, usefulUntil: meeting.endsAt });
}

export const publishedNotice = (meeting: WholeMeeting): MeetingNotice => ({
  kind: "meeting.published",
  key: `meeting.published:${meeting.id}`,
  inApp: {
    subject: `会议通知：${meeting.body?.title ?? ""}`,
    body: `${whenText(meeting)}，${meeting.body?.place ?? ""}。不能参加请在开始前请假。`,
  },
  mail: byMail("会议通知", `你有一次会议，时间：${whenText(meeting)}。不能参加请在开始前请假。`),
});

/** @param version of the meeting: every change is a message of its own */
export const changedNotice = (meeting: WholeMeeting, version: number): MeetingNotice => ({
  kind: "meeting.changed",
  key: `meeting.changed:${meeting.id}:${version}`,
  inApp: {
    subject: `会议有调整：${meeting.body?.title ?? ""}`,
    body: `改为${whenText(meeting)}，${meeting.body?.place ?? ""}。`,
  },
  mail: byMail("会议有调整", `你的一次会议有调整，现在的时间：${whenText(meeting)}。`),
});

export const voidNotice = (meeting: WholeMeeting, reason: string): MeetingNotice => ({
  kind: "meeting.void",
  key: `meeting.void:${meeting.id}`,
  inApp: { subject: `会议取消：${meeting.body?.title ?? ""}`, body: `原定${whenText(meeting)}。原因：${reason}` },
  mail: { subject: "会议取消", body: `原定${whenText(meeting)}的会议已取消，原因请登录后查看。` },
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
