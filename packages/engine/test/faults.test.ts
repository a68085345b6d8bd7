import { request as httpRequest } from "node:http";
import { createGzip } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Caller, call, ok, platformEngine, until } from "./target.ts";

let running: Awaited<ReturnType<typeof platformEngine>>;
let landing: Caller;
let dbt: Caller;
let cube: Caller;

beforeAll(async () => {
  running = await platformEngine();
  [landing, dbt, cube] = ["landing", "dbt", "cube"].map(running.as) as [Caller, Caller, Caller];
  await ok(call(landing, "CREATE TABLE raw.t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"));
});
afterEach(async () => {
  for (const caller of [landing, dbt, cube]) await call(caller, "KILL QUERY WHERE 1");
  await until(async () => (await readiness()).queries.inFlight === 0, 20_000);
});
afterAll(() => running.engine.close());

const endless = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))";

type Readiness = { ready: boolean; queries: { inFlight: number; waiting: number }; memory: { residentBytes: number } };
const readiness = async () => (await (await fetch(`${running.engine.url}/readyz`)).json()) as Readiness;

/** What the engine itself works on, apart from the question and the endpoint's own log. */
const inside = async () =>
  Number(
    await ok(
      call(
        landing,
        "SELECT count() FROM system.processes WHERE query LIKE '%numbers%' AND query NOT LIKE '%system.processes%'",
      ),
    ),
  );

