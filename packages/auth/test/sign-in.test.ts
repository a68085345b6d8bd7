import { createDb, type Db, inTenant } from "@xianfeng/db";
import { migrate } from "@xianfeng/db/migrate";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Accounts,
  changePassword,
  createAccounts,
  hashPassword,
  readScope,
  signIn,
  signOut,
  waitAfter,
} from "../src/index.ts";

const today = "2026-11-20";
const password = "correct horse battery 7";
const begin = new Date("2026-11-20T02:00:00Z");
const after = (seconds: number) => new Date(begin.getTime() + seconds * 1000);

let database: TestDatabase;
let owner: Db;
let db: Db;
let accounts: Accounts;
let hash: string;
let serial = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.owner);
  owner = createDb(database.owner);
  db = createDb(database.app);
  accounts = createAccounts(db, { secret: "test-auth-secret-0000000000000000", url: "http://127.0.0.1:1" });
  hash = await hashPassword(password);
});
afterAll(async () => {
  await Promise.all([owner?.$disconnect(), db?.$disconnect()]);
  await database?.drop();
});

let user: { username: string; userId: string; tenantId: number };
beforeEach(async () => {
  user = await addAccount();
});

/** A branch of a tenant of its own, and an account with a role there, as seeding makes them. */
async function addAccount(options: { mustChangePassword?: boolean } = {}) {
  const username = `user${++serial}`;
  const userId = `id-${username}`;
  const { id: tenantId } = await owner.tenant.create({ data: { code: username } });
  const org = await owner.partyOrg.create({
    data: {
      tenantId,
      kind: "branch",
      code: username,
      shortName: "一支部",
      fullName: "中共试验学院一支部",
      openedOn: new Date("2015-01-01"),
    },
  });
  await owner.partyOrgPath.create({ data: { orgId: org.id, tenantId, path: `/${org.id}/`, depth: 0 } });
  const role = await owner.role.create({ data: { tenantId, code: "branch_secretary", title: "党支部书记" } });
  await owner.rolePermission.create({ data: { tenantId, roleId: role.id, permission: "meeting.read" } });
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
    data: { id: `${userId}-password`, accountId: userId, providerId: "credential", userId, password: hash },
  });
  const principal = await owner.principal.create({
    data: { tenantId, userId, displayName: username, mustChangePassword: options.mustChangePassword ?? false },
  });
  await owner.roleAssignment.create({
    data: { tenantId, principalId: principal.id, roleId: role.id, orgId: org.id, validFrom: new Date("2020-01-01") },
  });
  return { username, userId, tenantId };
}

const enter = (typed: string, now = begin, username = user.username) =>
  signIn({ db, accounts }, { username, password: typed }, { headers: new Headers(), now });

/** The cookie that a browser would send back. */
const cookieOf = (headers: Headers) =>
  new Headers({
    cookie: headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; "),
  });

async function entered(): Promise<Headers> {
  const answer = await enter(password);
  if (!answer.ok) throw new Error(answer.message);
  return cookieOf(answer.headers);
}
const scopeOf = (headers: Headers) => readScope({ db, accounts }, { headers, today });

describe("signing in", () => {
  it("opens with the right password, whatever way the name is typed", async () => {
    const typed = ` ${user.username.toUpperCase().replace("U", "Ｕ")} `;
    expect(await enter(password, begin, typed)).toMatchObject({ ok: true, mustChangePassword: false });
    expect(await scopeOf(await entered())).toMatchObject({ tenantId: user.tenantId, displayName: user.username });
  });

  it("is refused with a wrong password and with a name that does not exist, in the same words, without a session", async () => {
    const wrong = await enter(`${password}x`);
    expect(wrong).toEqual({ ok: false, message: "账号或密码不对，请核对后再试", waitUntil: null });
    expect(await enter(password, begin, "nobody-here")).toEqual(wrong);
    expect(await owner.authSession.count({ where: { userId: user.userId } })).toBe(0);
  });

  it("makes an account wait after five wrong passwords, the right one too, and forgets them with a success", async () => {
    for (let failures = 1; failures <= 4; failures += 1)
      expect(await enter("wrong"), `try ${failures}`).toMatchObject({ ok: false, waitUntil: null });
    expect(await enter("wrong")).toMatchObject({ ok: false, waitUntil: after(30).toISOString() });
    expect(await enter(password, after(29))).toMatchObject({ ok: false, waitUntil: after(30).toISOString() });
    expect(await enter("wrong", after(31))).toMatchObject({ ok: false, waitUntil: after(31 + 60).toISOString() });
    expect(await enter(password, after(92))).toMatchObject({ ok: true });
    expect(await enter("wrong", after(93))).toMatchObject({ ok: false, waitUntil: null });
  });

  it("makes a name that does not exist wait alike", async () => {
    const answers = [];
    for (let failures = 1; failures <= 5; failures += 1) answers.push(await enter("wrong", begin, `nobody${serial}`));
    expect(answers.at(-1)).toMatchObject({ ok: false, waitUntil: after(30).toISOString() });
  });

  it("doubles the wait up to fifteen minutes", () => {
    expect([1, 4, 5, 6, 7, 9, 10, 40].map((failures) => waitAfter(failures) / 1000)).toEqual([
      0, 0, 30, 60, 120, 480, 900, 900,
    ]);
  });

  it("is closed to a disabled account, which hears the words of a wrong password", async () => {
    const before = await entered();
    await owner.principal.update({ where: { userId: user.userId }, data: { disabledAt: begin } });
    expect(await scopeOf(before), "a session from before").toBeNull();
    expect(await enter(password)).toEqual({ ok: false, message: "账号或密码不对，请核对后再试", waitUntil: null });
    expect(await owner.authSession.count({ where: { userId: user.userId } })).toBe(0);
  });
});

