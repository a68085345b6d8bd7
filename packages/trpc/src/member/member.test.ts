import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFixture, type Fixture, markers, today, validIdNumber } from "../../test/fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.close());

const secretary = (org: "B1" | "B2" | "B3" | "B4" | "X1" = "B1") => fixture.as([["branch_secretary", org]]);
const committee = () => fixture.as([["committee_admin", "K1", "below"]]);
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "no refusal",
    (error) => `${error.code} ${error.message}`,
  );
const believed = (personId: string) =>
  fixture.owner.membership.findMany({ where: { personId, supersededAt: null }, orderBy: { validFrom: "asc" } });

describe("who may read whom", () => {
  it.each([
    ["branch_secretary", "B1", undefined, ["B1"]],
    ["branch_admin", "B2", undefined, ["B2"]],
    ["general_branch_admin", "G1", "below", ["B1", "B2"]],
    ["committee_admin", "K1", "below", ["B1", "B2", "B3", "B4"]],
    ["committee_admin", "K1", undefined, []],
    ["committee_admin", "K2", "below", ["X1"]],
  ] as const)("%s of %s (%s) sees the people of %s", async (role, org, below, branches) => {
    const caller = await fixture.as([[role, org, below]]);
    const { rows, total } = await caller.member.list({ size: 100 });
    const owners = new Set(rows.map((row) => row.name[2]));
    expect([...owners].sort()).toEqual(branches.map((branch) => markers[branch]).sort());
    expect(total).toBe(3 * branches.length);
    expect((await caller.member.counts({})).member).toBe(total);
  });

  it("answers everybody out of reach like nobody", async () => {
    const caller = await secretary();
    const ids = [fixture.person("B2").id, fixture.person("B4").id, fixture.person("X1").id, randomUUID()];
    const version = 1;
    const tries = (id: string) => [
      caller.member.detail({ id }),
      caller.member.edit({ id, version, name: "某", ethnicity: "", education: "", studentNo: "", phone: null }),
      caller.member.transfer({ id, version, toOrgId: fixture.orgs.B1, on: today, reason: "" }),
      caller.member.correctStatus({
        id,
        version,
        statusId: randomUUID(),
        identity: "full_member",
        validFrom: today,
        reason: "试",
      }),
      caller.member.reveal({ id, field: "id_number", reason: "check_file", note: "" }),
    ];
    for (const id of ids) {
      const answers = new Set(await Promise.all(tries(id).map(refusal)));
      expect([...answers]).toEqual([expect.stringMatching(/^NOT_FOUND/)]);
    }
    expect(await fixture.owner.revealLog.count()).toBe(0);
  });

  it("is closed to members, system administrators and anonymous callers", async () => {
    const member = await fixture.as([["member", "B1"]], { personId: fixture.person("B1").id });
    expect(await refusal(member.member.list({}))).toMatch(/^FORBIDDEN/);
    const system = await fixture.as([["system_admin", "K1", "below"]]);
    expect(await refusal(system.member.detail({ id: fixture.person("B1").id }))).toMatch(/^FORBIDDEN/);
    expect(await refusal(fixture.anonymous().member.list({}))).toMatch(/^UNAUTHORIZED/);
  });

  it("never mixes one role with the place of another", async () => {
    const both = await fixture.as([
      ["general_branch_admin", "G1", "below"],
      ["branch_secretary", "B1"],
    ]);
    const inB2 = await both.member.detail({ id: fixture.person("B2").id });
    expect(inB2.may).toEqual({ edit: false, reveal: false, transfer: false });
    expect(await refusal(both.member.reveal({ id: inB2.id, field: "phone", reason: "report", note: "" }))).toMatch(
      /^NOT_FOUND/,
    );
  });

  it("offers a transfer only to who looks after another branch", async () => {
    const { id } = fixture.person("B2");
    expect((await (await secretary("B2")).member.detail({ id })).may).toEqual({
      edit: true,
      reveal: true,
      transfer: false,
    });
    expect((await (await committee()).member.detail({ id })).may).toEqual({ edit: true, reveal: true, transfer: true });
  });

  it("must change an initial password first", async () => {
    const fresh = await fixture.as([["branch_secretary", "B1"]], { mustChangePassword: true });
    expect(await refusal(fresh.member.list({}))).toMatch(/^FORBIDDEN.*初始密码/);
  });
});

