import { createLog, type Log, silent } from "@xianfeng/service";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDeliver, Sender } from "../src/index.ts";
import { apiKey, startResend, type TestResend } from "./resend.ts";
import { createWorld, dataKey, secrets, type World } from "./world.ts";

let world: World;
let resend: TestResend;
beforeAll(async () => {
  world = await createWorld();
  resend = await startResend();
});
afterEach(async () => {
  await world.clear();
  resend.forget();
});
afterAll(async () => {
  await resend.stop();
  await world.close();
});

const shanghai = (text: string) => new Date(`${text.replace(" ", "T")}:00+08:00`);
const morning = shanghai("2026-11-20 10:00");

/** A sender with a clock that the test turns. */
function sender(options: { at?: Date; key?: string | null; timeoutMs?: number; log?: Log } = {}) {
  let now = options.at ?? morning;
  const { key = apiKey, timeoutMs = 2_000 } = options;
  const from = "先锋 <notice@example.edu.cn>";
  const made = new Sender({
    db: world.app,
    dataKey,
    deliver: key === null ? null : createDeliver({ key, from, url: `${resend.url}/`, timeoutMs }),
    appUrl: "https://dangjian.example.edu.cn",
    log: options.log ?? silent,
    now: () => now,
    paceMs: 0,
  });
  return Object.assign(made, {
    forward(minutes: number) {
      now = new Date(now.getTime() + minutes * 60_000);
    },
  });
}

describe("a waiting mail", () => {
  it("goes out once, says when and where to read on, and is marked with the number of the service", async () => {
    const id = await world.message(await world.recipient({ mail: "zhao.min@example.edu.cn" }), morning);
    const one = sender();
    expect(await one.pass()).toBe(1);
    expect(await one.pass()).toBe(0);
    const [mail] = resend.mails();
    expect(resend.requests.map(({ path }) => path)).toEqual(["POST /emails"]);
    expect(mail).toMatchObject({ from: "先锋 <notice@example.edu.cn>", to: "zhao.min@example.edu.cn" });
    expect(mail?.subject).toBe(secrets.subject);
    for (const form of [mail?.text, mail?.html]) {
      expect(form).toContain(secrets.body);
      expect(form).toContain("https://dangjian.example.edu.cn/m/meetings/0199");
      expect(form).toContain("https://dangjian.example.edu.cn/m/me");
    }
    expect(await world.row(id)).toMatchObject({ state: "sent", attempts: 1, providerId: "mail-1", sentAt: morning });
  });

  it("of each tenant goes out", async () => {
    await world.message(await world.recipient({ mail: "one@example.edu.cn" }), morning);
    await world.message(await world.recipient({ mail: "two@example.edu.cn", tenant: 1 }), morning);
    await sender().pass();
    expect(
      resend
        .mails()
        .map(({ to }) => to)
        .sort(),
    ).toEqual(["one@example.edu.cn", "two@example.edu.cn"]);
  });

  it("is not tried again when the service refuses it, and nothing of its words is kept", async () => {
    const id = await world.message(await world.recipient(), morning);
    resend.behave({ status: 422, name: "validation_error" });
    const one = sender();
    await one.pass();
    one.forward(12 * 60);
    await one.pass();
    expect(resend.requests).toHaveLength(1);
    expect(await world.row(id)).toMatchObject({ state: "failed", lastError: "422 validation_error", attempts: 1 });
  });

  it("is tried six times with growing waits when the service is broken, then failed", async () => {
    const id = await world.message(await world.recipient(), morning);
    resend.always({ status: 500, name: "internal_server_error" });
    const one = sender();
    for (const [at, wait] of [1, 5, 15, 60, 240].entries()) {
      expect(await one.pass()).toBe(1);
      one.forward(wait - 0.5);
      expect(await one.pass(), `before ${wait} minutes`).toBe(0);
      expect(await world.row(id)).toMatchObject({ state: "waiting", attempts: at + 1 });
      one.forward(0.5);
    }
    expect(await one.pass()).toBe(1);
    one.forward(12 * 60);
    expect(await one.pass()).toBe(0);
    expect(await world.row(id)).toMatchObject({
      state: "failed",
      attempts: 6,
      lastError: "500 internal_server_error",
    });
    expect(resend.mails()).toEqual([]);
  });

  it("waits with all others as long as the service asks, and this is no failed try", async () => {
    const first = await world.message(await world.recipient(), morning);
    const second = await world.message(await world.recipient(), morning);
    resend.behave({ status: 429, name: "rate_limit_exceeded", retryAfter: "90" });
    const one = sender();
    expect(await one.pass()).toBe(1);
    one.forward(1.4);
    expect(await one.pass()).toBe(0);
    expect(await world.row(first)).toMatchObject({ state: "waiting", attempts: 0 });
    one.forward(0.1);
    expect(await one.pass()).toBe(2);
    for (const id of [first, second]) expect(await world.row(id)).toMatchObject({ state: "sent", attempts: 1 });
  });

  it.each(["cut", "silent"] as const)("that was taken without our learning of it (%s) arrives once", async (how) => {
    const id = await world.message(await world.recipient(), morning);
    resend.behave(how);
    const one = sender({ timeoutMs: 300 });
    await one.pass();
    expect(await world.row(id)).toMatchObject({ state: "waiting", attempts: 1, lastError: "no_answer" });
    one.forward(1);
    await one.pass();
    expect(await world.row(id)).toMatchObject({ state: "sent", attempts: 2, providerId: "mail-1", lastError: null });
    expect(resend.requests).toHaveLength(2);
    expect(resend.mails()).toHaveLength(1);
  });

  it("counts as sent when the service took it in other words before", async () => {
    const id = await world.message(await world.recipient(), morning);
    resend.behave("cut");
    const one = sender({ timeoutMs: 300 });
    await one.pass();
    await world.owner.outboxMessage.update({ where: { id }, data: { body: "新版本的措辞。" } });
    one.forward(1);
    await one.pass();
    expect(await world.row(id)).toMatchObject({ state: "sent" });
    expect(resend.mails()).toHaveLength(1);
  });

  it("whose address cannot be read fails alone", async () => {
    const broken = await world.recipient();
    await world.owner.personPrivate.update({
      where: { personId: broken.personId },
      data: { mailEnc: new Uint8Array(40) },
    });
    const id = await world.message(broken, morning);
    const good = await world.message(await world.recipient(), morning);
    await sender().pass();
    expect(await world.row(id)).toMatchObject({ state: "failed", lastError: "unreadable_address" });
    expect(await world.row(good)).toMatchObject({ state: "sent" });
  });
});

