import { randomUUID } from "node:crypto";
import { applyReceipts, inTenant, readReceipts, sealAudit, verifyAudit } from "@xianfeng/db";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createFixture, type Fixture, keys } from "../../test/fixture.ts";
import { createCaller } from "../index.ts";
import { basisOf, erasureReasons } from "./erasure.rules.ts";

let fixture: Fixture;
let secretary: Awaited<ReturnType<Fixture["as"]>>;
let committee: Awaited<ReturnType<Fixture["as"]>>;
beforeAll(async () => {
  fixture = await createFixture();
  secretary = await fixture.as([["branch_secretary", "B1"]]);
  committee = await fixture.as([["committee_admin", "K1", "below"]]);
});
afterAll(() => fixture?.close());

const number = "990000199503079970";
const phone = "15412345678";

/** Everything that may be known of somebody, put where the platform puts it. */
async function known(no: number) {
  const { owner, tenants, orgs } = fixture;
  const person = fixture.person("B1", no);
  const tenantId = tenants.one;
  const other = fixture.person("B1", no === 0 ? 1 : 0);
  const mail = `canary${no}@example.invalid`;
  const userId = randomUUID();
  const context = await fixture.contextOf([["member", "B1"]], { personId: person.id });
  await createCaller(context).me.changeMail({ mail });
  await owner.principal.update({ where: { id: context.principalId }, data: { displayName: person.name } });
  const account = await owner.principal.findUniqueOrThrow({ where: { id: context.principalId } });
  await owner.authSession.create({
    data: { id: userId, token: userId, userId: account.userId ?? "", expiresAt: new Date("2027-01-01") },
  });
  await owner.callCount.create({ data: { what: "x", who: account.id, since: new Date() } });
  const meeting = await owner.meeting.create({
    data: {
      tenantId,
      orgId: orgs.B1,
      kind: "theme_day",
      heldOn: new Date("2026-11-01"),
      startsAt: new Date("2026-11-01T07:00:00Z"),
      endsAt: new Date("2026-11-01T08:00:00Z"),
      checkInOpensAt: new Date("2026-11-01T06:30:00Z"),
      lateAfter: new Date("2026-11-01T07:10:00Z"),
      state: "published",
      createdBy: randomUUID(),
      body: {
        create: {
          tenantId,
          title: `祝贺${person.name}同志`,
          minutes: `${person.name}发言，${other.name}补充。`,
          hostId: person.id,
        },
      },
      attendances: {
        create: [person, other].map(({ id }) => ({
          tenantId,
          personId: id,
          orgIdThen: orgs.B1,
          identityThen: "full_member",
        })),
      },
    },
    include: { attendances: true },
  });
  const attendance = meeting.attendances.find(({ personId }) => personId === person.id);
  await owner.attendanceNote.create({
    data: {
      tenantId,
      attendanceId: attendance?.id ?? "",
      kind: "leave",
      stateBefore: "pending",
      stateAfter: "leave",
      reason: "住院手术",
      principalId: account.id,
    },
  });
  const batch = await owner.importBatch.create({
    data: {
      tenantId,
      kind: "evaluation",
      orgId: orgs.K1,
      state: "checked",
      fileName: `${person.name}.xlsx`,
      fileHash: randomUUID(),
      parameters: { sheet: person.name },
      createdBy: randomUUID(),
      expiresAt: new Date("2027-01-01"),
      rows: {
        create: [
          {
            tenantId,
            no: 2,
            state: "applied",
            personId: person.id,
            cells: { name: person.name, studentNo: person.studentNo },
          },
          { tenantId, no: 3, state: "refused", cells: { name: person.name, studentNo: number, value: phone } },
          { tenantId, no: 4, state: "ready", personId: other.id, cells: { name: other.name } },
        ],
      },
    },
  });
  await owner.outboxMessage.create({
    data: {
      tenantId,
      dedupeKey: randomUUID(),
      channel: "mail",
      principalId: account.id,
      subject: `致${person.name}`,
      body: "内容",
      state: "waiting",
      expiresAt: new Date("2027-01-01"),
    },
  });
  await owner.revealLog.create({
    data: {
      tenantId,
      personId: person.id,
      principalId: randomUUID(),
      field: "phone",
      reason: "other",
      note: "病假核实",
    },
  });
  await owner.sanction.create({
    data: { tenantId, personId: person.id, kind: "warning", validFrom: new Date("2026-01-01") },
  });
  const status = await owner.personStatus.findFirstOrThrow({ where: { personId: person.id } });
  const { version } = await owner.person.findUniqueOrThrow({ where: { id: person.id } });
  await secretary.member.correctStatus({
    id: person.id,
    version,
    statusId: status.id,
    identity: "activist",
    validFrom: "2024-01-01",
    reason: `${person.name}的材料写错了`,
  });
  return { person, other, mail, account, batch, meeting };
}

