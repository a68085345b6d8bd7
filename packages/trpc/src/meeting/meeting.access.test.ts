import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, at, type Caller, type Made, makeWorld, plainForm, ticketFor } from "./meeting.fixture.ts";
import type { MeetingForm } from "./meeting.schema.ts";

let made: Made;
let draft: string;
let open: string;
let closed: string;
const now = at("2026-11-20 15:05");
const wholeForm = {
  ...plainForm,
  groupId: null,
  chosenPersonIds: [],
  agenda: "",
  checkOutRequired: false,
  minutes: "",
} as MeetingForm;
beforeAll(async () => {
  made = await makeWorld();
  draft = await made.draft();
  open = await made.published();
  closed = await made.published({ heldOn: "2026-11-19" });
  await (await made.world.as(made.account.admin, at("2026-11-19 17:00"))).meeting.close({ id: closed });
});
afterAll(() => made.world.drop());

const kindOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: { kind?: string; message: string }) => error.kind ?? error.message,
  );
const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: { message: string }) => error.message,
  );

/** Everything that names a meeting, aimed at one id. */
const reads: Record<string, (caller: Caller, id: string) => Promise<unknown>> = {
  get: (caller, id) => caller.meeting.get({ id }),
  attendance: (caller, id) => caller.meeting.attendance({ id }),
  trail: (caller, id) => caller.meeting.trail({ id }),
};
const writes: Record<string, (caller: Caller, id: string) => Promise<unknown>> = {
  save: (caller, id) => caller.meeting.save({ id, version: 1, changes: { agenda: "x" }, base: { agenda: "" } }),
  remove: (caller, id) => caller.meeting.remove({ id }),
  publish: (caller, id) => caller.meeting.publish({ id, version: 1 }),
  close: (caller, id) => caller.meeting.close({ id }),
  void: (caller, id) => caller.meeting.void({ id, reason: "x" }),
  code: (caller, id) => caller.meeting.code({ id, purpose: "in" }),
  live: (caller, id) => caller.meeting.live({ id }),
  record: (caller, id) => caller.meeting.record({ id, personIds: [made.person.full], state: "on_time" }),
  correct: (caller, id) => caller.meeting.correct({ id, personId: made.person.full, state: "late", reason: "x" }),
};

describe.each(["sibling", "cousin", "otherParent", "foreign"] as const)("%s", (who) => {
  const account = (): Account => (who === "foreign" ? made.foreign : made.account[who]);
  it("gets the same answer for a meeting out of reach as for none, everywhere", async () => {
    const caller = await made.world.as(account(), now);
    for (const [name, call] of Object.entries({ ...reads, ...writes }))
      for (const id of [draft, open, closed]) {
        const answer = [await kindOf(call(caller, id)), await messageOf(call(caller, id))];
        const missing = [await kindOf(call(caller, randomUUID())), await messageOf(call(caller, randomUUID()))];
        expect(answer, name).toEqual(missing);
        expect(["not_found", "forbidden"], name).toContain(answer[0]);
      }
    expect((await caller.meeting.list({ size: 100 })).rows.filter(({ orgId }) => orgId === made.a.id)).toEqual([]);
    expect(await kindOf(caller.meeting.duties({ orgId: made.a.id }))).toBe("not_found");
  });
  it("cannot write for the branch", async () => {
    const caller = await made.world.as(account(), now);
    const calls = [
      () => caller.meeting.start({ id: randomUUID(), orgId: made.a.id, fields: {} }),
      () => caller.meeting.people({ orgId: made.a.id, day: "2026-11-20" }),
      () => caller.meeting.preview({ id: draft, orgId: made.a.id, fields: wholeForm }),
      () => caller.meeting.broughtIn({ orgId: made.a.id, kind: "theme_day" }),
    ];
    for (const call of calls) expect(["not_found", "forbidden"]).toContain(await kindOf(call()));
  });
});

describe.each(["parent", "committee"] as const)("superior %s", (who) => {
  it("reads what was published and no draft, changes nothing, sees no reasons", async () => {
    const caller = await made.world.as(made.account[who], now);
    expect(await kindOf(caller.meeting.get({ id: open }))).toBe("ok");
    expect(await kindOf(caller.meeting.get({ id: draft }))).toBe("not_found");
    expect((await caller.meeting.list({ size: 100 })).rows.map(({ id }) => id)).not.toContain(draft);
    expect((await caller.meeting.get({ id: open })).offers).toEqual([]);
    const table = await caller.meeting.attendance({ id: closed });
    expect(table.flatMap(({ notes }) => notes)).toEqual([]);
    for (const [name, call] of Object.entries(writes))
      for (const id of [draft, open, closed])
        expect(["not_found", "forbidden"], name).toContain(await kindOf(call(caller, id)));
  });
});

describe("a member", () => {
  it("has only the own meetings: no console, nobody else's row", async () => {
    const caller = await made.world.as(made.account.full, now);
    for (const [name, call] of Object.entries({ ...reads, ...writes }))
      expect(await kindOf(call(caller, open)), name).toBe("forbidden");
    expect(await kindOf(caller.myMeeting.get({ id: open }))).toBe("ok");
    expect(await kindOf(caller.myMeeting.get({ id: draft }))).toBe("not_found");
    const home = await caller.myMeeting.home();
    expect(home.today.map(({ id }) => id)).toEqual([open]);
    expect(home.year).toMatchObject({ expected: 1, present: 0, absent: 1 });
    const elsewhere = await made.world.as(made.account.sibling, now);
    expect(await kindOf(elsewhere.myMeeting.get({ id: open }))).toBe("not_found");
    expect((await elsewhere.myMeeting.home()).today).toEqual([]);
  });
  it("reads and marks the own messages only", async () => {
    const mine = await made.world.as(made.account.full, now);
    const theirs = await made.world.as(made.account.second, now);
    const notices = await mine.myMeeting.notices();
    expect(notices.length).toBeGreaterThan(0);
    expect(await theirs.myMeeting.readNotices({ ids: notices.map(({ id }) => id) })).toEqual({ read: 0 });
    expect(await mine.myMeeting.readNotices({ ids: notices.map(({ id }) => id) })).toEqual({ read: notices.length });
    expect((await mine.myMeeting.home()).unread).toBe(0);
  });
});

describe("a system administrator", () => {
  it("sees no meeting at all", async () => {
    const caller = await made.world.as(made.account.system, now);
    for (const [name, call] of Object.entries({ ...reads, ...writes }))
      expect(await kindOf(call(caller, open)), name).toBe("forbidden");
    expect(await kindOf(caller.meeting.list({}))).toBe("forbidden");
    expect(await kindOf(caller.myMeeting.home())).toBe("forbidden");
  });
});

describe("signing in from outside", () => {
  it("tells a stranger the same for a meeting of the branch next door, of another tenant and for none", async () => {
    for (const account of [made.account.sibling, made.foreign]) {
      const caller = await made.world.as(account, now);
      const missing = randomUUID();
      const answers = await Promise.all(
        [open, draft, missing].map((id) => messageOf(caller.myMeeting.check({ id, ticket: ticketFor(id, "in", now) }))),
      );
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain("不在参会名单里");
      const unsigned = await Promise.all(
        [open, missing].map((id) => messageOf(caller.myMeeting.check({ id, ticket: "in.abc.def" }))),
      );
      expect(unsigned).toEqual(["二维码已更新，请现场重新扫码", "二维码已更新，请现场重新扫码"]);
    }
  });
});