describe("a session", () => {
  it("says nothing any more when its time is over", async () => {
    const headers = await entered();
    expect(await scopeOf(headers)).not.toBeNull();
    await owner.authSession.updateMany({ where: { userId: user.userId }, data: { expiresAt: new Date(0) } });
    expect(await scopeOf(headers)).toBeNull();
  });

  it("ends with signing out, and a made-up cookie is none", async () => {
    const headers = await entered();
    await signOut({ accounts }, { headers });
    expect(await scopeOf(headers)).toBeNull();
    expect(await scopeOf(new Headers({ cookie: "xianfeng.session_token=abc.def" }))).toBeNull();
    expect(await scopeOf(new Headers())).toBeNull();
  });

  it("FA34: loses a role on the day that it ends", async () => {
    const headers = await entered();
    expect((await scopeOf(headers))?.assignments).toHaveLength(1);
    await owner.roleAssignment.updateMany({ where: { tenantId: user.tenantId }, data: { validTo: new Date(today) } });
    expect((await scopeOf(headers))?.assignments).toEqual([]);
  });
});

describe("changing the password", () => {
  const change = (headers: Headers, next: string, current = password) =>
    changePassword({ db, accounts }, { current, next }, { headers });

  it("ends the duty to change it and every other session", async () => {
    user = await addAccount({ mustChangePassword: true });
    const other = await entered();
    const headers = await entered();
    expect(await scopeOf(headers)).toMatchObject({ mustChangePassword: true });
    const answer = await change(headers, "a new and longer sentence");
    if ("problem" in answer) throw new Error(answer.problem);
    expect(await scopeOf(cookieOf(answer.headers))).toMatchObject({ mustChangePassword: false });
    expect(await scopeOf(other)).toBeNull();
    expect(await enter(password)).toMatchObject({ ok: false });
    expect(await enter("a new and longer sentence")).toMatchObject({ ok: true });
  });

  it.each([
    ["too short", "short one", password, "密码至少12个字符"],
    ["the present one", password, password, "不能和原来的一样"],
    ["few different characters", "aaaaaaaaaaaaaaaa", password, "不同的字符太少"],
    ["a common one", "password12345678", password, "常用密码"],
    ["without the present one", "a new and longer sentence", "wrong", "原密码不对"],
  ])("is refused: %s", async (_, next, current, words) => {
    user = await addAccount({ mustChangePassword: true });
    const headers = await entered();
    expect(await change(headers, next, current)).toMatchObject({ problem: expect.stringContaining(words) });
    expect(await scopeOf(headers)).toMatchObject({ mustChangePassword: true });
  });
});

describe("row security", () => {
  it("shows a tenant its own rows only, and refuses a row of another tenant", async () => {
    const other = await addAccount();
    const seen = await inTenant(db, user.tenantId, (tx) => tx.partyOrg.findMany({ select: { tenantId: true } }));
    expect(new Set(seen.map((row) => row.tenantId))).toEqual(new Set([user.tenantId]));
    expect(await inTenant(db, user.tenantId, (tx) => tx.tenant.count())).toBe(1);
    // createMany asks for nothing back: reading the new row would be refused by the rule for reading.
    await expect(
      inTenant(db, user.tenantId, (tx) =>
        tx.role.createMany({ data: [{ tenantId: other.tenantId, code: "x", title: "越界" }] }),
      ),
    ).rejects.toThrow(/row-level security/);
  });

  it("fails a statement that names no tenant, instead of answering with nothing", async () => {
    await expect(db.partyOrg.findMany()).rejects.toThrow(/app\.tenant_id|invalid input syntax for type integer/);
  });
});
