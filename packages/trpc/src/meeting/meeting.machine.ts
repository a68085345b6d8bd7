import { timeAt } from "../kernel/calendar.ts";
import type { Machine } from "../kernel/machine.ts";
import { type Audience, audiencesOf, type MeetingKind } from "./meeting.rules.ts";

/** Stored state, with void beside it: a voided meeting keeps what it was and counts as void. "removed" is a draft that is gone. */
export type MeetingState = "draft" | "published" | "closed" | "void" | "removed";

export type MeetingEvent = "edit" | "publish" | "remove" | "record" | "close" | "minutes" | "correct" | "void";

/** What the guards look at. */
export type MeetingSubject = {
  state: MeetingState;
  kind: MeetingKind;
  audience: Audience;
  title: string;
  place: string;
  startsAt: Date;
  endsAt: Date;
  /** Whether a group of this branch is named. */
  hasGroup: boolean;
  /** People that the audience comes to on the day; null where nobody asked. */
  people: number | null;
  /** Chosen people, host or recorder who do not belong to the branch on that day. */
  strangers: number;
};

type Guard = (subject: MeetingSubject, now: Date) => string | null;

const hasTitle: Guard = ({ title }) => (title === "" ? "还没有主题，请填写主题" : null);
const hasPlace: Guard = ({ place }) => (place === "" ? "还没有地点，请填写地点" : null);
const timesInOrder: Guard = ({ startsAt, endsAt }) => (endsAt > startsAt ? null : "结束时间应晚于开始时间，请改正");

const audienceFits: Guard = ({ kind, audience, hasGroup }) => {
  if (!audiencesOf[kind].includes(audience))
    return {
      member_meeting: "党员大会由支部全体党员参加，请改参加范围（《支部工作条例（试行）》第十一条）",
      branch_committee_meeting: "支委会由支部委员参加，请改参加范围（《支部工作条例（试行）》第十二条）",
      group_meeting: "党小组会由本小组党员参加，请选党小组（《支部工作条例（试行）》第十三条）",
      party_lesson: "党课不能只请支委，请改参加范围",
      theme_day: "主题党日不能只请支委，请改参加范围",
    }[kind];
  return audience === "group" && !hasGroup ? "还没有选党小组，请在参加范围里选一个" : null;
};

const hasParticipants: Guard = ({ people, audience }) => {
  if (people !== 0) return null;
  if (audience === "committee") return "开会当天支部没有登记的委员，请先在党组织里登记委员任职";
  return audience === "chosen" ? "还没有选参会人员，请至少选1人" : "开会当天没有应到人员，请核对日期和参加范围";
};

const nobodyStrange: Guard = ({ strangers }) =>
  strangers > 0 ? `有${strangers}人开会当天不在本支部，请从参会人员、主持人、记录人中去掉` : null;

const afterStart: Guard = ({ startsAt }, now) =>
  now < startsAt ? `会议${timeAt(startsAt)}才开始，开始后才能结束签到；不开了请作废并写明原因` : null;

/**
 * Every way a meeting can go. The same table draws the buttons, so a screen never offers what the server refuses by state.
 * Sources: features MEET-02, 07, 08, 12, 13, 23.
 */
export const meetingMachine: Machine<MeetingState, MeetingEvent, MeetingSubject> = {
  draft: {
    edit: { to: "draft", may: "meeting.edit", title: "修改", guards: [] },
    publish: {
      to: "published",
      may: "meeting.publish",
      title: "发布通知",
      guards: [hasTitle, hasPlace, timesInOrder, audienceFits, hasParticipants, nobodyStrange],
    },
    remove: { to: "removed", may: "meeting.edit", title: "删除草稿", guards: [] },
  },
  published: {
    edit: { to: "published", may: "meeting.edit", title: "调整时间地点", guards: [] },
    minutes: { to: "published", may: "meeting.edit", title: "整理纪要", guards: [] },
    record: { to: "published", may: "meeting.record", title: "登记", guards: [] },
    close: { to: "closed", may: "meeting.record", title: "结束签到", guards: [afterStart] },
    void: { to: "void", may: "meeting.void", title: "作废会议", guards: [] },
  },
  closed: {
    minutes: { to: "closed", may: "meeting.edit", title: "整理纪要", guards: [] },
    correct: { to: "closed", may: "meeting.record", title: "更正", guards: [] },
    void: { to: "void", may: "meeting.void", title: "作废会议", guards: [] },
  },
  void: {},
  removed: {},
};

/** Fields of the form. */
export const meetingFields = [
  "kind",
  "title",
  "heldOn",
  "startTime",
  "endTime",
  "place",
  "hostId",
  "recorderId",
  "audience",
  "groupId",
  "chosenPersonIds",
  "agenda",
  "checkInLead",
  "lateAfter",
  "checkOutRequired",
  "minutes",
] as const;
export type MeetingField = (typeof meetingFields)[number];

const frozenByPublishing: readonly MeetingField[] = ["kind", "audience", "groupId", "chosenPersonIds"];

/**
 * Which fields can still change (MEET-07): a draft's all; once published, the audience is frozen, until the start times and place may move;
 * from the start on only the minutes, until the meeting is voided.
 */
export function changeableFields(state: MeetingState, started: boolean): readonly MeetingField[] {
  if (state === "draft") return meetingFields.filter((field) => field !== "minutes");
  if (state === "void" || state === "removed") return [];
  if (state === "closed" || started) return ["minutes"];
  return meetingFields.filter((field) => !frozenByPublishing.includes(field));
}
