import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFixture, type Fixture } from "../../test/fixture.ts";
import * as calendar from "../kernel/calendar.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
  const { one, two } = fixture.tenants;
  for (const [name, tenantId] of [
    ["B1", one],
    ["B2", one],
    ["X1", two],
  ] as const) {
    const orgId = fixture.orgs[name];
    const duty = (dutyKey: string, periodKey: string, dueOn: string) => ({
      tenantId,
      dutyKey,
      periodKey,
      orgId,
      subjectKind: "org",
      subjectId: String(orgId),
      dueOn: calendar.toColumn(dueOn),
    });
    await fixture.owner.obligation.createMany({
      data: [
        duty("theme_day", "2026-10", "2026-10-31"),
        duty("theme_day", "2026-11", "2026-11-30"),
        duty("theme_day", "2025-10", "2025-10-31"),
        {
          ...duty("member_meeting", "2026-Q3", "2026-09-30"),
          state: "fulfilled",
          fulfilledOn: calendar.toColumn("2026-09-18"),
        },
      ],
    });
    await fixture.owner.todo.create({
      data: {
        tenantId,
        dedupeKey: randomUUID(),
        kind: "meeting_minutes",
        subjectKind: "meeting",
        subjectId: randomUUID(),
        assigneeRole: "branch_secretary",
        assigneeOrgId: orgId,
        title: `标记待办${name}`,
        href: "/meetings/x",
        dueAt: calendar.instantOf("2026-11-25", "18:00"),
      },
    });
  }
});
afterAll(() => fixture.close());

describe("the first page", () => {
  it("of a secretary: his to-dos, his branch's open duties of this year, in groups", async () => {
    const { todos, org } = await (await fixture.as([["branch_secretary", "B1"]])).workbench.get();
    expect(todos.map((item) => [item.source, item.group, item.dueOn])).toEqual([
      ["duty", "overdue", "2026-10-31"],
      ["todo", "week", "2026-11-25"],
      ["duty", "later", "2026-11-30"],
    ]);
    expect(org).toMatchObject({
      id: fixture.orgs.B1,
      isBranch: true,
      identities: { full_member: 2, probationary_member: 1, activist: 1 },
    });
  });

  it("gives a to-do to the role that has it, nobody else", async () => {
    const admin = await (await fixture.as([["branch_admin", "B1"]])).workbench.get();
    expect(admin.todos.filter((item) => item.source === "todo")).toEqual([]);
    const other = await (await fixture.as([["branch_secretary", "B3"]])).workbench.get();
    expect(JSON.stringify(other)).not.toContain("标记待办");
  });

  it("of a committee: branches below that are behind, no foreign ones", async () => {
    const { todos } = await (await fixture.as([["committee_admin", "K1", "below"]])).workbench.get();
    const behind = todos.map((item) => (item.source === "branch" ? [item.orgName, item.missed] : null));
    expect(behind.sort()).toEqual([
      ["B1组织", 1],
      ["B2组织", 1],
    ]);
  });
});

describe("the duty grid", () => {
  it("of a branch has a row for each duty, of a committee one for each branch", async () => {
    const branch = await (await fixture.as([["branch_secretary", "B1"]])).workbench.dutyGrid({
      orgId: fixture.orgs.B1,
    });
    expect(branch).toMatchObject({
      by: "duty",
      year: 2026,
      rows: [
        { key: "theme_day", done: 0, due: 1 },
        { key: "member_meeting", done: 1, due: 1 },
      ],
    });
    const committee = await (await fixture.as([["committee_admin", "K1", "below"]])).workbench.dutyGrid({
      orgId: fixture.orgs.K1,
    });
    expect(committee.rows.map((row) => row.name)).toEqual(["B1组织", "B2组织", "B3组织", "B4组织"]);
    expect(committee.rows[0]?.cells[9]).toMatchObject({ state: "missed", count: 1 });
  });

  it.each(["B2", "G1", "X1"] as const)("is not shown of %s to a secretary of B1", async (org) => {
    const caller = await fixture.as([["branch_secretary", "B1"]]);
    await expect(caller.workbench.dutyGrid({ orgId: fixture.orgs[org] })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
