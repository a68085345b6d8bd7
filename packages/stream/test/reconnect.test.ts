import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stream, Stream as StreamClass, silent } from "../src/index.ts";
import { startHealthServer } from "../src/server.ts";
import { startProxy } from "./proxy.ts";
import { until, World } from "./world.ts";

let world: World;
let stream: Stream;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
});
afterAll(() => world?.close());

test("FA02: connections cut by PostgreSQL come back by themselves", async () => {
  stream = world.startStream();
  await until("ready", () => stream.status.isReady);
  for (let round = 0; round < 3; round++) {
    const writer = new pg.Client({ connectionString: world.database.owner });
    await writer.connect();
    await writer.query(`insert into item select ${round * 1000} + g, 'x' from generate_series(1, 500) g`);
    const admin = new pg.Client({ connectionString: world.database.admin });
    await admin.connect();
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'xianfeng-stream%' and datname = current_database()",
    );
    await admin.end();
    await writer.end();
    await until("noticed", () => stream.status.reconnects > round);
    await until("back", () => stream.status.isReady);
  }
  await world.expectEqual();
  await world.stopStreams();
});

test("FA15: an insert whose answer was lost is repeated without harm", async () => {
  const proxy = await startProxy(
    () => world.engine.port,
    (insert) => insert % 3 === 0,
  );
  const { place } = world;
  const through = new StreamClass({
    ...place,
    clickhouse: { ...place.clickhouse, url: proxy.url },
    log: silent,
    pollMs: 200,
    heartbeatMs: 200,
  });
  world.streams.push(through);
  through.start();
  for (let round = 0; round < 20 || (proxy.cuts < 2 && round < 400); round++) {
    await world.run(
      `insert into item select ${100_000 + round * 100} + g, 'y' from generate_series(1, 100) g`,
      `update item set word = 'z${round}' where id % 10 = ${round % 10}`,
    );
  }
  await world.expectEqual();
  expect(proxy.cuts).toBeGreaterThanOrEqual(2);
  expect(through.status.retries).toBeGreaterThan(0);
  await world.stopStreams();
  await proxy.close();
});

test("G12: of two streams one works, the other stands by and takes over without loss", async () => {
  const first = world.startStream();
  await until("ready", () => first.status.isReady);
  const second = world.startStream();
  await until("stands by", () => second.status.state === "standby");
  expect(second.status.isReady).toBe(false);
  await world.run("insert into item values (500001, 'first')");
  await world.expectEqual();
  const stopped = first.stop();
  await world.run("insert into item values (500002, 'second')");
  await stopped;
  const since = Date.now();
  await until("took over", () => second.status.isReady);
  expect(Date.now() - since).toBeLessThan(5_000);
  await world.expectEqual();
  await world.stopStreams();
});

test("health, metrics and events tell what has landed", async () => {
  stream = world.startStream();
  const server = await startHealthServer(stream, 0);
  const url = `http://127.0.0.1:${server.port}`;
  await until("ready", async () => (await fetch(`${url}/readyz`)).status === 200);
  const events = await fetch(`${url}/events`);
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const reading = (async () => {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      text += part.value;
    }
  })().catch(() => undefined);
  await world.run("insert into item values (600001, 'event')");
  await until("told", () => /event: applied\ndata: .*"tables":\["item"\]/.test(text));
  const data = JSON.parse(/event: applied\ndata: (.*)\n/.exec(text)?.[1] ?? "{}") as { asOf: string; lsn: string };
  expect(Math.abs(Date.now() - Date.parse(data.asOf))).toBeLessThan(10_000);
  expect((await world.rows<{ id: number }>("item")).some((row) => row.id === 600001)).toBe(true);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^xianfeng_stream_ready 1$/m);
  expect(metrics).toMatch(/^xianfeng_stream_rows_total \d+$/m);
  const state = (await (await fetch(`${url}/readyz`)).json()) as { dependencies: object; asOfLsn: string };
  expect(state).toMatchObject({
    state: "streaming",
    ready: true,
    rowsSetAside: 0,
    dependencies: { postgres: { state: "up" }, clickhouse: { state: "up" } },
  });
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  expect((await fetch(`${url}/readyz`, { method: "POST" })).status).toBe(405);
  await server.close();
  await reading;
});

test("G6: a ClickHouse emptied under a running stream is noticed on a quiet database, too, and copied again", async () => {
  await world.stopStreams();
  stream = world.startStream();
  await until("ready", () => stream.status.isReady);
  await world.run("insert into item select -g, 'there' from generate_series(501, 510) g");
  await world.expectEqual();
  const tables = await world.clickhouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'raw'",
  );
  for (const { name } of tables) await world.clickhouse.command(`DROP TABLE raw.\`${name}\` SYNC`);
  await until(
    "copied again",
    async () => stream.status.isReady && (await world.rows("item").catch(() => [])).length > 0,
    30_000,
  );
  await world.expectEqual();
  await world.stopStreams();
});

test("G6, G16: a ClickHouse put back to an older state under a running stream stops it before anything is said", async () => {
  stream = world.startStream();
  await until("ready", () => stream.status.isReady);
  await world.expectEqual();
  const old = await world.clickhouse.query<object>("SELECT *, toString(_version) AS _version FROM raw._applied FINAL");
  await world.run("insert into item values (-5, 'after the backup')");
  await world.expectEqual();
  await world.clickhouse.command("TRUNCATE TABLE raw._applied");
  await world.clickhouse.insert("raw._applied", old);
  await until("noticed", () => stream.status.state === "stopped", 30_000);
  expect(stream.status.message).toMatch(/recover/);
});
