import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, call, ok, platformEngine, until } from "./target.ts";

let running: Awaited<ReturnType<typeof platformEngine>>;
let landing: Caller;
let cube: Caller;

beforeAll(async () => {
  running = await platformEngine();
  [landing, cube] = ["landing", "cube"].map(running.as) as [Caller, Caller];
});
afterAll(() => running.engine.close());

const threads = "SELECT getSetting('max_threads')";

describe("without a session", () => {
  it("nothing passes from one request to the next", async () => {
    const usual = await ok(call(landing, threads));
    for (let round = 0; round < 10; round += 1) {
      await ok(call(landing, "SET max_threads = 17"));
      await ok(call(landing, "SELECT 1", { max_threads: "18", param_p: "leaked" }));
      await ok(call(landing, "USE raw"));
      await ok(call(landing, "CREATE TEMPORARY TABLE leak (a Int32)"));
      await call(landing, "SELECT throwIf(1)", { max_threads: "19" });
      expect(await ok(call(landing, threads))).toBe(usual);
      expect((await call(landing, "SELECT {p:String}")).text).toContain("UNKNOWN_QUERY_PARAMETER");
      expect((await call(landing, "SELECT * FROM leak")).text).toContain("UNKNOWN_TABLE");
      expect(await ok(call(landing, "SELECT currentDatabase()", { database: "system" }))).toBe("system\n");
      expect(await ok(call(landing, "SELECT currentDatabase()"))).toBe("raw\n");
    }
  });
});

describe("a named session", () => {
  it("keeps what was set in it, but not the settings of a URL", async () => {
    const session = { session_id: "keeps" };
    const usual = await ok(call(landing, threads, session));
    await ok(call(landing, "SELECT 1", { ...session, max_threads: "11" }));
    expect(await ok(call(landing, threads, session))).toBe(usual);
    await ok(call(landing, "SET max_threads = 7", session));
    expect(await ok(call(landing, threads, session))).toBe("7\n");
    expect(await ok(call(landing, threads, { ...session, max_threads: "12" }))).toBe("12\n");
    expect(await ok(call(landing, threads, session))).toBe("7\n");
    await ok(call(landing, "CREATE TEMPORARY TABLE kept (a Int32)", session));
    await ok(call(landing, "INSERT INTO kept VALUES (1), (2)", session));
    expect(await ok(call(landing, "SELECT sum(a) FROM kept", session))).toBe("3\n");
    await ok(call(landing, "USE system", session));
    expect(await ok(call(landing, "SELECT currentDatabase()", { ...session, database: "raw" }))).toBe("raw\n");
    expect(await ok(call(landing, "SELECT currentDatabase()", session))).toBe("system\n");
  });

  it("belongs to one user", async () => {
    await ok(call(landing, "CREATE TEMPORARY TABLE mine (a Int32)", { session_id: "one" }));
    expect((await call(cube, "SELECT * FROM mine", { session_id: "one" })).status).toBe(404);
  });

  it("is free again when the answer has ended", async () => {
    for (let i = 0; i < 100; i += 1) {
      const { status, text } = await call(
        landing,
        i % 10 === 0 ? "SELECT throwIf(1)" : "SELECT number FROM numbers(100000)",
        { session_id: "fast" },
      );
      expect(status, text).toBe(i % 10 === 0 ? 500 : 200);
    }
  });

  it("refuses a truly concurrent use with 373", async () => {
    for (const caller of [landing, cube]) {
      const long = call(caller, "SELECT sleep(1)", { session_id: "busy" });
      await until(async () => (await call(caller, "SELECT 1", { session_id: "busy" })).text.startsWith("Code: 373."));
      expect(await ok(long)).toBe("0\n");
      expect(await ok(call(caller, "SELECT 1", { session_id: "busy" }))).toBe("1\n");
    }
  });

  it("is missed only when it is asked for", async () => {
    const params = { session_id: "never-seen", session_check: "1" };
    const missing = await call(landing, "SELECT 1", params);
    expect(missing.status).toBe(404);
    expect(missing.text).toContain("SESSION_NOT_FOUND");
    await ok(call(landing, "SELECT 1", { session_id: "never-seen" }));
    await ok(call(landing, "SELECT 1", params));
    await ok(call(landing, "SELECT 1", { session_id: "never-seen", close_session: "1" }));
    expect((await call(landing, "SELECT 1", params)).status).toBe(404);
  });

  it("ends after its time-out", async () => {
    await ok(call(landing, "SELECT 1", { session_id: "short", session_timeout: "1" }));
    await until(
      async () =>
        (await call(landing, "SELECT 1", { session_id: "short", session_check: "1", session_timeout: "1" })).status ===
          404 || !(await new Promise((resolve) => setTimeout(() => resolve(true), 1_500))),
      10_000,
    );
    const wrong = await call(landing, "SELECT 1", { session_id: "x", session_timeout: "100000" });
    expect(wrong.text).toContain("INVALID_SESSION_TIMEOUT");
  });

  it("is not made read-only by a GET", async () => {
    const session = { session_id: "get" };
    const get = (sql: string) => call(landing, undefined, { ...session, query: sql }, { method: "GET" });
    expect(await ok(get("SELECT 1"))).toBe("1\n");
    const write = await get("CREATE TABLE raw.by_get (a Int32) ENGINE = Memory");
    expect(write.status).toBe(500);
    expect(write.text).toMatch(/^Code: 164\. .*method GET implies readonly.*\(READONLY\)/);
    await ok(call(landing, "CREATE TABLE raw.by_post (a Int32) ENGINE = Memory", session));
    await ok(call(landing, "DROP TABLE raw.by_post", session));
  });
});
