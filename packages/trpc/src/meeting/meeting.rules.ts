/**
 * Rules of meetings and attendance: pure, safe in a browser. Numbers that are our own and not a regulation say so.
 */
import { dayAt, endOfMonth, endOfQuarter, instantOf, monthKey, quarterKey } from "../kernel/calendar.ts";

export const meetingKinds = [
  "member_meeting",
  "branch_committee_meeting",
  "group_meeting",
  "party_lesson",
  "theme_day",
] as const;
export type MeetingKind = (typeof meetingKinds)[number];

export const audiences = ["all_members", "committee", "group", "chosen"] as const;
export type Audience = (typeof audiences)[number];

export const attendanceStates = ["pending", "on_time", "late", "leave", "absent"] as const;
export type AttendanceState = (typeof attendanceStates)[number];

/** Own defaults, each can be changed per meeting: sign-in opens 20 minutes before, on time until 10 minutes after the start. */
export const defaultCheckInLead = 20;
export const defaultLateAfter = 10;
/** Own: signing out stays possible for so long after the planned end, because meetings overrun. */
export const checkOutTailMinutes = 30;

export const longestTitle = 60;
export const longestPlace = 60;
export const longestAgenda = 5000;
export const longestMinutes = 50_000;
export const longestReason = 200;

/** Kinds of organisation that hold these meetings. */
export const branchKinds: readonly string[] = ["branch", "joint_branch", "temporary_branch", "floating_branch"];

/** Who can be invited to which kind; the first is the default. 支部条例 art. 11–13: all members, the committee, the group. */
export const audiencesOf: Record<MeetingKind, readonly Audience[]> = {
  member_meeting: ["all_members"],
  branch_committee_meeting: ["committee"],
  group_meeting: ["group"],
  party_lesson: ["all_members", "group", "chosen"],
  theme_day: ["all_members", "group", "chosen"],
};

export const committeePosts: readonly string[] = [
  "secretary",
  "deputy_secretary",
  "committee_member",
  "organization_officer",
  "publicity_officer",
  "discipline_officer",
];

/** The times of a meeting as its form has them: everything on one business day. */
export type MeetingTimes = {
  heldOn: string;
  startTime: string;
  endTime: string;
  /** Minutes before the start from which signing in is possible. */
  checkInLead: number;
  /** Minutes after the start from which a sign-in is late. */
  lateAfter: number;
};

/** The instants that are stored. */
export function instantsOf(times: MeetingTimes) {
  const startsAt = instantOf(times.heldOn, times.startTime);
  return {
    startsAt,
    endsAt: instantOf(times.heldOn, times.endTime),
    checkInOpensAt: shift(startsAt, -times.checkInLead),
    lateAfter: shift(startsAt, times.lateAfter),
  };
}

const shift = (instant: Date, minutes: number): Date => new Date(instant.getTime() + minutes * 60_000);
export const minutesBetween = (from: Date, to: Date): number => Math.round((to.getTime() - from.getTime()) / 60_000);

/** What is wrong with the times, by field; empty when they can be stored (MEET-08). */
export function timeProblems(times: MeetingTimes): Partial<Record<keyof MeetingTimes, string>> {
  const { startsAt, endsAt, lateAfter, checkInOpensAt } = instantsOf(times);
  if (endsAt <= startsAt) return { endTime: "结束时间应晚于开始时间，并在同一天" };
  if (lateAfter > endsAt) return { lateAfter: "记为迟到的时间应在会议结束之前" };
  if (dayAt(checkInOpensAt) !== times.heldOn) return { checkInLead: "签到应在开会当天开始，请缩短提前的分钟数" };
  return {};
}

/** What a sign-in at this instant counts as: late is after the minute, not in it (MEET-12). */
export const stateOfCheckIn = (meeting: { lateAfter: Date }, at: Date): "on_time" | "late" =>
  at > meeting.lateAfter ? "late" : "on_time";

/** Whether the person came by the code on the wall, at once or sent later, and not by an entry of the recorder. */
export const isOwnScan = (source: string | null): boolean => source === "code" || source === "offline";

export const isPresent = (state: string): boolean => state === "on_time" || state === "late";

/**
 * What a row becomes when the meeting is closed (MEET-13): without sign-in or leave it is absent, and so is a person who signed in by code
 * and, where signing out was asked for, never signed out. What the recorder entered stays.
 */
export function stateAtClose(
  row: { state: string; source: string | null; checkedOutAt: Date | null },
  checkOutRequired: boolean,
): string {
  if (row.state === "pending") return "absent";
  if (checkOutRequired && isPresent(row.state) && isOwnScan(row.source) && row.checkedOutAt === null) return "absent";
  return row.state;
}

/** A sanction with its first day and the first day after it. */
export type SanctionSpan = { kind: string; from: string; until: string | null };

