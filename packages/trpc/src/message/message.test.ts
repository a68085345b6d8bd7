import { randomUUID } from "node:crypto";
import { decrypt } from "@xianfeng/db";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFixture, type Fixture, keys, today } from "../../test/fixture.ts";
import { createCaller } from "../index.ts";
import * as calendar from "../kernel/calendar.ts";
import type { MessageState } from "./message.rules.ts";

let fixture: Fixture;
type Caller = ReturnType<typeof createCaller>;
let secretary: Caller;
let reader: Caller;
let offReader: Caller;
let silentReader: Caller;
let admin: Caller;
/** Numbers of the accounts. */
const idOf = new Map<Caller, string>();

async function as(...who: Parameters<Fixture["contextOf"]>): Promise<Caller> {
  const context = await fixture.contextOf(...who);
  const caller = createCaller(context);
  idOf.set(caller, context.principalId);
  return caller;
}

const now = calendar.instantOf(today, "10:00");
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "no refusal",
    (error) => `${error.code} ${error.message}`,
  );

beforeAll(async () => {
  fixture = await createFixture();
  secretary = await as([["branch_secretary", "B1"]]);
  admin = await as([["system_admin", "K1"]]);
  const [one, two, three] = [0, 1, 2].map((no) => fixture.person("B1", no).id);
  const asMember = (personId: string | undefined) => as([["member", "B1"]], { personId: personId ?? "" });
  reader = await asMember(one);
  offReader = await asMember(two);
  silentReader = await asMember(three);
  await reader.me.changeMail({ mail: "reader@example.edu.cn" });
  await offReader.me.changeMail({ mail: "off@example.edu.cn" });
  await offReader.me.mailPreference({ enabled: false, quietHours: true });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.owner.outboxMessage.deleteMany();
});

/** A published meeting of branch B1 on the day after tomorrow. */
async function publishMeeting(days = 2): Promise<string> {
  const id = randomUUID();
  await secretary.meeting.start({
    id,
    orgId: fixture.orgs.B1,
    fields: {
      kind: "member_meeting",
      title: "秘密的标题",
      heldOn: calendar.addDays(today, days),
      startTime: "15:00",
      endTime: "16:30",
      place: "秘密的地点",
      audience: "all_members",
    },
  });
  await secretary.meeting.publish({ id, version: 1 });
  return id;
}
const rows = () => fixture.owner.outboxMessage.findMany({ orderBy: [{ channel: "asc" }, { id: "asc" }] });

describe("a notice", () => {
  it("is one row for each recipient and channel: in the app for all, by mail for who has an address and wants it", async () => {
    await publishMeeting();
    const all = await rows();
    expect(
      all
        .filter(({ channel }) => channel === "in_app")
        .map(({ principalId }) => principalId)
        .sort(),
    ).toEqual([reader, offReader, silentReader].map((caller) => idOf.get(caller) ?? "").sort());
    const mails = all.filter(({ channel }) => channel === "mail");
    expect(mails).toMatchObject([
      {
        principalId: idOf.get(reader) ?? "",
        state: "waiting",
        kind: "meeting.published",
        attempts: 0,
        nextAttemptAt: now,
        expiresAt: new Date(now.getTime() + 24 * 3_600_000),
      },
    ]);
  });

  it("by mail says when, and neither title nor place nor reason nor anybody's name", async () => {
    const id = await publishMeeting();
    const version = (await secretary.meeting.get({ id })).version;
    await secretary.meeting.save({ id, version, changes: { place: "秘密的西楼" }, base: { place: "秘密的地点" } });
    await secretary.meeting.void({ id, reason: "秘密的原因" });
    const mails = (await rows()).filter(({ channel }) => channel === "mail");
    expect(mails.map(({ kind }) => kind)).toEqual(["meeting.published", "meeting.changed", "meeting.void"]);
    for (const { subject, body } of mails) {
      expect(subject + body).toContain("11月22日");
      expect(subject + body).not.toMatch(/秘密|标记|@/);
    }
  });

  it("overtakes the mail about the same meeting that still waits, and no other", async () => {
    const other = await publishMeeting(4);
    const id = await publishMeeting();
    await fixture.owner.outboxMessage.updateMany({
      where: { href: `/m/meetings/${id}`, channel: "mail" },
      data: { state: "not_configured" },
    });
    await secretary.meeting.void({ id, reason: "停电" });
    const mails = (await rows()).filter(({ channel }) => channel === "mail");
    expect(mails.map(({ href, kind, state, lastError }) => [href?.slice(12), kind, state, lastError])).toEqual([
      [other, "meeting.published", "waiting", null],
      [id, "meeting.published", "dropped", "overtaken"],
      [id, "meeting.void", "waiting", null],
    ]);
  });

  it("asked for again makes no second row, in no channel", async () => {
    const id = await publishMeeting();
    await Promise.all([1, 2, 3].map(() => secretary.meeting.publish({ id, version: 1 }).catch(() => undefined)));
    expect(await rows()).toHaveLength(4);
  });

  it("to somebody with two accounts is one mail, and none if he switched it off in one of them", async () => {
    const personId = fixture.person("B1", 0).id;
    const second = await as([["branch_admin", "B1"]], { personId });
    await publishMeeting();
    expect((await rows()).filter(({ channel }) => channel === "mail")).toHaveLength(1);
    await fixture.owner.outboxMessage.deleteMany();
    const own = await as([["member", "B1"]], { personId });
    await own.me.mailPreference({ enabled: false, quietHours: true });
    await publishMeeting(3);
    expect((await rows()).filter(({ channel }) => channel === "mail")).toEqual([]);
    const others = [second, own].map((caller) => idOf.get(caller) ?? "");
    await fixture.owner.messagePreference.deleteMany({ where: { principalId: { in: others } } });
    await fixture.owner.principal.updateMany({ where: { id: { in: others } }, data: { disabledAt: now } });
  });
});

