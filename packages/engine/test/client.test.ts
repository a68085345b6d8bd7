import { Readable } from "node:stream";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conformanceTarget, type Target, until } from "./target.ts";

/* The official client, against the embedded engine or a server (see conformance.test.ts). */

let target: Target;
let client: ClickHouseClient;

beforeAll(async () => {
  target = await conformanceTarget();
  client = createClient({
    url: target.url,
    username: target.user,
    password: target.password,
    database: target.database,
    compression: { request: true, response: true },
  });
});
afterAll(async () => {
  await client.close();
  await target.close();
});

describe("@clickhouse/client", () => {
  it("pings, commands, inserts and queries", async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
    await client.command({
      query:
        "CREATE TABLE t (id UInt64, name String, at DateTime64(3), tags Array(String)) ENGINE = MergeTree ORDER BY id",
    });
    const inserted = await client.insert({
      table: "t",
      format: "JSONEachRow",
      values: [
        { id: 1, name: "党支部", at: "2026-01-02 03:04:05.678", tags: ["a", "b"] },
        { id: 2, name: "quote ' and \\ and \n", at: 0, tags: [] },
      ],
    });
    expect(inserted.executed).toBe(true);
    expect(inserted.summary?.written_rows).toBe("2");
    const answer = await client.query({
      query: "SELECT id, name, tags FROM {table:Identifier} WHERE id IN {ids:Array(UInt64)} ORDER BY id",
      query_params: { table: "t", ids: [1, 2] },
      format: "JSONEachRow",
    });
    expect(await answer.json()).toEqual([
      { id: 1, name: "党支部", tags: ["a", "b"] },
      { id: 2, name: "quote ' and \\ and \n", tags: [] },
    ]);
  });

  it("streams both ways", async () => {
    await client.command({ query: "CREATE TABLE streamed (n UInt32, s String) ENGINE = MergeTree ORDER BY n" });
    const rows = 100_000;
    const source = Readable.from(
      (function* () {
        for (let n = 0; n < rows; n += 1) yield { n, s: `row ${n}` };
      })(),
    );
    await client.insert({ table: "streamed", format: "JSONEachRow", values: source });
    const answer = await client.query({ query: "SELECT * FROM streamed ORDER BY n", format: "JSONEachRow" });
    let seen = 0;
    for await (const batch of answer.stream<{ n: number }>())
      for (const row of batch) seen += row.json().n === seen ? 1 : Number.NaN;
    expect(seen).toBe(rows);
  });

  it("reports errors with their code and type, early and late", async () => {
    await expect(client.query({ query: "SELECT nothing_here" })).rejects.toMatchObject({
      code: "47",
      type: "UNKNOWN_IDENTIFIER",
    });
    await expect(
      client.insert({ table: "no_such_table", values: [{ a: 1 }], format: "JSONEachRow" }),
    ).rejects.toMatchObject({ code: "60" });
    const late = await client.query({
      query: "SELECT throwIf(number = 3000000, 'boom') FROM numbers(4000000)",
      format: "JSONEachRow",
    });
    await expect(late.json()).rejects.toMatchObject({ code: "395" });
  });

  it("aborts a query", async () => {
    const abort = new AbortController();
    const query = client.query({
      query: "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))",
      abort_signal: abort.signal,
    });
    const running = async () => {
      const answer = await client.query({
        query:
          "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64(number)%' AND query NOT LIKE '%system.processes%'",
        format: "JSONEachRow",
      });
      return Number((await answer.json<{ n: string }>())[0]?.n);
    };
    await until(async () => (await running()) === 1);
    abort.abort();
    await expect(query).rejects.toThrow(/abort/i);
    // A server goes on with a query that is not read-only over HTTP; the embedded engine stops it at once.
    if (target.embedded) await until(async () => (await running()) === 0);
  });

  it("keeps a session", async () => {
    const session = createClient({
      url: target.url,
      username: target.user,
      password: target.password,
      database: target.database,
      session_id: `client-${Date.now()}`,
      max_open_connections: 1,
    });
    await session.command({ query: "CREATE TEMPORARY TABLE kept (a Int32)" });
    await session.insert({ table: "kept", values: [{ a: 1 }, { a: 2 }], format: "JSONEachRow" });
    const answer = await session.query({ query: "SELECT sum(a) AS s FROM kept", format: "JSONEachRow" });
    expect(await answer.json()).toEqual([{ s: expect.anything() }]);
    await session.close();
  });
});