describe("the list", () => {
  it("shows no full identifier anywhere in its answer", async () => {
    const body = JSON.stringify(await (await secretary()).member.list({ size: 100 }));
    expect(body).toMatch(/990000\*{8}\d{3}[\dX]/);
    // Random ids may hold as many digits in a row as a phone number does.
    expect(body.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "")).not.toMatch(/\d{11}/);
  });

  it("finds by name, sound, initials and student number, and takes wildcards as text", async () => {
    const caller = await committee();
    const person = await fixture.addPerson("B1", { name: "单百分%" });
    await fixture.owner.personPrivate.update({
      where: { personId: person.id },
      data: { pinyin: "shanbaifen", initials: "sbf" },
    });
    const find = async (q: string) => (await caller.member.list({ q })).rows.map((row) => row.name);
    for (const q of ["单百", "shanb", "SBF", person.studentNo.toLowerCase()])
      expect(await find(q)).toContain("单百分%");
    expect(await find("%")).toEqual(["单百分%"]);
    for (const q of ["_", "\\", "'", "标_甲"]) expect(await find(q)).toEqual([]);
  });

  it.each([
    [{ q: { contains: "" } }],
    [{ size: 1_000_000 }],
    [{ page: -1 }],
    [{ sort: "idNumberHmac" }],
    [{ identity: "*" }],
    [{ orgId: [1, 2] }],
    [{ q: "\u0000" }],
    [{ q: "\uD800" }],
    [{ ["__proto__"]: { size: 5 }, constructor: { prototype: 1 } }],
  ])("refuses %j", async (input) => {
    const caller = await secretary();
    expect(await refusal(caller.member.list(input as never))).toMatch(/^BAD_REQUEST/);
    expect(Object.hasOwn(Object.prototype, "size")).toBe(false);
  });

  it("never widens by a foreign organisation", async () => {
    const caller = await secretary();
    for (const orgId of [fixture.orgs.B2, fixture.orgs.K1, fixture.orgs.X1])
      expect((await caller.member.list({ orgId })).rows.every((row) => row.branch?.id === fixture.orgs.B1)).toBe(true);
    expect((await caller.member.list({ orgId: fixture.orgs.B2 })).total).toBe(0);
  });

  it("pages without gap and double", async () => {
    const caller = await committee();
    const all = await caller.member.list({ size: 100 });
    const paged: string[] = [];
    for (let page = 1; paged.length < all.total; page++)
      paged.push(...(await caller.member.list({ page, size: 5 })).rows.map((row) => row.id));
    expect(paged).toEqual(all.rows.map((row) => row.id));
  });
});

describe("entering", () => {
  const form = (serial: number) => ({
    id: randomUUID(),
    name: "新同志",
    ethnicity: "汉族",
    education: "硕士",
    studentNo: `N${serial}`,
    idNumber: validIdNumber(serial),
    phone: "+86 154 0000 9999",
    orgId: fixture.orgs.B1,
    identity: "full_member" as const,
    from: "2026-09-01",
    joinedOn: "2020-05-01",
    convertedOn: "2021-05-01",
  });

  it("writes person, branch and identities, and keeps numbers unreadable in the tables", async () => {
    const caller = await secretary();
    const input = form(701);
    const { id } = await caller.member.create(input);
    expect(await caller.member.create(input)).toEqual({ id });
    const detail = await caller.member.detail({ id });
    expect(detail).toMatchObject({
      sex: "male",
      birthYear: 1995,
      identity: "full_member",
      joinedOn: "2020-05-01",
      phoneMask: "154****9999",
    });
    expect(await fixture.owner.personStatus.count({ where: { personId: id } })).toBe(2);
    const stored = JSON.stringify(await fixture.owner.personPrivate.findUnique({ where: { personId: id } }));
    expect(stored).not.toContain(input.idNumber);
  });

  it("knows a number again in its old form of 15 digits, and says nothing about whose it is", async () => {
    const caller = await secretary("B2");
    const number = validIdNumber(702);
    await (await secretary()).member.create(form(702));
    const old = number.slice(0, 6) + number.slice(8, 17);
    const answer = await refusal(caller.member.create({ ...form(703), orgId: fixture.orgs.B2, idNumber: old }));
    expect(answer).toMatch(/^CONFLICT.*已经登记过/);
    expect(answer).not.toContain("新同志");
  });

  it("refuses a branch out of reach, a committee, a wrong number, extra fields", async () => {
    const caller = await secretary();
    expect(await refusal(caller.member.create({ ...form(704), orgId: fixture.orgs.B2 }))).toMatch(/^NOT_FOUND/);
    expect(await refusal((await committee()).member.create({ ...form(704), orgId: fixture.orgs.K1 }))).toMatch(
      /党支部/,
    );
    const last = validIdNumber(704).at(-1);
    const wrong = validIdNumber(704).slice(0, -1) + (last === "0" ? "1" : "0");
    expect(await refusal(caller.member.create({ ...form(704), idNumber: wrong }))).toMatch(/校验不通过/);
    expect(await refusal(caller.member.create({ ...form(704), roleId: "x", tenantId: 2 } as never))).toMatch(
      /^BAD_REQUEST/,
    );
    expect(await fixture.owner.personPrivate.count({ where: { studentNo: "N704" } })).toBe(0);
  });
});