describe("one's own address", () => {
  it("is kept encrypted, shown masked, and changed by oneself alone", async () => {
    await reader.me.changeMail({ mail: " Reader.One@Example.EDU.cn " });
    const kept = await fixture.owner.personPrivate.findUniqueOrThrow({
      where: { personId: fixture.person("B1", 0).id },
    });
    expect(kept.mailMask).toBe("Re***@example.edu.cn");
    expect(Buffer.from(kept.mailEnc ?? []).includes("example")).toBe(false);
    expect(decrypt(keys, kept.mailEnc ?? new Uint8Array())).toBe("Reader.One@example.edu.cn");
    expect(await reader.me.mail()).toEqual({ mask: "Re***@example.edu.cn", enabled: true, quietHours: true });
    expect(await silentReader.me.mail()).toMatchObject({ mask: null });
    expect((await fixture.owner.auditEvent.findFirst({ where: { action: "member.own_mail" } }))?.fields).toEqual([
      "mail",
    ]);
    await reader.me.changeMail({ mail: "reader@example.edu.cn" });
  });

  it.each([
    "zhao",
    "zhao@",
    "@example.cn",
    "zhao@example",
    "a b@example.cn",
    "a@b..cn",
    "a@-b.cn",
    "a@b.c",
    "a\n@b.cn",
  ])("%j is refused with words beside the field", async (mail) => {
    const error = await silentReader.me.changeMail({ mail }).catch((cause) => cause);
    expect([error.code, error.message]).toEqual(["BAD_REQUEST", expect.stringContaining("name@example.edu.cn")]);
    expect(error.detail.fields).toHaveProperty("mail");
    expect((await silentReader.me.mail()).mask).toBeNull();
  });

  it("can be taken away; an account of nobody has none", async () => {
    await silentReader.me.changeMail({ mail: "x@example.cn" });
    await silentReader.me.changeMail({ mail: "" });
    expect((await silentReader.me.mail()).mask).toBeNull();
    const nobody = await as([["member", "B1"]]);
    expect(await refusal(nobody.me.mail())).toMatch(/^NOT_FOUND/);
    expect(await refusal(nobody.me.changeMail({ mail: "x@example.cn" }))).toMatch(/^NOT_FOUND/);
  });

  it("tells whoever has the form about him open", async () => {
    const id = fixture.person("B1", 0).id;
    const seen = await secretary.member.detail({ id });
    await reader.me.changeMail({ mail: "reader@example.edu.cn" });
    const facts = { name: seen.name, ethnicity: "", education: "", studentNo: "", phone: null };
    expect(await refusal(secretary.member.edit({ id, version: seen.version, ...facts }))).toMatch(/^CONFLICT/);
  });
});

describe("the address in the branch's register", () => {
  it("is entered, masked, revealed for a reason that the person can read, and refused when it is none", async () => {
    const id = fixture.person("B1", 3).id;
    const seen = await secretary.member.detail({ id });
    const facts = { name: seen.name, ethnicity: "", education: "", studentNo: seen.studentNo ?? "", phone: null };
    const edit = (version: number, mail: string | null) => secretary.member.edit({ id, version, ...facts, mail });
    expect(await refusal(edit(seen.version, "不是邮箱"))).toMatch(/^BAD_REQUEST 邮箱/);
    await edit(seen.version, "ding@example.edu.cn");
    await edit(seen.version + 1, null);
    expect((await secretary.member.detail({ id })).mailMask).toBe("d***@example.edu.cn");
    const shown = await secretary.member.reveal({ id, field: "mail", reason: "check_file", note: "" });
    expect(shown.value).toBe("ding@example.edu.cn");
    expect(await fixture.owner.revealLog.findFirst({ where: { personId: id } })).toMatchObject({ field: "mail" });
    await edit(seen.version + 2, "");
    expect((await secretary.member.detail({ id })).mailMask).toBeNull();
    expect(await refusal(secretary.member.reveal({ id, field: "mail", reason: "report", note: "" }))).toMatch(
      /^BAD_REQUEST/,
    );
  });
});