/** All rows of all tables that hold a text, as "table: row". */
async function holding(text: string): Promise<string[]> {
  const { owner } = fixture;
  const tables = await owner.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await owner.$queryRawUnsafe<{ row: string }[]>(
      `SELECT row_to_json(t)::text AS row FROM "${name}" t WHERE position($1 IN row_to_json(t)::text) > 0`,
      text,
    );
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return found;
}

const about = (id: string) => ({ id });

test("ERA01: one person asks, another carries it out, and no column of any table says who it was any more", async () => {
  const { person, mail, account, batch } = await known(0);
  await inTenant(fixture.app, fixture.tenants.one, (tx) => tx.$queryRaw`SELECT 1`);
  await vi.waitFor(async () => {
    await sealAudit(fixture.app, fixture.tenants.one, { settleMs: 0 });
    const [report] = await verifyAudit(fixture.owner);
    expect(report).toMatchObject({ problem: null, waiting: 0 });
  });
  for (const text of [person.name, person.studentNo, number, phone, "住院手术", "病假核实"]) {
    expect(await holding(text), text).not.toEqual([]);
  }
  await secretary.erasure.request({ ...about(person.id), reason: "consent_withdrawn" });
  // Twice is once.
  await secretary.erasure.request({ ...about(person.id), reason: "consent_withdrawn" });
  expect((await committee.erasure.about(about(person.id))).may).toEqual({
    request: false,
    withdraw: false,
    decide: true,
  });
  const [asked] = (await committee.erasure.list({ state: "requested" })).rows;
  expect(asked).toMatchObject({ name: person.name, state: "requested", basis: expect.stringContaining("第三项") });
  const { counts } = await committee.erasure.carryOut({ ...about(person.id), name: person.name });
  expect(counts).toMatchObject({ person_private: 1, import_row: 2, outbox_message: 1, auth_user: 1, sanction: 1 });
  for (const text of [
    person.name,
    person.studentNo,
    mail,
    number,
    phone,
    "住院手术",
    "病假核实",
    account.userId ?? "-",
  ]) {
    expect(await holding(text), text).toEqual([]);
  }
  // What stays: ids, dates, figures.
  const { owner } = fixture;
  expect(await owner.attendance.count({ where: { personId: person.id } })).toBe(1);
  expect(await owner.person.findUniqueOrThrow({ where: { id: person.id } })).toMatchObject({
    birthYear: null,
    sex: null,
    ethnicity: null,
    education: null,
  });
  expect(await owner.importRow.findMany({ where: { batchId: batch.id }, orderBy: { no: "asc" } })).toMatchObject([
    { state: "applied", cells: { name: "", studentNo: "" } },
    { state: "refused" },
    { state: "ready", cells: { name: fixture.person("B1", 1).name } },
  ]);
  // Carrying it out again changes nothing and is no error.
  expect(await committee.erasure.carryOut({ ...about(person.id), name: person.name })).toEqual({ counts });
  const [receipt] = (await committee.erasure.list({ state: "carried_out" })).rows;
  expect(receipt).toMatchObject({ personId: person.id, name: null, requestedBy: "branch_secretary@B1" });
});

test("ERA02: the sealed trail still fits, and a row that somebody else changes in the same seal is found", async () => {
  const [report] = await verifyAudit(fixture.owner);
  expect(report).toMatchObject({ problem: null });
  expect(report?.seals).toBeGreaterThan(0);
  expect(await fixture.owner.auditRedaction.count()).toBeGreaterThan(0);
  const first = await fixture.owner.auditEvent.findFirstOrThrow({ orderBy: { id: "asc" } });
  await fixture.owner.$executeRaw`UPDATE audit_event SET fields = '{x}' WHERE id = ${first.id}::uuid`;
  expect((await verifyAudit(fixture.owner))[0]?.problem).toMatchObject({
    text: expect.stringContaining("a row was changed"),
  });
  await fixture.owner.$executeRaw`UPDATE audit_event SET fields = ${first.fields} WHERE id = ${first.id}::uuid`;
  expect((await verifyAudit(fixture.owner))[0]?.problem).toBeNull();
});

