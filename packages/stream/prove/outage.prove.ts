import { readFileSync } from "node:fs";
import { freePort } from "@xianfeng/stack/ports";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tell, until, World } from "../test/world.ts";

const minutes = Number(process.env.OUTAGE_MINUTES ?? 10);
const changesPerSecond = 1_000;
const capMb = 512;

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, n int not null, word text" });
});
afterAll(() => world?.close());

/** Inserts, updates and deletes at a steady pace until it is stopped. */
function load() {
  let on = true;
  const told = { changes: 0 };
  const done = (async () => {
    const client = new pg.Client({ connectionString: world.database.owner });
    await client.connect();
    const start = Date.now();
    for (let round = 0; on; round++) {
      const from = round * 60;
      await client.query("begin");
      await client.query(
        "insert into item select g, 0, repeat(md5(g::text), 6) from generate_series($1::int, $1::int + 59) g",
        [from],
      );
      await client.query("update item set n = n + 1 where id between $1 and $1 + 29", [from - 600]);
      await client.query("delete from item where id between $1 and $1 + 9", [from - 6_000]);
      await client.query("commit");
      told.changes += 60 + (round >= 10 ? 30 : 0) + (round >= 100 ? 10 : 0);
      const ahead = (told.changes / changesPerSecond) * 1_000 - (Date.now() - start);
      if (ahead > 0) await new Promise((wake) => setTimeout(wake, ahead));
    }
    await client.end();
  })();
  return {
    get changes() {
      return told.changes;
    },
    async stop() {
      on = false;
      await done;
    },
  };
}

test(`G5, FA14: ClickHouse away for ${minutes} minutes at ${changesPerSecond} changes a second: memory stays under ${capMb} MB, and the backlog is drained within a minute`, async ({
  task,
}) => {
  const port = await freePort();
  const child = world.spawnStream({ STREAM_PORT: String(port) });
  const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => new Response(null, { status: 599 }));
  const health = async () =>
    (await (await ready()).json()) as { ready?: boolean; lagBytes?: number; caughtUp?: boolean };
  const peakMb = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  await until("ready", async () => (await ready()).status === 200, 60_000);
  const writing = load();
  await until("load", () => writing.changes > changesPerSecond);
  await world.stopEngine();
  const before = writing.changes;
  await until("health says so", async () => (await ready()).status === 503, 60_000);
  await new Promise((wake) => setTimeout(wake, minutes * 60_000));
  const missed = writing.changes - before;
  const away = await health();
  expect(away.ready).toBe(false);
  expect(away.lagBytes).toBeGreaterThan(0);
  expect(peakMb()).toBeLessThan(capMb);
  await world.startEngine();
  const back = Date.now();
  await until(
    "drained, while the load goes on",
    async () => {
      const now = await health();
      return now.ready === true && (now.lagBytes ?? 1) < 2_000_000;
    },
    300_000,
  );
  const drainedMs = Date.now() - back;
  tell(
    task,
    `${missed} changes waited, drained in ${drainedMs} ms under the same load, peak memory ${Math.round(peakMb())} MB`,
  );
  await writing.stop();
  await world.expectEqual(120_000);
  expect(drainedMs).toBeLessThan(60_000);
  expect(peakMb()).toBeLessThan(capMb);
  expect(missed).toBeGreaterThan(changesPerSecond * minutes * 60 * 0.5);
});

test("G5, FA07: one transaction of 1,000,000 rows: time from commit to the last row, and memory", async ({ task }) => {
  await world.stopStreams();
  const port = await freePort();
  const child = world.spawnStream({ STREAM_PORT: String(port) });
  await until(
    "ready",
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200,
    60_000,
  );
  await world.run("truncate item");
  await world.expectEqual(120_000);
  await world.run("insert into item select g, g, repeat(md5(g::text), 6) from generate_series(1, 1000000) g");
  const committedAt = Date.now();
  await until(
    "all rows are there",
    async () =>
      (
        await world.clickhouse.query<{ n: string }>(
          "SELECT toString(count()) AS n FROM raw.item FINAL WHERE _deleted = 0",
        )
      )[0]?.n === "1000000",
    600_000,
  );
  const visibleMs = Date.now() - committedAt;
  const peakMb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  tell(
    task,
    `1,000,000 rows in one transaction: visible ${visibleMs} ms after the commit, peak memory ${Math.round(peakMb)} MB`,
  );
  await world.expectEqual(120_000);
  expect(peakMb).toBeLessThan(capMb);
});