/**
 * Whether somebody has the vote on a day: full member, not under 留党察看, rights not suspended. 党章 art. 7; 选举条例 art. 5.
 * The time of a sanction ends by date; its `until` is the first day with the vote again.
 */
export const hasVote = (
  person: { identity: string; sanctions: readonly SanctionSpan[]; rightsSuspended?: boolean },
  on: string,
): boolean =>
  person.identity === "full_member" &&
  !person.rightsSuspended &&
  !person.sanctions.some(
    ({ kind, from, until }) => kind === "watched_membership" && from <= on && (until === null || on < until),
  );

/** general: 支部条例 art. 11, half or more. person: 发展细则 art. 20, more than half. committee: 支部条例 art. 12, half or more. */
export type QuorumKind = "general" | "person" | "committee";

/** How many of those who should attend with the vote have to be there. */
export function quorum(kind: QuorumKind, shouldAttend: number, present: number): { needed: number; met: boolean } {
  const needed = kind === "person" ? Math.floor(shouldAttend / 2) + 1 : Math.ceil(shouldAttend / 2);
  return { needed, met: present >= needed };
}

/** Which quorums a kind of meeting knows. */
export const quorumKindsOf = (kind: MeetingKind): readonly QuorumKind[] =>
  kind === "member_meeting" ? ["general", "person"] : kind === "branch_committee_meeting" ? ["committee"] : [];

/** The duty that a kind of meeting fulfils. The quarterly lesson is custom, not statute. */
export const dutyOf = {
  member_meeting: { period: "quarter", clause: "《支部工作条例（试行）》第十一条：一般每季度召开1次" },
  branch_committee_meeting: { period: "month", clause: "《支部工作条例（试行）》第十二条：一般每月召开1次" },
  group_meeting: { period: "month", clause: "《支部工作条例（试行）》第十三条：一般每月召开1次" },
  party_lesson: { period: "quarter", clause: "学院惯例：每季度1次" },
  theme_day: { period: "month", clause: "《支部工作条例（试行）》：每月相对固定1天" },
} as const satisfies Record<MeetingKind, { period: "month" | "quarter"; clause: string }>;

/** `2026-11` or `2026-Q4`: the period in which a meeting of this kind on this day counts. */
export const periodOf = (kind: MeetingKind, day: string): string =>
  dutyOf[kind].period === "month" ? monthKey(day) : quarterKey(day);

/** First and last day of that period. */
export function periodSpan(kind: MeetingKind, day: string): { from: string; to: string } {
  if (dutyOf[kind].period === "month") return { from: `${day.slice(0, 7)}-01`, to: endOfMonth(day) };
  const first = String(Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1).padStart(2, "0");
  return { from: `${day.slice(0, 4)}-${first}-01`, to: endOfQuarter(day) };
}

/** A meeting as a duty sees it. `makesUp` names an earlier period that it was held for. */
export type HeldMeeting = {
  kind: MeetingKind;
  heldOn: string;
  voided: boolean;
  /** Present and should-attend of those with the vote. */
  present: number | null;
  of: number | null;
  groupId: string | null;
  makesUp?: string;
};

/**
 * How far a duty of a period is done on a day, by the meetings of a branch. Group meetings count once per group; a committee meeting
 * without its quorum is none (支部条例 art. 12); a voided or a coming meeting does not count; one that makes up counts late for its period only.
 */
export function dutyProgress(
  duty: { kind: MeetingKind; period: string; groups: number; on: string },
  meetings: readonly HeldMeeting[],
): { done: number; late: number; of: number } {
  const counts = meetings.filter(
    (meeting) =>
      meeting.kind === duty.kind &&
      !meeting.voided &&
      meeting.heldOn <= duty.on &&
      (meeting.kind !== "branch_committee_meeting" ||
        meeting.present === null ||
        meeting.of === null ||
        quorum("committee", meeting.of, meeting.present).met),
  );
  const inTime = counts.filter(
    (meeting) => meeting.makesUp === undefined && periodOf(meeting.kind, meeting.heldOn) === duty.period,
  );
  const afterwards = counts.filter((meeting) => meeting.makesUp === duty.period);
  const number = (list: readonly HeldMeeting[]) =>
    duty.kind === "group_meeting" ? new Set(list.map(({ groupId }) => groupId)).size : list.length;
  const of = duty.kind === "group_meeting" ? duty.groups : 1;
  return { done: Math.min(number(inTime), of), late: Math.min(number(afterwards), of), of };
}

const numerals = "〇一二三四五六七八九十";

/** Compares names of groups as people number them: 第二党小组 before 第十党小组, which pinyin would turn round. */
export function byGroupName(one: string, other: string): number {
  const digits = (name: string) =>
    name.replaceAll(/十?[一二三四五六七八九]|十/g, (word) =>
      word.length === 2 ? `1${numerals.indexOf(word.charAt(1))}` : String(numerals.indexOf(word)),
    );
  return digits(one).localeCompare(digits(other), "zh-CN", { numeric: true });
}
