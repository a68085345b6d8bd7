import { createHash, randomUUID } from "node:crypto";
import { createDb, type Db } from "@xianfeng/db";
import { migrate } from "@xianfeng/db/migrate";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Accounts, changePassword, createAccounts, hashPassword, readScope, signIn } from "../src/index.ts";

const today = "2026-11-20";
const right = "一二三四五六七八九十甲乙";
const wrong = "不是这个密码呀真的不是";
const start = new Date("2026-11-20T02:00:00Z");
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);

let database: TestDatabase;
let owner: Db;
let parts: { db: Db; accounts: Accounts };

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.owner);
  owner = createDb(database.owner);
  const db = createDb(database.app);
  const secret = createHash("sha512").update("xianfeng sign-in tests").digest("base64");
  parts = { db, accounts: createAccounts(db, { secret, url: "http://127.0.0.1:1" }) };
  const { id: tenantId } = await owner.tenant.create({ data: { code: "one" } });
  for (const username of ["zhou", "new", "张三丰", "gone"]) {
    const userId = randomUUID();
    await owner.authUser.create({
      data: {
        id: userId,
        name: username,
        email: `${userId}@users.invalid`,
        username,
        displayUsername: username,
        tenantId,
      },
    });
    await owner.authAccount.create({
      data: {
        id: randomUUID(),
        accountId: userId,
        providerId: "credential",
        userId,
        password: await hashPassword(right),
      },
    });
    const disabledAt = username === "gone" ? start : null;
    await owner.principal.create({
      data: { tenantId, userId, displayName: username, mustChangePassword: username === "new", disabledAt },
    });
  }
});
afterAll(async () => {
  await Promise.all([owner?.$disconnect(), parts?.db.$disconnect()]);
  await database?.drop();
});
beforeEach(() => owner.signInWait.deleteMany());

const attempt = (username: string, password: string, now = start, headers = new Headers()) =>
  signIn(parts, { username, password }, { headers, now });
const cookieOf = (answer: Headers) =>
  new Headers({
    cookie: answer
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; "),
  });
async function signedIn(username = "zhou", headers = new Headers()): Promise<Headers> {
  const result = await attempt(username, right, start, headers);
  if (!result.ok) throw new Error(result.message);
  return cookieOf(result.headers);
}
const whoIs = (headers: Headers) => readScope(parts, { headers, today });

describe("a guesser", () => {
  it("hears the same about an unknown name, a wrong password and a disabled account", async () => {
    const answers = [await attempt("nobody", right), await attempt("zhou", wrong), await attempt("gone", right)];
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveLength(1);
    expect(answers[0]).toMatchObject({ ok: false, waitUntil: null });
  });

  it("gets a hash computed for an unknown name as well, so that time does not tell", async () => {
    const took = async (username: string) => {
      const runs: number[] = [];
      for (let run = 0; run < 4; run++) {
        const from = performance.now();
        await attempt(username, wrong);
        runs.push(performance.now() - from);
        await owner.signInWait.deleteMany();
      }
      return Math.min(...runs);
    };
    await took("zhou");
    const [known, unknown] = [await took("zhou"), await took("nobody")];
    // Without the hash an unknown name answers several times faster; the bench measures the fine difference.
    expect(unknown).toBeGreaterThan(known / 2);
  });

  it("is counted by account and not by address, and leaves others free", async () => {
    for (let time = 0; time < 5; time++) await attempt("zhou", wrong);
    const elsewhere = new Headers({ "x-forwarded-for": "203.0.113.7" });
    expect(await attempt("zhou", right, at(1), elsewhere)).toMatchObject({
      ok: false,
      waitUntil: at(30).toISOString(),
    });
    expect((await attempt("张三丰", right, at(1))).ok).toBe(true);
  });

  it("waits twice as long for the next wrong one", async () => {
    for (let time = 0; time < 5; time++) await attempt("zhou", wrong);
    await attempt("zhou", wrong, at(31));
    expect(await attempt("zhou", right, at(31 + 59))).toMatchObject({
      ok: false,
      waitUntil: at(31 + 60).toISOString(),
    });
    expect((await attempt("zhou", right, at(31 + 61))).ok).toBe(true);
  });

  it("is counted each time when he tries many at the same moment", async () => {
    await Promise.all(Array.from({ length: 6 }, () => attempt("zhou", wrong)));
    expect((await owner.signInWait.findUniqueOrThrow({ where: { username: "zhou" } })).failures).toBe(6);
  });

  it("cannot make the server hash a megabyte", async () => {
    expect((await attempt("zhou", "长".repeat(400_000))).ok).toBe(false);
    expect(await owner.signInWait.count()).toBe(0);
  });
});

it("takes 64 Chinese characters, spaces and full-width letters as people type them", async () => {
  for (const typed of [" ZHOU ", "ｚｈｏｕ"]) expect((await attempt(typed, right)).ok).toBe(true);
  expect((await attempt("张三丰", right)).ok).toBe(true);
  expect(await attempt("长".repeat(64), `${right} 🙂`)).toMatchObject({ ok: false });
});

describe("a session", () => {
  it("of before is dead when the same browser signs in again", async () => {
    const old = await signedIn();
    const fresh = await signedIn("zhou", old);
    expect(fresh.get("cookie")).not.toBe(old.get("cookie"));
    expect(await whoIs(old)).toBeNull();
    expect(await whoIs(fresh)).not.toBeNull();
  });

  it("is none with one character changed", async () => {
    const cookie = (await signedIn()).get("cookie") ?? "";
    const [name = "", value = ""] = cookie.split("=");
    const changed = value.startsWith("A") ? `B${value.slice(1)}` : `A${value.slice(1)}`;
    expect(await whoIs(new Headers({ cookie: `${name}=${value}` }))).not.toBeNull();
    expect(await whoIs(new Headers({ cookie: `${name}=${changed}` }))).toBeNull();
  });

  it("keeps its cookie from scripts and other sites", async () => {
    const result = await attempt("zhou", right);
    const cookie = result.ok ? (result.headers.getSetCookie()[0] ?? "") : "";
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
  });
});

describe("a new password", () => {
  it.each([
    ["too short", "短密码"],
    ["listed, though of all four classes", "Password123!"],
    ["with the account name in it", "zhou-zhou-zhou-2026"],
    ["of one character", "啊".repeat(20)],
    ["the old one", right],
  ])("is refused when %s", async (_, candidate) => {
    const cookie = await signedIn();
    const answer = await changePassword(parts, { current: right, next: candidate }, { headers: cookie });
    expect(answer).toMatchObject({ problem: expect.any(String) });
    expect((await attempt("zhou", right)).ok).toBe(true);
  });

  it("leaves the duty to change it when it was refused, and the old session when it was not asked for", async () => {
    const cookie = await signedIn("new");
    expect(
      await changePassword(parts, { current: "不对的原密码啊", next: "新的一句话当作密码" }, { headers: cookie }),
    ).toEqual({
      problem: expect.any(String),
    });
    expect((await whoIs(cookie))?.mustChangePassword).toBe(true);
    expect(
      await changePassword(parts, { current: right, next: "新的一句话当作密码也可以" }, { headers: new Headers() }),
    ).toMatchObject({
      problem: expect.any(String),
    });
  });
});
