import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFixture, type Fixture, today } from "../../test/fixture.ts";
import { calendar } from "../kernel/index.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.close());

const pathOf = async (id: number) =>
  (await fixture.owner.partyOrgPath.findUniqueOrThrow({ where: { orgId: id } })).path;
const treeVersion = async () =>
  (await fixture.owner.tenant.findUniqueOrThrow({ where: { id: fixture.tenants.one } })).treeVersion;
const committee = () => fixture.as([["committee_admin", "K1", "below"]]);
const missing = 2_000_000_000;

describe("who may read", () => {
  it.each([
    ["the committee sees its whole tree", "committee_admin", "K1", "below", ["K1", "G1", "G2", "B1", "B2", "B3", "B4"]],
    ["a general branch sees itself and below", "general_branch_admin", "G1", "below", ["G1", "B1", "B2"]],
    ["a branch sees itself", "branch_secretary", "B1", undefined, ["B1"]],
    ["another tenant sees its own", "committee_admin", "K2", "below", ["K2", "X1"]],
  ] as const)("%s", async (_, role, org, below, seen) => {
    const caller = await fixture.as([[role, org, below]]);
    const { nodes } = await caller.org.tree({});
    expect(nodes.map((node) => node.code).sort()).toEqual([...seen].sort());
    const shown = new Set(nodes.map((node) => node.id));
    expect(nodes.every((node) => node.parentId === null || shown.has(node.parentId))).toBe(true);
  });

  it("answers sibling, parent, cousin and another tenant's organisation like one that does not exist", async () => {
    const caller = await fixture.as([["branch_secretary", "B1"]]);
    const refusals = await Promise.all(
      [fixture.orgs.B2, fixture.orgs.G1, fixture.orgs.B3, fixture.orgs.X1, missing].map((id) =>
        caller.org.detail({ id }).catch((error) => ({ code: error.code, message: error.message })),
      ),
    );
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal)))).toHaveLength(1);
    expect(refusals[0]).toMatchObject({ code: "NOT_FOUND" });
  });

  it("is closed to anonymous callers and to the system administrator", async () => {
    await expect(fixture.anonymous().org.tree({})).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    const system = await fixture.as([["system_admin", "K1", "below"]]);
    await expect(system.org.tree({})).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("counts full and probationary members only, and adds them up", async () => {
    const { nodes } = await (await committee()).org.tree({});
    const of = (code: string) => nodes.find((node) => node.code === code);
    expect(of("B1")).toMatchObject({ own: 3, members: 3 });
    expect(of("G1")).toMatchObject({ own: 0, members: 6 });
    expect(of("K1")).toMatchObject({ members: 12 });
  });

  it("shows the day before anybody joined as empty", async () => {
    const { nodes, isToday } = await (await committee()).org.tree({ on: "2020-08-31" });
    expect(isToday).toBe(false);
    expect(nodes.find((node) => node.code === "K1")?.members).toBe(0);
  });
});

