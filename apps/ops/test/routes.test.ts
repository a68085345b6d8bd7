import { randomUUID } from "node:crypto";
import { hashPassword } from "@xianfeng/auth";
import { createDb, type Db } from "@xianfeng/db";
import { migrate } from "@xianfeng/db/migrate";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import { limits } from "@xianfeng/trpc";
import superjson from "superjson";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const site = "http://127.0.0.1:8804";
const password = "一二三四五六七八九十甲乙";
let database: TestDatabase;
let owner: Db;
let routes: Record<"trpc" | "signIn" | "signOut" | "password", (request: Request) => Promise<Response>>;
let ready: () => Promise<Response>;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.owner);
  owner = createDb(database.owner);
  const { id: tenantId } = await owner.tenant.create({ data: { code: "one" } });
  const org = await owner.partyOrg.create({
    data: {
      tenantId,
      kind: "branch",
      code: "B",
      shortName: "支部",
      fullName: "支部",
      openedOn: new Date("2020-01-01"),
    },
  });
  await owner.partyOrgPath.create({ data: { orgId: org.id, tenantId, path: `/${org.id}/`, depth: 0 } });
  const role = await owner.role.create({ data: { tenantId, code: "branch_secretary", title: "党支部书记" } });
  await owner.rolePermission.createMany({
    data: ["member.read", "workbench.read"].map((permission) => ({ tenantId, roleId: role.id, permission })),
  });
  const userId = randomUUID();
  await owner.authUser.create({
    data: { id: userId, name: "zhou", email: "zhou@users.invalid", username: "zhou", tenantId },
  });
  await owner.authAccount.create({
    data: {
      id: randomUUID(),
      accountId: userId,
      providerId: "credential",
      userId,
      password: await hashPassword(password),
    },
  });
  const principal = await owner.principal.create({ data: { tenantId, userId, displayName: "周" } });
  await owner.roleAssignment.create({
    data: { tenantId, principalId: principal.id, roleId: role.id, orgId: org.id, validFrom: new Date("2020-01-01") },
  });
  Object.assign(process.env, {
    APP_DATABASE_URL: database.app,
    APP_URL: site,
    AUTH_SECRET: "route-tests-secret-0123456789-abcdefghij",
    DATA_KEY: "route-tests-data-key-0000000000",
    BLIND_INDEX_KEY: "route-tests-blind-key-000000000",
    SIGN_IN_CODE_KEY: "route-tests-code-key-0000000000",
    STREAM_HEALTH_URL: "http://127.0.0.1:1",
    WAREHOUSE_HEALTH_URL: "http://127.0.0.1:1",
  });
  routes = {
    trpc: (await import("@/app/api/trpc/[trpc]/route.ts")).POST,
    signIn: (await import("@/app/api/auth/sign-in/route.ts")).POST,
    signOut: (await import("@/app/api/auth/sign-out/route.ts")).POST,
    password: (await import("@/app/api/auth/password/route.ts")).POST,
  };
  ready = (await import("@/app/readyz/route.ts")).GET;
});
afterAll(async () => {
  const { parts } = await import("@/lib/server.ts");
  await Promise.all([owner.$disconnect(), parts().db.$disconnect()]);
  await database.drop();
});

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  new Request(site + path, {
    method: "POST",
    headers: { origin: site, host: "127.0.0.1:8804", "content-type": "application/json", ...headers },
    body,
  });
const call = (paths: string, inputs: unknown[], headers?: Record<string, string>) =>
  routes.trpc(
    post(
      `/api/trpc/${paths}?batch=1`,
      JSON.stringify(Object.fromEntries(inputs.map((input, at) => [at, superjson.serialize(input)]))),
      headers,
    ),
  );
async function cookie(): Promise<string> {
  const answer = await routes.signIn(post("/api/auth/sign-in", JSON.stringify({ username: "zhou", password })));
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}

