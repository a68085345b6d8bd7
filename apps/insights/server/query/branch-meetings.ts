import { z } from "zod";
import { notFound } from "../refusal.ts";
import { count, instant, orgNumber, whole } from "./cells.ts";
import { type Answer, defineQuery, oldest, type Sheet } from "./define.ts";

/** One meeting that counts: how many were expected and how many came. */
export type MeetingRow = {
  id: string;
  title: string;
  place: string;
  kind: string;
  heldOn: string;
  expected: number;
  present: number;
};
export type BranchMeetings = {
  orgId: number;
  branch: string;
  period: { title: string; startsOn: string; endsOn: string };
  meetings: MeetingRow[];
};

const members = {
  meeting: "attendance.meeting_id",
  org: "attendance.org_id",
  kind: "attendance.kind",
  heldOn: "attendance.held_on",
  month: "attendance.month",
  isExpected: "attendance.is_expected",
  expected: "attendance.expected",
  present: "attendance.present",
  asOf: "attendance.as_of",
  asOfLsn: "attendance.as_of_lsn",
} as const;

const row = z.object({
  [members.meeting]: z.string(),
  [members.kind]: z.string(),
  [members.heldOn]: z.string(),
  [members.expected]: count,
  [members.present]: count,
  [members.asOf]: instant,
  [members.asOfLsn]: whole,
});

/** Months from one day to another, both included: `2026-07` … `2026-12`. */
export function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  let [year = 0, month = 0] = from.split("-").map(Number);
  while (`${year}-${String(month).padStart(2, "0")}` <= to.slice(0, 7)) {
    months.push(`${year}-${String(month).padStart(2, "0")}`);
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
  return months;
}

/** The meetings behind a branch's attendance in a period: those that were held and where somebody was expected. */
export const branchMeetings = defineQuery({
  permission: "meeting.read",
  params: z.strictObject({ branch: orgNumber, period: z.uuid("评价时段的编号不对，请从页面重新进入") }),
  async run({ cube, domain }, params): Promise<Answer<BranchMeetings>> {
    const period = (await domain.periods()).find(({ id }) => id === params.period);
    const name = (await domain.orgNames("meeting.read", [params.branch]))[params.branch];
    if (!period || !name) throw notFound();
    const rows = await cube(
      {
        dimensions: [members.meeting, members.kind, members.heldOn, members.asOf, members.asOfLsn],
        measures: [members.expected, members.present],
        filters: [
          { member: members.org, operator: "equals", values: [String(params.branch)] },
          { member: members.month, operator: "equals", values: monthsBetween(period.startsOn, period.endsOn) },
          { member: members.isExpected, operator: "equals", values: ["true"] },
        ],
        limit: 5_000,
      },
      row,
    );
    const titles = await domain.meetingTitles(
      "meeting.read",
      rows.map((found) => found[members.meeting]),
    );
    const meetings = rows
      .filter((found) => found[members.heldOn] >= period.startsOn && found[members.heldOn] <= period.endsOn)
      .map(
        (found): MeetingRow => ({
          id: found[members.meeting],
          title: titles[found[members.meeting]]?.title ?? "",
          place: titles[found[members.meeting]]?.place ?? "",
          kind: found[members.kind],
          heldOn: found[members.heldOn],
          expected: found[members.expected],
          present: found[members.present],
        }),
      )
      .sort((a, b) => b.heldOn.localeCompare(a.heldOn) || a.id.localeCompare(b.id));
    const freshness = oldest(rows.map((found) => ({ asOf: found[members.asOf], asOfLsn: found[members.asOfLsn] })));
    const { title, startsOn, endsOn } = period;
    return {
      ...freshness,
      data: { orgId: params.branch, branch: name.shortName, period: { title, startsOn, endsOn }, meetings },
    };
  },
  sheet: ({ branch, period, meetings }): Sheet => ({
    title: `${branch} ${period.title} 组织生活`,
    head: ["召开日期", "会议", "种类", "应到", "实到"],
    rows: meetings.map((meeting) => [meeting.heldOn, meeting.title, meeting.kind, meeting.expected, meeting.present]),
  }),
});