describe("several senders at once", () => {
  it("send each mail once", async () => {
    for (let no = 0; no < 30; no++) await world.message(await world.recipient({ mail: `p${no}@e.cn` }), morning);
    const shares = await Promise.all([sender().pass(), sender().pass(), sender().pass()]);
    expect(resend.requests).toHaveLength(30);
    expect(new Set(resend.mails().map(({ to }) => to)).size).toBe(30);
    expect(shares.filter((share) => share > 0).length, `shares ${shares}`).toBeGreaterThan(1);
    expect(await world.owner.outboxMessage.count({ where: { state: "sent", attempts: 1 } })).toBe(30);
  });
});

describe("the night", () => {
  it("holds mails back until seven, but not for those who want them at night", async () => {
    const late = shanghai("2026-11-20 22:00");
    const sleeper = await world.message(await world.recipient({ mail: "sleeper@e.cn" }), late);
    await world.message(await world.recipient({ mail: "owl@e.cn", quietHours: false }), late);
    const one = sender({ at: late });
    await one.pass();
    expect(resend.mails().map(({ to }) => to)).toEqual(["owl@e.cn"]);
    one.forward(9 * 60 - 1);
    await one.pass();
    expect(await world.row(sleeper)).toMatchObject({ state: "waiting", attempts: 0 });
    one.forward(1);
    await one.pass();
    expect(await world.row(sleeper)).toMatchObject({ state: "sent" });
  });
});

describe("a recipient who cannot or does not want to be reached any more", () => {
  it("gets nothing, and the row says why", async () => {
    const off = await world.message(await world.recipient({ enabled: false }), morning);
    const nowhere = await world.message(await world.recipient({ mail: null }), morning);
    const gone = await world.recipient();
    await world.owner.principal.update({ where: { id: gone.principalId }, data: { disabledAt: morning } });
    const disabled = await world.message(gone, morning);
    await sender().pass();
    expect(resend.requests).toEqual([]);
    const reasons = await Promise.all([off, nowhere, disabled].map(world.row));
    expect(reasons.map(({ state, lastError }) => [state, lastError])).toEqual([
      ["dropped", "switched_off"],
      ["dropped", "no_address"],
      ["dropped", "no_account"],
    ]);
  });
});

describe("without a mail service", () => {
  it("nothing is called sent, and what waits goes out when there is one", async () => {
    const id = await world.message(await world.recipient(), morning);
    await sender({ key: null }).pass();
    expect(await world.row(id)).toMatchObject({ state: "not_configured", attempts: 0, sentAt: null });
    const next = sender({ at: shanghai("2026-11-20 23:00") });
    await next.pass();
    expect(await world.row(id)).toMatchObject({ state: "waiting", attempts: 0 });
    next.forward(8 * 60);
    await next.pass();
    expect(await world.row(id)).toMatchObject({ state: "sent" });
  });

  it("mails older than a day never go out, whether a service comes or not", async () => {
    const unsent = await world.message(await world.recipient(), morning);
    const waiting = await world.message(await world.recipient(), morning);
    await sender({ key: null }).pass();
    await world.owner.outboxMessage.update({ where: { id: waiting }, data: { state: "waiting" } });
    await sender({ at: shanghai("2026-11-21 10:00") }).pass();
    expect(resend.requests).toEqual([]);
    for (const id of [unsent, waiting]) expect(await world.row(id)).toMatchObject({ state: "expired", attempts: 0 });
  });
});

describe("a wrong key", () => {
  it("is a problem of the sender, spends no more than a try a minute, and heals", async () => {
    const id = await world.message(await world.recipient(), morning);
    await world.message(await world.recipient(), morning);
    const wrong = sender({ key: "re_wrong_000000" });
    expect(await wrong.pass()).toBe(1);
    expect(wrong.problem).toContain("403 invalid_api_key");
    expect(await world.row(id)).toMatchObject({ state: "waiting", attempts: 1, lastError: "403 invalid_api_key" });
    const right = sender();
    right.forward(1);
    expect(await right.pass()).toBe(2);
    expect(right.problem).toBeNull();
  });
});

describe("the log", () => {
  it("names messages and codes, never an address or a word of a mail", async () => {
    const lines: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof write;
    try {
      await world.message(await world.recipient({ mail: "geheim@example.edu.cn" }), morning);
      await world.message(await world.recipient({ mail: "verborgen@example.edu.cn" }), morning);
      await world.message(await world.recipient({ mail: "tacitus@example.edu.cn" }), morning);
      resend.behave("take", { status: 422, name: "validation_error" }, { status: 500, name: "application_error" });
      await sender({ log: createLog("mail", "debug") }).pass();
    } finally {
      process.stdout.write = write;
    }
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(["sent", "refused", "later"]);
    expect(lines.join("")).not.toMatch(/@|geheim|verborgen|tacitus|会议|11月/);
    expect(lines.join("")).not.toContain(apiKey);
  });
});