describe("procedures over the network", () => {
  it("answer who is signed in, and nobody else", async () => {
    expect((await call("member.list", [{}])).status).toBe(401);
    const answer = await call("member.list", [{}], { cookie: await cookie() });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toMatchObject([{ result: { data: { json: { total: 0 } } } }]);
  });

  it.each([
    ["a foreign origin", { origin: "https://evil.example" }],
    ["a null origin", { origin: "null" }],
    ["text/plain", { "content-type": "text/plain" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    [
      "a forwarded host that fits a foreign origin",
      { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    ],
  ])("are refused with %s", async (_, headers) => {
    const answer = await call("member.list", [{}], { cookie: await cookie(), ...headers });
    expect([403, 415]).toContain(answer.status);
  });

  it("have no GET at all", async () => {
    expect(Object.keys(await import("@/app/api/trpc/[trpc]/route.ts"))).toEqual(["POST"]);
  });

  it.each([
    ["a thousand paths", Array.from({ length: 1000 }, () => "member.list").join(",")],
    ["eleven paths", Array.from({ length: 11 }, () => "member.list").join(",")],
    ["only commas", ",,,,"],
    ["nothing", ""],
  ])("refuse %s before any work", async (_, paths) => {
    const spy = vi.spyOn(JSON, "parse");
    const answer = await call(paths, [{}], { cookie: "x=1" });
    expect(answer.status).toBe(400);
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  });

  it("refuse a body of more than a megabyte, whatever its length header says", async () => {
    const body = `{"0":{"json":{"q":"${"长".repeat(400_000)}"}}}`;
    expect((await routes.trpc(post("/api/trpc/member.list?batch=1", body, { "content-length": "10" }))).status).toBe(
      413,
    );
  });

  it("name a request in its answer, and a refusal in Chinese", async () => {
    const answer = await call("member.list", [{ q: 5 }], { cookie: await cookie(), "x-request-id": "abcd-1" });
    expect(answer.headers.get("x-request-id")).toBe("abcd-1");
    expect(answer.status).toBe(400);
  });

  it("without input come without a body", async () => {
    const answer = await routes.trpc(post("/api/trpc/workbench.get", "", { cookie: await cookie() }));
    expect(answer.status).toBe(200);
  });

  it("say when to come again to somebody who searches without a pause, and do not hold up anybody else", async () => {
    const principal = await owner.principal.findFirstOrThrow({ where: { displayName: "周" } });
    const length = limits.search.seconds * 1000;
    const window = Math.floor(Date.now() / length) * length;
    const windows = [window - length, window, window + length].map((since) => new Date(since));
    const full = (who: string, calls: number) =>
      owner.callCount.createMany({ data: windows.map((since) => ({ what: "search", who, since, calls })) });
    await full(`account ${principal.id}`, limits.search.account);
    const mine = await cookie();
    const refused = await call("member.list", [{ q: "王" }], { cookie: mine });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.text()).toMatch(/搜索太频繁，请在\d+(秒|分钟)后再试/);
    expect((await call("member.list", [{}], { cookie: mine })).status).toBe(200);
    await owner.callCount.deleteMany({});
    await full("address 192.0.2.9", limits.search.address);
    const from = (address: string) =>
      call("member.list", [{ q: "王" }], { cookie: mine, "x-forwarded-for": address }).then((answer) => answer.status);
    expect([await from("192.0.2.9"), await from("192.0.2.10")]).toEqual([429, 200]);
  });

  it("say nothing about themselves when asked for one that does not exist", async () => {
    const answer = await call("member.steal", [{}], { cookie: await cookie() });
    expect(answer.status).toBe(404);
    expect(JSON.stringify(await answer.json())).not.toMatch(/stack|node_modules|\.ts/);
  });
});

describe("signing in over the network", () => {
  it("answers an unknown name and a wrong password with the same bytes", async () => {
    const wrong = { password: "不是这个密码呀真的不是" };
    const answers = await Promise.all(
      ["nobody", "zhou"].map((username) =>
        routes.signIn(post("/api/auth/sign-in", JSON.stringify({ username, ...wrong }))),
      ),
    );
    const seen = await Promise.all(
      answers.map(async (answer) => [answer.status, await answer.text(), [...answer.headers.keys()].sort().join()]),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.[0]).toBe(401);
  });

  it.each([
    ["an object for a name", { username: { contains: "" }, password }],
    ["a further field", { username: "zhou", password, tenantId: 2 }],
    ["a megabyte", { username: "zhou", password: "长".repeat(400_000) }],
  ])("refuses %s", async (_, body) => {
    const answer = await routes.signIn(post("/api/auth/sign-in", JSON.stringify(body)));
    expect([400, 413]).toContain(answer.status);
  });

  it("refuses what is no JSON, and a foreign page", async () => {
    expect((await routes.signIn(post("/api/auth/sign-in", "{"))).status).toBe(400);
    expect((await routes.signIn(post("/api/auth/sign-in", "{}", { origin: "https://evil.example" }))).status).toBe(403);
  });

  it("ends with signing out", async () => {
    const mine = await cookie();
    expect((await routes.signOut(post("/api/auth/sign-out", "{}", { cookie: mine }))).status).toBe(200);
    expect((await call("member.list", [{}], { cookie: mine })).status).toBe(401);
  });

  it("changes no password without the old one", async () => {
    const body = JSON.stringify({ current: "不对的原密码啊", next: "新的一句话当作密码也可以" });
    expect((await routes.password(post("/api/auth/password", body, { cookie: await cookie() }))).status).toBe(400);
  });
});

describe("readiness", () => {
  it("follows the database", async () => {
    expect((await ready()).status).toBe(200);
  });
});

describe("the log", () => {
  it("holds neither what was typed nor the words of a database error", async () => {
    const lines: string[] = [];
    const spies = (["log", "error"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((line) => lines.push(String(line))),
    );
    await routes.signIn(
      post("/api/auth/sign-in", JSON.stringify({ username: "王小明", password: "秘密的一句话不要记下" })),
    );
    await call("member.list", [{ q: "王小明" }]);
    const { errorPlace, log } = await import("@/lib/log.ts");
    log("error", "try", errorPlace(new Error("duplicate key (name)=(王小明)")));
    for (const spy of spies) spy.mockRestore();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toMatch(/王小明|秘密/);
  });
});
