import * as calendar from "@xianfeng/trpc/calendar";
import type { DemoBranch, DemoPerson } from "./demo-plan.ts";
import { meetingTitles, places } from "./demo-plan.ts";
import { type Duty, dueOf, duties, months, periodKeyOf } from "./duties.ts";
import type { AttendanceState, Ledger } from "./ledger.ts";

type Setting = { today: string; now: Date; parameters: Map<string, string>; firstDay: string; admin: string };

/** Three years of meetings with the dirt of real life, the duties they fulfil, today's meeting, and what is left to do. */
export function writeDemoMeetings(ledger: Ledger, branches: DemoBranch[], setting: Setting): void {
  for (const branch of branches) {
    for (const duty of duties) {
      const starts = months(setting.firstDay, `${setting.today.slice(0, 4)}-12-31`).filter(
        (day) => duty.every === "month" || ["01", "04", "07", "10"].includes(day.slice(5, 7)),
      );
      for (const start of starts) writeDutyPeriod(ledger, branch, duty, start, setting);
    }
  }
  const first = branches.find((branch) => branch.plan.code === "0128-09");
  if (first) writeToday(ledger, first, setting);
}

function writeDutyPeriod(ledger: Ledger, branch: DemoBranch, duty: Duty, start: string, setting: Setting): void {
  const { random } = ledger;
  const due = dueOf(duty, start);
  if (due < branch.openedOn) return;
  const periodKey = periodKeyOf(duty, start);
  const open = due >= setting.today;
  // In the running period part of the duties is already done; now and then one is missed, or made up for later.
  const missed = open ? random.chance(0.45) : random.chance(0.035);
  const madeUp = !open && missed && random.chance(0.6);
  const lastDay = open ? calendar.addDays(setting.today, -1) : due;
  const heldOn = madeUp
    ? calendar.addDays(due, random.int(3, 12))
    : workday(calendar.addDays(start, random.int(2, duty.every === "month" ? 24 : 75)));
  const held = (!missed || madeUp) && heldOn <= lastDay && heldOn < setting.today && heldOn >= branch.openedOn;
  let meetingId: string | null = null;
  if (held || (madeUp && heldOn < setting.today)) {
    const groups = duty.key === "group_meeting" ? branch.groups : [undefined];
    for (const group of groups) meetingId = writeHeld(ledger, branch, duty, heldOn, group);
  }
  if (start < `${Number(setting.today.slice(0, 4)) - 1}-01-01`) return;
  ledger.add("obligation", {
    id: random.uuid(),
    duty_key: duty.key,
    subject_kind: "org",
    subject_id: String(branch.orgId),
    org_id: branch.orgId,
    period_key: periodKey,
    due_on: due,
    state: meetingId ? "fulfilled" : "open",
    fulfilled_by_kind: meetingId ? "meeting" : null,
    fulfilled_by_id: meetingId,
    fulfilled_on: meetingId ? heldOn : null,
    rule_parameter_id: setting.parameters.get(duty.key) ?? null,
  });
}

/** Saturday and Sunday move to the Friday before. */
function workday(day: string): string {
  const weekday = calendar.toColumn(day).getUTCDay();
  return weekday === 6 ? calendar.addDays(day, -1) : weekday === 0 ? calendar.addDays(day, -2) : day;
}

function audienceOf(branch: DemoBranch, duty: Duty, heldOn: string, groupId: string | undefined): DemoPerson[] {
  const here = (person: DemoPerson) => person.from <= heldOn && (!person.to || person.to > heldOn);
  if (duty.key === "branch_committee_meeting") return branch.committee.filter(here);
  if (groupId) return branch.people.filter((person) => person.groupId === groupId && here(person));
  return branch.people.filter(here);
}

function writeHeld(
  ledger: Ledger,
  branch: DemoBranch,
  duty: Duty,
  heldOn: string,
  group?: { id: string; leader: DemoPerson | undefined },
): string {
  const { random } = ledger;
  const chair = group?.leader ?? branch.committee[0];
  const audience = duty.key === "branch_committee_meeting" ? "committee" : group ? "group" : "all_members";
  const voided = random.chance(0.008) ? "时间登记有误，已另行登记" : null;
  const title = `${Number(heldOn.slice(5, 7))}月${random.pick(meetingTitles[duty.key] ?? ["会议"])}`;
  const meeting = ledger.meeting({
    orgId: branch.orgId,
    kind: duty.key,
    title,
    heldOn,
    startsAt: calendar.instantOf(heldOn, random.pick(["12:30", "14:30", "15:00", "16:00", "19:00"])),
    state: "closed",
    place: random.pick(places),
    groupId: group?.id ?? null,
    audience,
    voided,
    createdBy: branch.secretaryPrincipal,
    hostId: chair?.id ?? null,
    recorderId: branch.committee[1]?.id ?? null,
  });
  for (const person of audienceOf(branch, duty, heldOn, group?.id)) {
    const state: AttendanceState = random.chance(person.reliability)
      ? random.chance(0.93)
        ? "on_time"
        : "late"
      : random.chance(0.6)
        ? "leave"
        : "absent";
    const corrected = random.chance(0.006);
    ledger.attendance(
      meeting,
      { id: person.id, orgId: branch.orgId, identity: person.identity },
      corrected ? "on_time" : state,
      corrected ? { correctedFrom: "absent", by: branch.secretaryPrincipal } : {},
    );
  }
  return meeting.id;
}

/** Today's member meeting, open for signing in, and the secretary's to-dos. */
function writeToday(ledger: Ledger, branch: DemoBranch, setting: Setting): void {
  const quarterHour = 15 * 60_000;
  const latest = calendar.instantOf(setting.today, "22:00").getTime();
  const startsAt = new Date(Math.min(latest, Math.ceil((setting.now.getTime() + 60_000) / quarterHour) * quarterHour));
  const meeting = ledger.meeting({
    orgId: branch.orgId,
    kind: "member_meeting",
    title: `${Number(setting.today.slice(5, 7))}月党员大会：讨论接收预备党员`,
    heldOn: setting.today,
    startsAt,
    state: "published",
    place: "学院楼A302",
    createdBy: branch.secretaryPrincipal,
    hostId: branch.committee[0]?.id ?? null,
    recorderId: branch.committee[1]?.id ?? null,
  });
  for (const person of branch.people.filter((one) => one.from <= setting.today))
    ledger.attendance(meeting, { id: person.id, orgId: branch.orgId, identity: person.identity }, "pending");
  const draft = ledger.meeting({
    orgId: branch.orgId,
    kind: "party_lesson",
    title: "四季度党课（拟）",
    heldOn: calendar.addDays(setting.today, 12),
    state: "draft",
    createdBy: branch.secretaryPrincipal,
  });
  const at = (days: number) => calendar.instantOf(calendar.addDays(setting.today, days), "18:00").toISOString();
  const todos = [
    {
      kind: "meeting_minutes",
      subject_id: meeting.id,
      title: "结束签到后整理党员大会记录",
      detail: "时间、名单已带入",
      href: `/meetings/${meeting.id}`,
      due_at: at(3),
    },
    {
      kind: "meeting_draft",
      subject_id: draft.id,
      title: "发布四季度党课",
      detail: "草稿还没有授课地点",
      href: `/meetings/${draft.id}/edit`,
      due_at: at(9),
    },
  ];
  for (const todo of todos) {
    ledger.add("todo", {
      id: ledger.random.uuid(),
      dedupe_key: `${todo.kind}:${todo.subject_id}`,
      subject_kind: "meeting",
      assignee_role: "branch_secretary",
      assignee_org_id: branch.orgId,
      ...todo,
    });
  }
}
