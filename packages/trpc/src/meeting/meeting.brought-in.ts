import { orgWhere } from "@xianfeng/auth";
import { addDays, fromColumn, timeAt, toColumn } from "../kernel/calendar.ts";
import { type Context, invalid, notFound } from "../kernel/index.ts";
import type { MeetingField } from "./meeting.machine.ts";
import { meetingWords } from "./meeting.messages.ts";
import {
  audiencesOf,
  branchKinds,
  defaultCheckInLead,
  defaultLateAfter,
  type MeetingKind,
  minutesBetween,
} from "./meeting.rules.ts";
import type { MeetingForm } from "./meeting.schema.ts";

/** The branch, if the caller may write meetings for it. @throws notFound */
export async function writableBranch(ctx: Context, orgId: number) {
  const org = await ctx.tx.partyOrg.findFirst({
    where: { id: orgId, AND: [orgWhere(ctx.scope, "meeting.edit")] },
    include: { path: true },
  });
  if (!org) throw notFound();
  if (!branchKinds.includes(org.kind))
    throw invalid("三会一课由党支部召开，请选择一个支部", "Meetings are held by branches", { orgId: "请选择一个支部" });
  if (org.dissolvedOn && fromColumn(org.dissolvedOn) <= ctx.scope.today)
    throw invalid("这个支部已经撤销，不能新建会议", "The branch is dissolved");
  return org;
}

/** What a form starts with, and where each value comes from (已带入). */
export type BroughtIn = { fields: MeetingForm; sources: Partial<Record<MeetingField, string>> };

/**
 * A new meeting of a kind: place, times and people from the last one of its kind, the chair from the secretary's office.
 * The day is the next one with the same weekday; without a last meeting tomorrow, never a Sunday.
 */
export async function broughtIn(ctx: Context, input: { orgId: number; kind: MeetingKind }): Promise<BroughtIn> {
  await writableBranch(ctx, input.orgId);
  const { kind, orgId } = input;
  const [last, holders] = [
    await ctx.tx.meeting.findFirst({
      where: { orgId, kind, voidedAt: null, state: { not: "draft" } },
      orderBy: [{ heldOn: "desc" }, { id: "desc" }],
      include: { body: true },
    }),
    await ctx.tx.post.findMany({
      where: {
        orgId,
        kind: { in: ["secretary", "organization_officer"] },
        supersededAt: null,
        validFrom: { lte: toColumn(ctx.scope.today) },
        OR: [{ validTo: null }, { validTo: { gt: toColumn(ctx.scope.today) } }],
      },
    }),
  ];
  const holder = (post: string) => holders.find((row) => row.kind === post)?.personId ?? null;
  const title = meetingWords["zh-CN"].kind[kind];
  const sources: BroughtIn["sources"] = { checkInLead: "默认", lateAfter: "默认" };
  const hostId = kind === "group_meeting" ? null : holder("secretary");
  if (hostId) sources.hostId = "支部书记";
  const recorderId = last?.body?.recorderId ?? holder("organization_officer");
  if (recorderId) sources.recorderId = last?.body?.recorderId ? `上次${title}` : "组织委员";
  if (last?.body?.place) sources.place = `上次${title}地点`;
  if (last) {
    sources.startTime = `上次${title}`;
    sources.endTime = `上次${title}`;
    sources.checkInLead = `上次${title}`;
    sources.lateAfter = `上次${title}`;
  }
  const heldOn = nextDay(ctx.scope.today, last ? fromColumn(last.heldOn) : null);
  return {
    fields: {
      kind,
      title: "",
      heldOn,
      startTime: last ? timeAt(last.startsAt) : "15:00",
      endTime: last ? timeAt(last.endsAt) : "16:30",
      place: last?.body?.place ?? "",
      hostId,
      recorderId,
      audience: audiencesOf[kind][0] ?? "all_members",
      groupId: null,
      chosenPersonIds: [],
      agenda: "",
      checkInLead: last ? minutesBetween(last.checkInOpensAt, last.startsAt) : defaultCheckInLead,
      lateAfter: last ? minutesBetween(last.startsAt, last.lateAfter) : defaultLateAfter,
      checkOutRequired: last?.checkOutRequired ?? false,
      minutes: "",
    },
    sources,
  };
}

function nextDay(today: string, last: string | null): string {
  const weekdayOf = (day: string) => toColumn(day).getUTCDay();
  let day = addDays(today, 1);
  while (last ? weekdayOf(day) !== weekdayOf(last) : weekdayOf(day) === 0) day = addDays(day, 1);
  return day;
}