describe("editing", () => {
  const formOf = (detail: { id: string; version: number; name: string }, change: object) => ({
    id: detail.id,
    version: detail.version,
    name: detail.name,
    ethnicity: "汉族",
    education: "本科",
    studentNo: "",
    phone: null,
    ...change,
  });

  it("tells the second editor who was first and what the record says now", async () => {
    const [first, second] = [await secretary(), await fixture.as([["branch_admin", "B1"]])];
    const { id } = fixture.person("B1", 0);
    const seen = await first.member.detail({ id });
    await first.member.edit(formOf(seen, { education: "博士" }));
    const error = await second.member.edit(formOf(seen, { ethnicity: "回族" })).catch((caught) => caught);
    expect(error).toMatchObject({
      code: "CONFLICT",
      detail: { current: { by: "branch_secretary@B1", fields: { education: "博士", ethnicity: "汉族" } } },
    });
    expect((await first.member.detail({ id })).ethnicity).toBe("汉族");
  });

  it("of two at the same moment lets one through", async () => {
    const { id } = fixture.person("B1", 1);
    const callers = [await secretary(), await fixture.as([["branch_admin", "B1"]])];
    const seen = await callers[0]?.member.detail({ id });
    if (!seen) throw new Error("fixture");
    const done = await Promise.allSettled(
      callers.map((caller, no) => caller.member.edit(formOf(seen, { education: `学历${no}` }))),
    );
    expect(done.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("writes names of fields into the trail, never values", async () => {
    const caller = await secretary();
    const { id } = fixture.person("B1", 2);
    const seen = await caller.member.detail({ id });
    await caller.member.edit(formOf(seen, { name: "改过的名字", phone: "15400007777" }));
    const event = await fixture.owner.auditEvent.findFirstOrThrow({ where: { subjectId: id, action: "member.edit" } });
    expect(event.fields).toEqual(expect.arrayContaining(["name", "phone"]));
    expect(JSON.stringify(event)).not.toMatch(/改过的名字|15400007777/);
  });
});

describe("transfer", () => {
  it("moves on both axes; from that moment the old branch sees nobody and the new one sees him", async () => {
    const { id } = await fixture.addPerson("B1", { name: "转接者" });
    await fixture.owner.post.create({
      data: {
        tenantId: fixture.tenants.one,
        personId: id,
        orgId: fixture.orgs.B1,
        kind: "group_leader",
        validFrom: new Date("2024-09-01"),
      },
    });
    const caller = await committee();
    const [from, to] = [await secretary("B1"), await secretary("B2")];
    expect(await refusal(to.member.detail({ id }))).toMatch(/^NOT_FOUND/);
    const input = { id, version: 1, toOrgId: fixture.orgs.B2, on: "2026-11-01", reason: "班级调整" };
    await caller.member.transfer(input);
    expect(await refusal(from.member.detail({ id }))).toMatch(/^NOT_FOUND/);
    expect((await to.member.detail({ id })).branch?.id).toBe(fixture.orgs.B2);
    expect((await believed(id)).map((row) => [row.orgId, row.validTo?.toISOString().slice(0, 10) ?? null])).toEqual([
      [fixture.orgs.B1, "2026-11-01"],
      [fixture.orgs.B2, null],
    ]);
    expect(await fixture.owner.membership.count({ where: { personId: id, supersededAt: { not: null } } })).toBe(1);
    expect(await fixture.owner.post.findMany({ where: { personId: id, supersededAt: null } })).toMatchObject([
      { validTo: new Date("2026-11-01") },
    ]);
    expect(await refusal(caller.member.transfer(input))).toMatch(/^CONFLICT/);
  });

  it("is not for a branch alone, nor into another tenant, nor before an earlier transfer", async () => {
    const { id } = await fixture.addPerson("B1", { name: "不可转" });
    const into = (orgId: number, on = today) => ({ id, version: 1, toOrgId: orgId, on, reason: "" });
    expect(await refusal((await secretary()).member.transfer(into(fixture.orgs.B2)))).toMatch(/^NOT_FOUND/);
    const caller = await committee();
    expect(await refusal(caller.member.transfer(into(fixture.orgs.X1)))).toMatch(/^NOT_FOUND/);
    expect(await refusal(caller.member.transfer(into(fixture.orgs.G1)))).toMatch(/党支部/);
    expect(await refusal(caller.member.transfer(into(fixture.orgs.B2, "2026-11-21")))).toMatch(/晚于今天/);
    expect(await refusal(caller.member.transfer(into(fixture.orgs.B2, "2020-08-31")))).toMatch(/^BAD_REQUEST/);
    expect(await believed(id)).toMatchObject([{ orgId: fixture.orgs.B1, validTo: null }]);
  });
});

describe("correction of an identity", () => {
  it("keeps what was believed, moves 入党时间 along, and leaves no overlap", async () => {
    const caller = await secretary();
    const { id } = await caller.member.create({
      id: randomUUID(),
      name: "更正者",
      ethnicity: "",
      education: "",
      studentNo: "",
      idNumber: validIdNumber(801),
      phone: "",
      orgId: fixture.orgs.B1,
      identity: "full_member",
      from: "2020-05-01",
      joinedOn: "2020-05-01",
      convertedOn: "2021-05-01",
    });
    const { facts, version } = await caller.member.detail({ id });
    const full = facts.find((fact) => fact.what === "full_member");
    if (!full) throw new Error("no full membership");
    await caller.member.correctStatus({
      id,
      version,
      statusId: full.id,
      identity: "full_member",
      validFrom: "2021-06-10",
      reason: "误用审批日期",
    });
    const after = await caller.member.detail({ id });
    expect(after).toMatchObject({ joinedOn: "2020-05-01", convertedOn: "2021-06-10", version: version + 1 });
    const rows = await fixture.owner.personStatus.findMany({
      where: { personId: id, supersededAt: null },
      orderBy: { validFrom: "asc" },
    });
    expect(rows.map((row) => [row.identity, row.validTo?.toISOString().slice(0, 10) ?? null])).toEqual([
      ["probationary_member", "2021-06-10"],
      ["full_member", null],
    ]);
    expect(await fixture.owner.personStatus.count({ where: { personId: id, supersededAt: { not: null } } })).toBe(2);
    expect(
      await refusal(
        caller.member.correctStatus({
          id,
          version: after.version,
          statusId: full.id,
          identity: "full_member",
          validFrom: "2021-07-01",
          reason: "再改",
        }),
      ),
    ).toMatch(/^NOT_FOUND/);
  });
});

describe("reveal", () => {
  it("gives one number, for a reason, and the person can read who looked", async () => {
    const { id } = fixture.person("B4", 0);
    const caller = await secretary("B4");
    expect(await refusal(caller.member.reveal({ id, field: "id_number", reason: "other", note: "" }))).toMatch(
      /^BAD_REQUEST/,
    );
    const { value } = await caller.member.reveal({ id, field: "id_number", reason: "report", note: "上报名册" });
    expect(value).toMatch(/^990000\d{11}[\dX]$/);
    const self = await fixture.as([["member", "B4"]], { personId: id });
    expect(await self.me.reveals()).toMatchObject([
      { by: "branch_secretary@B4", field: "id_number", reason: "report", note: "上报名册" },
    ]);
    const other = await fixture.as([["member", "B4"]], { personId: fixture.person("B4", 1).id });
    expect(await other.me.reveals()).toEqual([]);
    const events = JSON.stringify(await fixture.owner.auditEvent.findMany({ where: { subjectId: id } }));
    expect(events).toContain("member.reveal");
    expect(events).not.toContain(value);
  });

  it("leaves nothing in the log when it fails", async () => {
    const caller = await secretary("B4");
    const { id } = fixture.person("B4", 3);
    await fixture.owner.personPrivate.update({ where: { personId: id }, data: { phoneEnc: null, phoneMask: null } });
    expect(await refusal(caller.member.reveal({ id, field: "phone", reason: "report", note: "" }))).toMatch(/没有登记/);
    expect(await fixture.owner.revealLog.count({ where: { personId: id } })).toBe(0);
  });
});

describe("labels", () => {
  it("names those in reach and is silent about the rest", async () => {
    const ids = [fixture.person("B1").id, fixture.person("B2").id, fixture.person("X1").id, randomUUID()];
    const labels = await (await secretary()).member.labels({ ids });
    expect(labels).toEqual([{ id: ids[0], name: expect.stringContaining("标记东"), masked: false }]);
  });

  it("masks the names of people whose rank may be read but whose record may not", async () => {
    const role = await fixture.owner.role.findUniqueOrThrow({
      where: { tenantId_code: { tenantId: fixture.tenants.one, code: "general_branch_admin" } },
    });
    await fixture.owner.rolePermission.delete({
      where: { roleId_permission: { roleId: role.id, permission: "member.read" } },
    });
    const caller = await fixture.as([
      ["general_branch_admin", "G1", "below"],
      ["branch_secretary", "B1"],
    ]);
    const labels = await caller.member.labels({ ids: [fixture.person("B1", 3).id, fixture.person("B2").id] });
    expect(labels).toEqual([
      { id: fixture.person("B1", 3).id, name: "标记东丁", masked: false },
      { id: fixture.person("B2").id, name: "标*", masked: true },
    ]);
  });

  it("takes at most 500", async () => {
    const ids = Array.from({ length: 501 }, () => randomUUID());
    expect(await refusal((await secretary()).member.labels({ ids }))).toMatch(/一次最多500个/);
  });
});