describe("the list of messages", () => {
  it("is for system administrators of the tenant and nobody else", async () => {
    await publishMeeting();
    const mail = (await rows()).find(({ channel }) => channel === "mail");
    const others = [
      secretary,
      reader,
      await as([["committee_admin", "K1", "below"]]),
      await as([["branch_admin", "B1"]]),
      await as([["general_branch_admin", "G1", "below"]]),
      await as([["screen", "K1"]]),
    ];
    for (const caller of others)
      for (const work of [
        caller.message.list({}),
        caller.message.counts({}),
        caller.message.retry({ id: mail?.id ?? "" }),
      ])
        expect(await refusal(work)).toMatch(/^FORBIDDEN/);
    expect(await refusal(fixture.anonymous().message.list({}))).toMatch(/^UNAUTHORIZED/);
    const foreign = await as([["system_admin", "K2"]]);
    expect((await foreign.message.list({})).total).toBe(0);
    expect(Object.values(await foreign.message.counts({})).every((n) => n === 0)).toBe(true);
    await fixture.owner.outboxMessage.update({ where: { id: mail?.id ?? "" }, data: { state: "failed" } });
    expect(await refusal(foreign.message.retry({ id: mail?.id ?? "" }))).toMatch(/^NOT_FOUND/);
    expect(await fixture.owner.outboxMessage.count({ where: { state: "failed" } })).toBe(1);
    expect((await admin.message.list({})).total).toBe(4);
  });

  it("says neither what a message says nor a whole name or address", async () => {
    await publishMeeting();
    const { rows: listed } = await admin.message.list({ size: 100 });
    const mail = listed.find(({ channel }) => channel === "mail");
    expect(mail).toMatchObject({
      kind: "meeting.published",
      state: "waiting",
      recipient: { mail: "re***@example.edu.cn" },
    });
    expect(mail?.recipient.name).toMatch(/^.\*$/u);
    expect(JSON.stringify(listed)).not.toMatch(/秘密|reader@|会议通知|11月/);
  });

  it("counts what it lists, whatever the conditions", async () => {
    await publishMeeting();
    const states: MessageState[] = ["sent", "failed", "not_configured", "expired", "dropped"];
    for (const state of states)
      await fixture.owner.outboxMessage.create({
        data: {
          tenantId: fixture.tenants.one,
          dedupeKey: state,
          channel: "mail",
          principalId: idOf.get(reader) ?? "",
          subject: "",
          body: "",
          state,
          createdAt: calendar.instantOf("2026-11-01", "23:59"),
          expiresAt: now,
        },
      });
    for (const filter of [
      {},
      { channel: "mail" as const },
      { channel: "in_app" as const },
      { day: "2026-11-01" },
      { day: "2026-11-02" },
    ]) {
      const counts = await admin.message.counts(filter);
      expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe((await admin.message.list(filter)).total);
      for (const [state, n] of Object.entries(counts))
        expect((await admin.message.list({ ...filter, state: state as MessageState })).total).toBe(n);
    }
    expect((await admin.message.list({ day: "2026-11-01" })).total).toBe(5);
    expect((await admin.message.list({ day: "2026-11-02" })).total).toBe(0);
  });
});

describe("trying again", () => {
  const failed = async (expiresAt: Date, state = "failed") =>
    (
      await fixture.owner.outboxMessage.create({
        data: {
          tenantId: fixture.tenants.one,
          dedupeKey: randomUUID(),
          channel: "mail",
          principalId: idOf.get(reader) ?? "",
          subject: "",
          body: "",
          state,
          attempts: 6,
          lastError: "500 internal_server_error",
          expiresAt,
        },
      })
    ).id;
  const row = (id: string) => fixture.owner.outboxMessage.findUniqueOrThrow({ where: { id } });
  const tomorrow = calendar.addMinutes(now, 24 * 60);

  it("puts a failed mail back from the first attempt on, twice is once, and is written down", async () => {
    const id = await failed(tomorrow);
    expect((await admin.message.list({})).rows[0]).toMatchObject({
      id,
      mayRetry: true,
      reason: "500 internal_server_error",
    });
    await Promise.all([admin.message.retry({ id }), admin.message.retry({ id })]);
    expect(await row(id)).toMatchObject({ state: "waiting", attempts: 0, lastError: null, nextAttemptAt: now });
    expect(await fixture.owner.auditEvent.count({ where: { action: "outbox.retry", subjectId: id } })).toBe(1);
  });

  it("is refused for what nobody needs any more", async () => {
    const id = await failed(now);
    expect((await admin.message.list({})).rows[0]).toMatchObject({ id, mayRetry: false });
    expect(await refusal(admin.message.retry({ id }))).toMatch(/^PRECONDITION_FAILED 已过有效时间/);
    expect(await row(id)).toMatchObject({ state: "failed" });
  });

  it.each(["sent", "dropped", "expired", "not_configured"])("never sends what is %s", async (state) => {
    const id = await failed(tomorrow, state);
    await admin.message.retry({ id });
    expect(await row(id)).toMatchObject({ state, attempts: 6 });
  });
});