describe("setting up", () => {
  const input = (parentId: number, code: string) => ({
    parentId,
    code,
    kind: "branch" as const,
    category: "graduate" as const,
    shortName: `新设${code}`,
    fullName: `中共试验学院新设${code}支部委员会`,
    openedOn: today,
  });

  it("makes the organisation, its place, its history, and raises the tree version", async () => {
    const before = await treeVersion();
    const { id } = await (await committee()).org.create(input(fixture.orgs.K1, "N1"));
    expect(await pathOf(id)).toBe(`/${fixture.orgs.K1}/${id}/`);
    expect(await treeVersion()).toBe(before + 1n);
    expect(await fixture.owner.orgVersion.findMany({ where: { orgId: id } })).toMatchObject([
      { parentId: fixture.orgs.K1, validTo: null },
    ]);
    expect(
      await fixture.owner.auditEvent.findFirst({ where: { action: "org.create", subjectId: String(id) } }),
    ).not.toBeNull();
  });

  it("sent twice makes one", async () => {
    const caller = await committee();
    await caller.org.create(input(fixture.orgs.K1, "N2"));
    await expect(caller.org.create(input(fixture.orgs.K1, "N2"))).rejects.toThrow(/同名|编号/);
    expect(await fixture.owner.partyOrg.count({ where: { code: "N2" } })).toBe(1);
  });

  it("refuses to skip a level, another tenant, and whoever lacks the right", async () => {
    await expect((await committee()).org.create(input(fixture.orgs.G1, "N3"))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect((await committee()).org.create(input(fixture.orgs.K2, "N3"))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const branch = await fixture.as([["branch_secretary", "B1"]]);
    await expect(branch.org.create(input(fixture.orgs.B1, "N3"))).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await fixture.owner.partyOrg.count({ where: { code: "N3" } })).toBe(0);
  });

  it("refuses fields that do not belong in it", async () => {
    const extra = { ...input(fixture.orgs.K1, "N4"), tenantId: fixture.tenants.two };
    await expect((await committee()).org.create(extra)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("refuses a day in the future", async () => {
    await expect(
      (await committee()).org.create({ ...input(fixture.orgs.K1, "N5"), openedOn: "2026-11-21" }),
    ).rejects.toThrow("不能晚于今天");
  });
});

describe("renaming", () => {
  it("keeps the old name for the days before, and tells the second editor what changed", async () => {
    const caller = await committee();
    const { id } = { id: fixture.orgs.B3 };
    const { updatedAt: seenAt, fullName } = await caller.org.detail({ id });
    await caller.org.rename({
      id,
      seenAt,
      on: "2026-10-01",
      shortName: "新名",
      fullName: "中共试验学院新名支部委员会",
    });
    expect((await caller.org.tree({ on: "2026-09-30" })).nodes.find((node) => node.id === id)?.fullName).toBe(fullName);
    expect((await caller.org.tree({})).nodes.find((node) => node.id === id)?.fullName).toBe(
      "中共试验学院新名支部委员会",
    );
    const second = caller.org.rename({
      id,
      seenAt,
      on: today,
      shortName: "另名",
      fullName: "中共试验学院另名支部委员会",
    });
    await expect(second).rejects.toMatchObject({ code: "CONFLICT", detail: { current: { shortName: "新名" } } });
    const lineage = (await caller.org.detail({ id })).lineage;
    expect(lineage[0]).toMatchObject({ on: "2026-10-01", kind: "renamed", what: fullName });
    // What was believed before is kept, with the time until which it was.
    expect(await fixture.owner.orgVersion.count({ where: { orgId: id, supersededAt: { not: null } } })).toBe(1);
  });

  it("is not for the branch itself", async () => {
    const branch = await fixture.as([["branch_secretary", "B1"]]);
    const { updatedAt: seenAt } = await branch.org.detail({ id: fixture.orgs.B1 });
    await expect(
      branch.org.rename({ id: fixture.orgs.B1, seenAt, on: today, shortName: "甲", fullName: "乙" }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("moving", () => {
  it("takes everything below along, and who may read follows at once", async () => {
    const caller = await committee();
    const general = await fixture.as([["general_branch_admin", "G2", "below"]]);
    await expect(general.org.detail({ id: fixture.orgs.B2 })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const before = await treeVersion();
    const { updatedAt: seenAt } = await caller.org.detail({ id: fixture.orgs.B2 });
    await caller.org.move({ id: fixture.orgs.B2, seenAt, on: "2026-11-01", parentId: fixture.orgs.G2 });
    expect(await pathOf(fixture.orgs.B2)).toBe(`/${fixture.orgs.K1}/${fixture.orgs.G2}/${fixture.orgs.B2}/`);
    expect(await treeVersion()).toBe(before + 1n);
    expect((await general.org.detail({ id: fixture.orgs.B2 })).parentId).toBe(fixture.orgs.G2);
    const october = (await caller.org.tree({ on: "2026-10-31" })).nodes;
    expect(october.find((node) => node.id === fixture.orgs.B2)?.parentId).toBe(fixture.orgs.G1);
  });

  it("refuses a superior out of reach, its own subordinate, and the root", async () => {
    const caller = await committee();
    const { updatedAt: seenAt } = await caller.org.detail({ id: fixture.orgs.G1 });
    const move = (parentId: number) => caller.org.move({ id: fixture.orgs.G1, seenAt, on: today, parentId });
    await expect(move(fixture.orgs.K2)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(move(fixture.orgs.B1)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const root = await caller.org.detail({ id: fixture.orgs.K1 });
    await expect(
      caller.org.move({ id: root.id, seenAt: root.updatedAt, on: today, parentId: fixture.orgs.G1 }),
    ).rejects.toThrow("最上级");
  });

  it("a move and a change of its new superior at once leave paths that fit the parents", async () => {
    const caller = await committee();
    const [general, branch] = await Promise.all(
      [fixture.orgs.G2, fixture.orgs.B4].map((id) => caller.org.detail({ id })),
    );
    if (!general || !branch) throw new Error("fixture");
    await Promise.all([
      caller.org.move({ id: branch.id, seenAt: branch.updatedAt, on: today, parentId: fixture.orgs.G2 }),
      (await committee()).org.rename({
        id: general.id,
        seenAt: general.updatedAt,
        on: today,
        shortName: "总二",
        fullName: "总二全称",
      }),
    ]);
    const rows = await fixture.owner.partyOrg.findMany({
      include: { path: true, parent: { include: { path: true } } },
    });
    for (const row of rows) {
      expect(row.path?.path).toBe(`${row.parent?.path?.path ?? "/"}${row.id}/`);
      expect(row.path?.depth).toBe((row.parent?.path?.depth ?? -1) + 1);
    }
  });
});

describe("merging", () => {
  it("moves the people on both axes, ends the branch, and leaves its records readable below the successor", async () => {
    const caller = await committee();
    const [from, to] = [fixture.orgs.B3, fixture.orgs.B1];
    const late = await fixture.addPerson("B3", { name: "后来者", from: "2026-11-15" });
    await fixture.owner.obligation.create({
      data: {
        tenantId: fixture.tenants.one,
        dutyKey: "theme_day",
        subjectKind: "org",
        subjectId: String(from),
        orgId: from,
        periodKey: "2026-11",
        dueOn: calendar.toColumn("2026-11-30"),
      },
    });
    const preview = await caller.org.mergePreview({ fromId: from, toId: to });
    expect(preview).toMatchObject({ problem: null, from: { people: 5, openDuties: 1 }, to: { people: 4 } });
    const { updatedAt: seenAt } = await caller.org.detail({ id: from });
    const merge = { fromId: from, toId: to, on: "2026-11-10", reason: "人数不足", seenAt };
    expect(await caller.org.merge(merge)).toEqual({ moved: 5 });

    const { nodes } = await caller.org.tree({});
    expect(nodes.some((node) => node.id === from)).toBe(false);
    expect(nodes.find((node) => node.id === to)?.own).toBe(7);
    expect((await caller.org.tree({ on: "2026-11-09" })).nodes.find((node) => node.id === from)?.own).toBe(3);
    expect(await fixture.owner.membership.findMany({ where: { personId: late.id, supersededAt: null } })).toMatchObject(
      [{ orgId: to, causeKind: "org_merge", causeId: String(from) }],
    );
    expect(await fixture.owner.obligation.findFirst({ where: { orgId: from } })).toMatchObject({ state: "waived" });
    const successor = await fixture.as([["general_branch_admin", "G1", "below"]]);
    expect((await successor.org.detail({ id: from })).dissolvedOn).toBe("2026-11-10");
    await expect(caller.org.merge(merge)).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  });

  it("refuses another tenant's branch", async () => {
    const caller = await committee();
    await expect(caller.org.mergePreview({ fromId: fixture.orgs.B1, toId: fixture.orgs.X1 })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