test("ERA03: pages about others go on and say 已删除 where the name was", async () => {
  const { id } = fixture.person("B1", 0);
  expect(await committee.member.labels({ ids: [id] })).toEqual([{ id, name: "已删除", masked: true }]);
  const meeting = await fixture.owner.meeting.findFirstOrThrow({ where: { attendances: { some: { personId: id } } } });
  const list = await secretary.meeting.attendance({ id: meeting.id });
  expect(JSON.stringify(list)).toContain("已删除");
  expect((await secretary.meeting.get({ id: meeting.id })).hostName).toBe("已删除");
  expect((await secretary.member.list({})).rows.map((row) => row.id)).not.toContain(id);
  await expect(committee.member.detail({ id })).rejects.toMatchObject({ kind: "not_found" });
  await secretary.org.detail({ id: fixture.orgs.B1 });
  await secretary.meeting.trail({ id: meeting.id });
  // Nobody is signed in as the person any more, and the count of the branch follows.
  expect(await fixture.owner.membership.count({ where: { personId: id, supersededAt: null, validTo: null } })).toBe(0);
});

test("ERA04: a name that somebody else bears stays in texts; only what is the person's own goes", async () => {
  const { person, other } = await known(1);
  const { owner } = fixture;
  const twin = fixture.person("B2", 0);
  await owner.personPrivate.update({ where: { personId: twin.id }, data: { name: `${person.name}丽` } });
  await secretary.erasure.request({ ...about(person.id), reason: "purpose_over" });
  await committee.erasure.carryOut({ ...about(person.id), name: person.name });
  expect((await holding(person.name)).filter((row) => row.startsWith("meeting_body"))).not.toEqual([]);
  expect(await holding(person.studentNo)).toEqual([]);
  expect((await owner.personPrivate.findUniqueOrThrow({ where: { personId: twin.id } })).name).toContain(person.name);
  expect(other.id).not.toBe(person.id);
});

test("ERA05: nobody carries out his own request or one about himself; another branch does not learn of it; a wrong name stops", async () => {
  const person = fixture.person("B2", 1);
  const self = await fixture.as([["committee_admin", "K1", "below"]], { personId: person.id });
  const stranger = await fixture.as([["branch_secretary", "B1"]]);
  await committee.erasure.request({ ...about(person.id), reason: "unlawful" });
  await expect(committee.erasure.carryOut({ ...about(person.id), name: person.name })).rejects.toMatchObject({
    kind: "state",
  });
  await expect(self.erasure.carryOut({ ...about(person.id), name: person.name })).rejects.toMatchObject({
    kind: "state",
  });
  await expect(stranger.erasure.about(about(person.id))).rejects.toMatchObject({ kind: "not_found" });
  await expect(stranger.erasure.carryOut({ ...about(person.id), name: person.name })).rejects.toMatchObject({
    kind: "forbidden",
  });
  const second = await fixture.as([["committee_admin", "K1", "below"]]);
  await expect(second.erasure.carryOut({ ...about(person.id), name: "别人" })).rejects.toMatchObject({
    kind: "invalid",
  });
  await expect(second.erasure.withdraw(about(person.id))).rejects.toMatchObject({ kind: "state" });
  await second.erasure.refuse(about(person.id));
  await expect(second.erasure.carryOut({ ...about(person.id), name: person.name })).rejects.toMatchObject({
    kind: "state",
  });
  // It may be asked for again, and taken back.
  await committee.erasure.request({ ...about(person.id), reason: "unlawful" });
  await committee.erasure.withdraw(about(person.id));
  await committee.erasure.withdraw(about(person.id));
  expect((await committee.erasure.about(about(person.id))).request).toBeNull();
  expect(await fixture.owner.personPrivate.count({ where: { personId: person.id } })).toBe(1);
});

