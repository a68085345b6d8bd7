import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CubeQuery } from "../server/cube/client.ts";
import { type Platform, startPlatform } from "./platform.ts";

let platform: Platform;
let meeting: { id: string; orgId: number; title: string };
let people: { personId: string; name: string }[];
/** What the semantic layer answers here: the rows that it would read from the marts. */
let rows: Record<string, unknown>[];

const attendanceRow = (personId: string, at: number) => ({
  "attendance.attendance_id": `row-${at}`,
  "attendance.person_id": personId,
  "attendance.org_id": meeting.orgId,
  "attendance.kind": "member_meeting",
  "attendance.held_on": "2026-10-08",
  "attendance.state": at % 2 === 0 ? "on_time" : "leave",
  "attendance.is_expected": true,
  "attendance.is_present": at % 2 === 0,
  "attendance.as_of": "2026-10-08 08:00:00",
  "attendance.as_of_lsn": "100",
});

beforeAll(async () => {
  platform = await startPlatform();
  const { owner, services } = platform;
  const found = await owner.meeting.findFirstOrThrow({
    where: { state: "closed", org: { code: "0128-09" } },
    include: { body: true, attendances: { include: { person: { include: { private: true } } }, take: 6 } },
  });
  meeting = { id: found.id, orgId: found.orgId, title: found.body?.title ?? "" };
  people = found.attendances.map((one) => ({ personId: one.personId, name: one.person.private?.name ?? "" }));
  rows = people.map(({ personId }, at) => attendanceRow(personId, at));
  services.cube.load = async (_token: string, _query: CubeQuery, row) => rows.map((one) => row.parse(one));
});
afterAll(() => platform?.close());

const csv = (user: string) => platform.get(`/insights/q/meeting-attendance?meeting=${meeting.id}&format=csv`, user);
const exported = () =>
  platform.owner.auditEvent.findMany({
    where: { action: "meeting.export", subjectId: meeting.id },
    orderBy: { createdAt: "asc" },
  });

describe("a file with names of people", () => {
  it("is written into the trail before it is given, and says on top who took it and of when its rows are", async () => {
    const answer = await csv("zhou");
    expect(answer.status).toBe(200);
    const [mark = [], head, ...lines] = Papa.parse<string[]>((await answer.text()).replace(/^\uFEFF/, ""), {
      skipEmptyLines: true,
    }).data;
    expect(head).toEqual(["姓名", "状态", "计入应到", "计入实到"]);
    expect(lines.map(([name]) => name).sort()).toEqual(people.map(({ name }) => name).sort());
    const [event, ...more] = await exported();
    expect(more).toEqual([]);
    const zhou = await platform.owner.principal.findFirstOrThrow({ where: { user: { username: "zhou" } } });
    expect([event?.principalId, event?.subjectKind, event?.orgId, event?.fields]).toEqual([
      zhou.id,
      "meeting",
      meeting.orgId,
      ["name"],
    ]);
    expect(mark).toHaveLength(1);
    for (const part of ["内部资料", `${zhou.displayName}（zhou）`, "2026-10-08会议", "数据截至 2026年10月8日 16:00:00"])
      expect(mark[0]).toContain(part);
    expect(mark[0]).toContain(event?.requestId?.slice(0, 8));
  });

  it("leaves no trace of what is only looked at, or holds no name", async () => {
    const before = (await exported()).length;
    expect((await platform.get(`/insights/q/meeting-attendance?meeting=${meeting.id}`, "zhou")).status).toBe(200);
    const own = rows;
    rows = [attendanceRow("00000000-0000-4000-8000-000000000001", 0)];
    const text = await (await csv("zhou")).text();
    rows = own;
    expect(text.startsWith("姓名,状态")).toBe(true);
    expect((await exported()).length).toBe(before);
  });

  it("is not given, and not noted, to who may not read the meeting", async () => {
    const before = (await exported()).length;
    expect((await csv("he")).status).toBe(404);
    expect((await csv("screen")).status).toBe(403);
    expect((await exported()).length).toBe(before);
  });
});
