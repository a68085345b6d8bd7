import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { slotLsn } from "./postgres.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  await world.run("insert into item values (1, 'one')", "create table unpublished (id int, words text)");
});
afterAll(() => world?.close());

test("G13, FA21: a quiet database does not hold back the log while others write", async () => {
  const stream = world.startStream();
  await until("ready", () => stream.status.isReady && stream.status.caughtUp);
  const before = await slotLsn(world.sql);
  const asOf = stream.status.asOf;
  const admin = new URL(world.database.admin);
  admin.pathname = "/postgres";
  const elsewhere = new pg.Client({ connectionString: admin.href });
  await elsewhere.connect();
  await elsewhere.query("create temporary table noise (id int)");
  await elsewhere.query("create table if not exists public.noise (words text)");
  await elsewhere.query("insert into public.noise select repeat('x', 1000) from generate_series(1, 5000)");
  await world.run("insert into unpublished select g, repeat('y', 1000) from generate_series(1, 5000) g");
  const { rows } = await elsewhere.query<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
  await elsewhere.query("drop table public.noise");
  await elsewhere.end();
  const { parseLsn } = await import("../src/index.ts");
  const wanted = parseLsn(rows[0]?.lsn ?? "0/0");
  expect(wanted - before).toBeGreaterThan(8_000_000n);
  await until("the slot has moved", async () => (await slotLsn(world.sql)) >= wanted);
  expect(stream.status.asOf).toEqual(asOf);
  const [row] = await world.clickhouse.query<{ checked: string; age: number }>(
    "SELECT toString(checked_lsn) AS checked, dateDiff('millisecond', checked_at, now64(3)) AS age FROM raw._applied FINAL",
  );
  expect(BigInt(row?.checked ?? 0)).toBeGreaterThanOrEqual(wanted);
  expect(Number(row?.age)).toBeLessThan(5_000);
});