test("ERA06: the database itself erases nobody without a decision of a second person, and keeps receipts as they are", async () => {
  const { app, owner, tenants, orgs } = fixture;
  const person = fixture.person("B3", 0);
  const asked = await owner.erasure.create({
    data: { tenantId: tenants.one, personId: person.id, orgId: orgs.B3, reason: "unlawful", requestedBy: randomUUID() },
  });
  const erase = (tenantId: number) =>
    inTenant(app, tenantId, (tx) => tx.$queryRaw`SELECT erase_person(${asked.id}::uuid, '{}')::text`);
  await expect(erase(tenants.one)).rejects.toThrow(/nobody has decided/);
  await expect(
    inTenant(app, tenants.one, (tx) =>
      tx.erasure.update({
        where: { id: asked.id },
        data: { state: "carried_out", decidedBy: asked.requestedBy, decidedAt: new Date() },
      }),
    ),
  ).rejects.toThrow(/two_people/);
  await owner.erasure.update({
    where: { id: asked.id },
    data: { state: "carried_out", decidedBy: randomUUID(), decidedAt: new Date() },
  });
  const done = await owner.erasure.findUnique({ where: { id: asked.id } });
  const change = { decidedBy: randomUUID() };
  await expect(
    inTenant(app, tenants.one, (tx) => tx.erasure.update({ where: { id: asked.id }, data: change })),
  ).rejects.toThrow();
  await expect(
    inTenant(app, tenants.one, (tx) => tx.erasure.deleteMany({ where: { id: asked.id } })),
  ).rejects.toThrow();
  expect(await owner.erasure.findUnique({ where: { id: asked.id } })).toEqual(done);
  // A decision of one tenant is none in another.
  await expect(erase(tenants.two)).rejects.toThrow(/nobody has decided/);
  expect(await owner.personPrivate.count({ where: { personId: person.id } })).toBe(1);
  await erase(tenants.one);
  expect(await owner.personPrivate.count({ where: { personId: person.id } })).toBe(0);
});

test("ERA07: an erasure does not cover up that somebody changed the trail before", async () => {
  const { owner, app, tenants } = fixture;
  const person = fixture.person("B4", 0);
  const local = await fixture.as([["branch_secretary", "B4"]]);
  const status = await owner.personStatus.findFirstOrThrow({ where: { personId: person.id } });
  const from = { version: 1, statusId: status.id, identity: "activist" as const, validFrom: "2024-01-01" };
  await local.member.correctStatus({ id: person.id, ...from, reason: "写错了" });
  await vi.waitFor(async () => {
    await sealAudit(app, tenants.one, { settleMs: 0 });
    expect((await verifyAudit(owner))[0]).toMatchObject({ problem: null, waiting: 0 });
  });
  await owner.$executeRaw`UPDATE audit_event SET fields = '{x}' WHERE subject_id = ${person.id} AND action = 'member.correct_status'`;
  await local.erasure.request({ ...about(person.id), reason: "unlawful" });
  await committee.erasure.carryOut({ ...about(person.id), name: person.name });
  expect((await verifyAudit(owner))[0]?.problem).toMatchObject({ text: expect.stringContaining("a row was changed") });
});

test("ERA08: receipts erase again what a backup from before has brought back, and once is enough", async () => {
  const { owner, tenants } = fixture;
  const person = fixture.person("B1", 0);
  const receipts = await readReceipts(owner);
  expect(receipts.map((receipt) => receipt.personId)).toContain(person.id);
  const mine = receipts.filter((receipt) => receipt.personId === person.id);
  // The backup has the person and no receipt.
  await owner.auditRedaction.deleteMany({ where: { erasureId: mine[0]?.id ?? "" } });
  await owner.erasure.deleteMany({ where: { personId: person.id } });
  await owner.personPrivate.create({
    data: { tenantId: tenants.one, personId: person.id, name: person.name, pinyin: "x", initials: "x" },
  });
  expect(await applyReceipts(owner, keys, mine)).toBe(1);
  expect(await owner.personPrivate.count({ where: { personId: person.id } })).toBe(0);
  expect(await readReceipts(owner)).toEqual(expect.arrayContaining(mine));
  expect(await applyReceipts(owner, keys, mine)).toBe(0);
});

test("ERA09: each reason has its place in the law", () => {
  expect(erasureReasons.map(basisOf).map((text) => text.slice(-3))).toEqual([
    "第一项",
    "第二项",
    "第三项",
    "第四项",
    "第五项",
  ]);
});
