import type { MeetingField } from "./meeting.machine.ts";
import type { Phase } from "./meeting.phase.ts";
import type { AttendanceState, Audience, MeetingKind } from "./meeting.rules.ts";

type Words = {
  kind: Record<MeetingKind, string>;
  phase: Record<Phase, string>;
  audience: Record<Audience, string>;
  attendance: Record<AttendanceState, string>;
  field: Record<MeetingField, string>;
};

const zh: Words = {
  kind: {
    member_meeting: "党员大会",
    branch_committee_meeting: "支委会",
    group_meeting: "党小组会",
    party_lesson: "党课",
    theme_day: "主题党日",
  },
  phase: {
    draft: "草稿",
    not_started: "未开始",
    signing_in: "签到中",
    to_close: "待结束",
    closed: "已结束",
    void: "已作废",
  },
  audience: { all_members: "全体党员", committee: "支部委员", group: "按党小组", chosen: "指定人员" },
  attendance: { pending: "未签到", on_time: "按时", late: "迟到", leave: "请假", absent: "缺席" },
  field: {
    kind: "类型",
    title: "主题",
    heldOn: "日期",
    startTime: "开始",
    endTime: "结束",
    place: "地点",
    hostId: "主持人",
    recorderId: "记录人",
    audience: "参加范围",
    groupId: "党小组",
    chosenPersonIds: "参会人员",
    agenda: "议程",
    checkInLead: "提前签到",
    lateAfter: "记为迟到",
    checkOutRequired: "需要签退",
    minutes: "纪要",
  },
};

const en: Words = {
  kind: {
    member_meeting: "Branch meeting",
    branch_committee_meeting: "Branch committee meeting",
    group_meeting: "Group meeting",
    party_lesson: "Party lesson",
    theme_day: "Theme day",
  },
  phase: {
    draft: "Draft",
    not_started: "Not started",
    signing_in: "Signing in",
    to_close: "To be closed",
    closed: "Closed",
    void: "Void",
  },
  audience: { all_members: "All members", committee: "Committee", group: "A group", chosen: "Chosen people" },
  attendance: { pending: "Not signed in", on_time: "On time", late: "Late", leave: "On leave", absent: "Absent" },
  field: {
    kind: "Kind",
    title: "Subject",
    heldOn: "Date",
    startTime: "Start",
    endTime: "End",
    place: "Place",
    hostId: "Chair",
    recorderId: "Recorder",
    audience: "Audience",
    groupId: "Group",
    chosenPersonIds: "Participants",
    agenda: "Agenda",
    checkInLead: "Sign-in opens",
    lateAfter: "Late after",
    checkOutRequired: "Signing out",
    minutes: "Minutes",
  },
};

/** Names of the codes of this slice. A key that one language lacks fails the type check. */
export const meetingWords = { "zh-CN": zh, en };
