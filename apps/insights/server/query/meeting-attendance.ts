import { z } from "zod";
import { namesWhereAllowed } from "../domain.ts";
import { notFound } from "../refusal.ts";
import { count, flag, instant, whole } from "./cells.ts";
import { type Answer, defineQuery, type Named, oldest, type Sheet } from "./define.ts";

export type AttendanceRow = { id: string; name: string; state: string; expected: boolean; present: boolean };
export type MeetingAttendance = {
  meetingId: string;
  title: string;
  place: string;
  heldOn: string;
  kind: string;
  orgId: number;
  branch: string;
  rows: AttendanceRow[];
};

const members = {
  id: "attendance.attendance_id",
  meeting: "attendance.meeting_id",
  person: "attendance.person_id",
  org: "attendance.org_id",
  kind: "attendance.kind",
  heldOn: "attendance.held_on",
  state: "attendance.state",
  isExpected: "attendance.is_expected",
  isPresent: "attendance.is_present",
  asOf: "attendance.as_of",
  asOfLsn: "attendance.as_of_lsn",
} as const;

const row = z.object({
  [members.id]: z.string(),
  [members.person]: z.string(),
  [members.org]: count,
  [members.kind]: z.string(),
  [members.heldOn]: z.string(),
  [members.state]: z.string(),
  [members.isExpected]: flag,
  [members.isPresent]: flag,
  [members.asOf]: instant,
  [members.asOfLsn]: whole,
});

/** The attendance rows of one meeting: where the drill-down from a rank ends. */
export const meetingAttendance = defineQuery({
  permission: "meeting.read",
  params: z.strictObject({ meeting: z.uuid("会议的编号不对，请从页面重新进入") }),
  async run({ cube, domain }, params): Promise<Answer<MeetingAttendance>> {
    const title = (await domain.meetingTitles("meeting.read", [params.meeting]))[params.meeting];
    if (!title) throw notFound();
    const found = await cube(
      {
        dimensions: Object.values(members).filter((member) => member !== members.meeting),
        filters: [{ member: members.meeting, operator: "equals", values: [params.meeting] }],
        limit: 5_000,
      },
      row,
    );
    const [first] = found;
    const orgId = first?.[members.org] ?? 0;
    const [names, orgs] = await Promise.all([
      namesWhereAllowed(domain.memberNames([...new Set(found.map((one) => one[members.person]))])),
      domain.orgNames("meeting.read", first ? [orgId] : []),
    ]);
    const rows = found
      .map(
        (one): AttendanceRow => ({
          id: one[members.id],
          name: names[one[members.person]] ?? "",
          state: one[members.state],
          expected: one[members.isExpected],
          present: one[members.isPresent],
        }),
      )
      .sort((a, b) => a.name.localeCompare(b.name, "zh-CN") || a.id.localeCompare(b.id));
    return {
      ...oldest(found.map((one) => ({ asOf: one[members.asOf], asOfLsn: one[members.asOfLsn] }))),
      data: {
        meetingId: params.meeting,
        title: title.title,
        place: title.place,
        heldOn: first?.[members.heldOn] ?? "",
        kind: first?.[members.kind] ?? "",
        orgId,
        branch: orgs[orgId]?.shortName ?? "",
        rows,
      },
    };
  },
  named: ({ meetingId, orgId, heldOn, rows }): Named | null =>
    rows.some(({ name }) => name !== "")
      ? { subjectKind: "meeting", subjectId: meetingId, orgId, source: `${heldOn}会议` }
      : null,
  sheet: ({ title, heldOn, rows }): Sheet => ({
    title: `${heldOn} ${title} 签到`,
    head: ["姓名", "状态", "计入应到", "计入实到"],
    rows: rows.map((one) => [one.name, one.state, one.expected ? "是" : "否", one.present ? "是" : "否"]),
  }),
});