/** A request whose body the test writes, and breaks off, by hand. */
function upload(caller: Caller, query: string, headers: Record<string, string> = {}) {
  const url = new URL(`${caller.url}/?${new URLSearchParams({ query })}`);
  const request = httpRequest(url, {
    method: "POST",
    headers: { "X-ClickHouse-User": caller.user, "X-ClickHouse-Key": caller.password, ...headers },
  });
  request.on("error", () => undefined);
  return request;
}

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${from + i}\tsome text of a row\n`).join("");

describe("an upload that breaks off", () => {
  it.each([
    ["chunked", {}],
    ["with a length", { "content-length": "100000000" }],
  ])("lands nothing and leaves no file: %s", async (_name, headers) => {
    const before = await ok(call(landing, "SELECT count() FROM raw.t"));
    const request = upload(landing, "INSERT INTO raw.t FORMAT TSV", headers);
    for (let i = 0; i < 20; i += 1) request.write(lines(i * 10_000, 10_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    request.destroy();
    await until(async () => (await readiness()).queries.inFlight === 0);
    expect(await ok(call(landing, "SELECT count() FROM raw.t"))).toBe(before);
  });

  it("lands nothing when its compression is cut", async () => {
    const before = await ok(call(landing, "SELECT count() FROM raw.t"));
    const request = upload(landing, "INSERT INTO raw.t FORMAT TSV", { "content-encoding": "gzip" });
    const gzip = createGzip();
    gzip.pipe(request, { end: false });
    gzip.write(lines(0, 100_000));
    gzip.flush();
    await new Promise((resolve) => setTimeout(resolve, 100));
    request.destroy();
    await until(async () => (await readiness()).queries.inFlight === 0);
    const cut = await call(
      landing,
      new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
      { query: "INSERT INTO raw.t FORMAT TSV" },
      { headers: { "content-encoding": "gzip" } },
    );
    expect(cut.status).toBe(400);
    expect(await ok(call(landing, "SELECT count() FROM raw.t"))).toBe(before);
  });

  it("many at once do not bring the process down", async () => {
    for (let i = 0; i < 20; i += 1) {
      const request = upload(landing, "INSERT INTO raw.t FORMAT JSONEachRow");
      request.write('{"a":1,"b":"x"}\n');
      setTimeout(() => request.destroy(), i * 3);
    }
    await until(async () => (await readiness()).queries.inFlight === 0);
    expect(await ok(call(landing, "SELECT 1"))).toBe("1\n");
  });
});

describe("a client that goes away", () => {
  it.each([
    ["while its query computes", endless],
    [
      "while it inserts from a query",
      "INSERT INTO raw.t SELECT number, 'x' FROM numbers(1000000000000) WHERE sipHash64(number) = 1",
    ],
    ["with a tag of its own", `${endless} SETTINGS log_comment = 'mine'`],
  ])("stops its query: %s", async (_name, sql) => {
    const abort = new AbortController();
    const answer = call(landing, sql, {}, { signal: abort.signal });
    await until(async () => (await inside()) === 1);
    abort.abort();
    await expect(answer).rejects.toThrow();
    await until(async () => (await inside()) === 0, 5_000);
    await until(async () => (await readiness()).queries.inFlight === 0);
  });

  it("stops its query in the middle of a download", async () => {
    const abort = new AbortController();
    const response = await fetch(
      `${landing.url}/?query=${encodeURIComponent("SELECT number, toString(number) FROM system.numbers")}`,
      {
        headers: { "X-ClickHouse-User": landing.user, "X-ClickHouse-Key": landing.password },
        signal: abort.signal,
      },
    );
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await reader?.read();
    expect(await inside()).toBe(1);
    abort.abort();
    await until(async () => (await inside()) === 0, 5_000);
    await until(async () => (await readiness()).queries.inFlight === 0);
  });

  it("does not leave the engine waiting when it goes at any moment", async () => {
    for (let i = 0; i < 60; i += 1) {
      const abort = new AbortController();
      const answer = call(landing, "SELECT number FROM numbers(3000000)", {}, { signal: abort.signal });
      setTimeout(() => abort.abort(), (i * 7) % 40);
      await answer.catch(() => undefined);
    }
    await until(async () => (await readiness()).queries.inFlight === 0);
    expect(await inside()).toBe(0);
  });
});

describe("a slow reader", () => {
  it("holds its query back instead of filling the memory", async () => {
    const before = (await readiness()).memory.residentBytes;
    const abort = new AbortController();
    const response = await fetch(
      `${landing.url}/?query=${encodeURIComponent("SELECT number, number, number FROM numbers(200000000)")}`,
      {
        headers: { "X-ClickHouse-User": landing.user, "X-ClickHouse-Key": landing.password },
        signal: abort.signal,
      },
    );
    const reader = response.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = (await readiness()).memory.residentBytes;
    expect(after - before).toBeLessThan(400 * 1024 * 1024);
    expect(await ok(call(cube, "SELECT 1"))).toBe("1\n");
    abort.abort();
    await until(async () => (await readiness()).queries.inFlight === 0);
  });
});

describe("KILL QUERY", () => {
  it("stops a query by the id that its client gave", async () => {
    const answer = call(cube, endless, { query_id: "to-be-killed" });
    await until(async () => (await inside()) === 1);
    const foreign = await ok(call(dbt, "KILL QUERY WHERE query_id = 'to-be-killed' FORMAT JSONEachRow"));
    expect(foreign).toBe("");
    const test = await ok(call(cube, "KILL QUERY WHERE query_id = 'to-be-killed' TEST FORMAT TSV"));
    expect(test).toContain("to-be-killed");
    expect(await inside()).toBe(1);
    const killed = await ok(call(cube, "KILL QUERY WHERE query_id = 'to-be-killed' FORMAT JSONEachRow"));
    expect(JSON.parse(killed)).toMatchObject({ query_id: "to-be-killed", user: "cube" });
    const { status, text } = await answer;
    expect(status).toBe(500);
    expect(text).toMatch(/^Code: 394\. .*\(QUERY_WAS_CANCELLED\)/);
    expect(await inside()).toBe(0);
  });

  it("finds by other conditions, and passes where all places are taken", async () => {
    const answers = Array.from({ length: 16 }, (_, i) => call(cube, endless, { query_id: `group-${i}` }));
    await until(async () => (await readiness()).queries.inFlight === 16);
    const waiting = call(cube, "SELECT 'served'");
    await until(async () => (await readiness()).queries.waiting === 1);
    await ok(call(cube, "KILL QUERY WHERE query_id LIKE 'group-%' AND elapsed >= 0 ASYNC"));
    for (const answer of answers) expect((await answer).text).toContain("QUERY_WAS_CANCELLED");
    expect(await ok(waiting)).toBe("served\n");
  });
});

describe("query ids", () => {
  it("run once at a time, and can be replaced", async () => {
    const first = call(cube, endless, { query_id: "same" });
    await until(async () => (await inside()) === 1);
    const second = await call(cube, "SELECT 1", { query_id: "same" });
    expect(second.text).toMatch(/^Code: 216\. .*QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING/);
    expect(await ok(call(cube, "SELECT 2", { query_id: "same", replace_running_query: "1" }))).toBe("2\n");
    expect((await first).text).toContain("QUERY_WAS_CANCELLED");
    expect(await ok(call(cube, "SELECT 3", { query_id: "same" }))).toBe("3\n");
  });
});

describe("limits", () => {
  it("of time answer 159", async () => {
    const { status, text, headers } = await call(cube, endless, { max_execution_time: "0.3" });
    expect(status).toBe(408);
    expect(headers.get("x-clickhouse-exception-code")).toBe("159");
    expect(text).toMatch(/^Code: 159\. DB::Exception: Timeout exceeded.*\(TIMEOUT_EXCEEDED\) \(version .*\)\n$/s);
  });

  it("of memory answer 241, and the engine goes on", async () => {
    const { text } = await call(cube, "SELECT groupArray(toString(number)) FROM numbers(100000000)");
    expect(text).toMatch(/^Code: 241\. .*MEMORY_LIMIT_EXCEEDED/s);
    expect(await ok(call(cube, "SELECT 1"))).toBe("1\n");
  });

  it("of rows answer 396", async () => {
    const { text } = await call(cube, "SELECT number FROM numbers(100)", {
      max_result_rows: "10",
      wait_end_of_query: "1",
    });
    expect(text).toMatch(/^Code: 396\. .*TOO_MANY_ROWS_OR_BYTES/s);
  });

  it("let many queries run side by side, more than libuv's usual four threads", async () => {
    const ids = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? cube : dbt));
    const answers = ids.map((caller) => ok(call(caller, "SELECT sleepEachRow(0.5) FROM numbers(6) FORMAT Null")));
    await until(async () => (await inside()) === 24);
    await Promise.all(answers);
  });
});

describe("an insert of 200 MB in chunks", () => {
  it("lands whole without being held in memory", async () => {
    await ok(call(landing, "CREATE TABLE raw.large (a UInt64, b String) ENGINE = MergeTree ORDER BY a"));
    const before = (await readiness()).memory.residentBytes;
    let peak = 0;
    const block = lines(0, 10_000);
    const blocks = Math.ceil((200 * 1024 * 1024) / block.length);
    let sent = 0;
    const body = new ReadableStream({
      async pull(controller) {
        if (sent >= blocks) return controller.close();
        sent += 1;
        if (sent % 50 === 0) peak = Math.max(peak, (await readiness()).memory.residentBytes);
        controller.enqueue(new TextEncoder().encode(block));
      },
    });
    const result = await call(landing, body, { query: "INSERT INTO raw.large FORMAT TSV" }, { duplex: "half" });
    expect(result.status, result.text).toBe(200);
    expect(JSON.parse(result.headers.get("x-clickhouse-summary") ?? "{}").written_rows).toBe(String(blocks * 10_000));
    expect(await ok(call(landing, "SELECT count() FROM raw.large"))).toBe(`${blocks * 10_000}\n`);
    expect(peak - before).toBeLessThan(150 * 1024 * 1024);
    await ok(call(landing, "DROP TABLE raw.large SYNC"));
  });
});
