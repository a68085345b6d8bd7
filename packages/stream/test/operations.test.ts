import { randomUUID } from "node:crypto";
import { controlHeader, type Operation, type OperationKind } from "@xianfeng/service/stream-page";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stream, startHealthServer } from "../src/index.ts";
import { random, until, World } from "./world.ts";

const { seed, next } = random();
console.log(`SEED=${seed}`);
const key = "test-control-key-000000000000";

let world: World;
let stream: Stream;
let page: { port: number; close(): Promise<void> };
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "entry", columns: "id int primary key, word text, day date, points int" },
    { name: "pair", columns: "a uuid, b text, points int, primary key (a, b)" },
  );
  stream = world.startStream();
  page = await startHealthServer(stream, 0, key);
  await until("ready", () => stream.status.isReady);
});
afterAll(async () => {
  await page?.close();
  await world?.close();
});

const ask = (path: string, init: RequestInit = {}, given = key) =>
  fetch(`http://127.0.0.1:${page.port}${path}`, { ...init, headers: { [controlHeader]: given } });

async function begin(kind: OperationKind, table?: string): Promise<string> {
  const id = randomUUID();
  const answer = await ask("/operations", { method: "POST", body: JSON.stringify({ id, kind, table }) });
  expect(answer.status, await answer.clone().text()).toBe(202);
  return id;
}
const operation = (id: string) => stream.operations.list().find((one) => one.id === id) as Operation;
async function done(id: string): Promise<Operation> {
  await until(`operation ${id} ended`, () => ["done", "failed"].includes(operation(id).state), 40_000);
  expect(operation(id)).toMatchObject({ state: "done" });
  return operation(id);
}
const perform = async (kind: OperationKind, table?: string) => done(await begin(kind, table));
const marks = async () => {
  const rows = await world.clickhouse.query<{ mark: string }>(
    "SELECT toString(groupBitXor(cityHash64(*))) AS mark FROM raw._copied FINAL",
  );
  return rows[0]?.mark;
};
/** Counts a table's rows again and again, as readers do. */
function readOn(table: string): { end(): Promise<number[]> } {
  const seen: number[] = [];
  let reading = true;
  const reader = (async () => {
    while (reading) {
      const [row] = await world.clickhouse.query<{ n: string }>(
        `SELECT toString(count()) AS n FROM raw.${table} FINAL WHERE _deleted = 0`,
      );
      seen.push(Number(row?.n));
    }
  })();
  return {
    async end() {
      reading = false;
      await reader;
      expect(seen.length).toBeGreaterThan(1);
      return seen;
    },
  };
}
const tablesBeside = async () =>
  (
    await world.clickhouse.query<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'raw' AND startsWith(name, '_copy_')",
    )
  ).map((row) => row.name);

test("G11: rows set aside are listed by table and reason, with their keys and none of their values", async () => {
  await world.clickhouse.command("ALTER TABLE raw.entry ADD CONSTRAINT small CHECK points IS NULL OR points < 100");
  await world.run(
    "insert into entry select g, 'secret word', '2026-01-01', case when g % 100 = 7 then 100 + g else 1 end from generate_series(1, 300) g",
    "insert into entry values (5001, 'secret word', '1600-01-01', 1)",
  );
  await until("set aside", () => stream.status.refused === 4);
  const answer = await ask("/letters");
  const { letters } = (await answer.json()) as { letters: Record<string, unknown>[] };
  expect(letters.map(({ table, code, count, reason }) => ({ table, code, count, reason }))).toEqual(
    expect.arrayContaining([
      { table: "entry", code: 469, count: 3, reason: "VIOLATED_CONSTRAINT" },
      { table: "entry", code: 0, count: 1, reason: "day: date outside 1900-01-01 … 2299-12-31" },
    ]),
  );
  expect(letters.flatMap((letter) => letter.keys as string[]).sort()).toEqual(["107", "207", "5001", "7"]);
  expect(JSON.stringify(letters)).not.toMatch(/secret|1600-01-01/);
});

test("G11: a replay lands rows with their own versions, so later changes still win, and leaves on the list what is refused again", async () => {
  await world.run(
    "update entry set points = 5 where id = 7",
    "insert into entry values (8001, 'x', '2026-01-01', 900)",
    "delete from entry where id = 207",
  );
  await until("landed", async () => (await world.rows<{ id: number }>("entry")).some((row) => row.id === 7));
  await until("set aside", () => stream.status.refused === 5);
  expect(await perform("replay")).toMatchObject({ landed: 0, left: 5 });
  const before = await marks();
  await world.clickhouse.command("ALTER TABLE raw.entry DROP CONSTRAINT small");
  expect(await perform("replay", "entry")).toMatchObject({ landed: 4, left: 1 });
  expect(await marks()).not.toBe(before);
  expect(stream.status.refused).toBe(1);
  const rows = await world.rows<{ id: number; points: number }>("entry");
  expect(rows.find((row) => row.id === 7)?.points).toBe(5);
  expect(rows.find((row) => row.id === 107)?.points).toBe(207);
  expect(rows.some((row) => row.id === 207)).toBe(false);
  expect(rows.some((row) => row.id === 5001)).toBe(false);
});

test("G11: a repair reads the row as it is now: corrected ones land, deleted ones go, wrong ones stay on the list", async () => {
  expect(await perform("repair", "entry")).toMatchObject({ landed: 0, left: 1 });
  await world.run(
    "insert into entry values (5002, 'deleted later', 'infinity', 1), (5003, 'stays wrong', '1600-01-01', 1)",
    "delete from entry where id = 5002",
    "update entry set day = '2026-02-02' where id = 5001",
    "insert into pair values ('00000000-0000-7000-8000-000000000001', E'tab\\there \\\\ ''quote''', 1)",
  );
  await until("set aside", () => stream.status.refused === 3);
  await until("landed", async () => (await world.rows<{ id: number }>("entry")).some((row) => row.id === 5001));
  const before = await marks();
  expect(await perform("repair")).toMatchObject({ landed: 2, left: 1 });
  expect(await marks()).not.toBe(before);
  await world.run("update entry set day = '2026-03-03', word = 'right' where id = 5003");
  expect(await perform("repair")).toMatchObject({ landed: 1, left: 0 });
  expect(stream.status.refused).toBe(0);
  await world.expectEqual();
  // A repaired row is no stronger than what comes after it.
  await world.run("update entry set word = 'later' where id = 5003");
  await world.expectEqual();
});

test("G11: a repair among changes of the same rows ends equal, also where the key needs escaping", async () => {
  const word = "tab\\there \\\\ ''quote''";
  await world.clickhouse.command("ALTER TABLE raw.pair ADD CONSTRAINT small CHECK points < 100");
  for (let at = 0; at < 40; at++)
    await world.run(
      `insert into pair values ('00000000-0000-7000-8000-0000000000${String(at + 10)}', E'${word}', ${next(3) * 60})`,
    );
  await until("set aside", () => stream.status.refused > 5);
  await world.clickhouse.command("ALTER TABLE raw.pair DROP CONSTRAINT small");
  let writing = true;
  const writer = (async () => {
    while (writing) {
      const row = String(10 + next(40));
      await world.run(
        `update pair set points = ${next(90)} where a = '00000000-0000-7000-8000-0000000000${row}'`,
        `delete from pair where a = '00000000-0000-7000-8000-0000000000${10 + next(40)}'`,
      );
    }
  })();
  const mended = await perform("repair", "pair");
  writing = false;
  await writer;
  expect(mended.left).toBe(0);
  await world.expectEqual();
});

test("G15: one table is copied anew beside the present one while readers read and writers write; what was lost is back", async () => {
  await world.run("insert into entry select g, 'many', '2026-01-01', 1 from generate_series(10001, 60000) g");
  await world.expectEqual();
  await world.clickhouse.command("DELETE FROM raw.entry WHERE id BETWEEN 10001 AND 10100");
  const missing = Number((await world.sql.query("select count(*) as n from entry")).rows[0].n) - 100;
  const holder = new pg.Client({ connectionString: world.database.owner });
  await holder.connect();
  await holder.query("begin; insert into entry values (70000, 'open', '2026-01-01', 1)");
  const id = await begin("resync", "entry");
  await until("waits for the open transaction", () => operation(id).phase === "waiting_for_writers");
  const readers = readOn("entry");
  await world.run("delete from entry where id = 10200", "insert into entry values (70001, 'meanwhile', null, 2)");
  await holder.query("commit");
  await holder.end();
  const { tables } = await done(id);
  const seen = await readers.end();
  expect(tables).toEqual([expect.objectContaining({ table: "entry", isWhole: true })]);
  expect(tables[0]?.rows).toBeGreaterThan(50_000);
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(missing - 1);
  expect(await tablesBeside()).toEqual([]);
  await world.expectEqual();
});

test("G15: everything is copied anew at one place of the log; a TRUNCATE meanwhile empties the new table, too", async () => {
  await world.clickhouse.command("DELETE FROM raw.pair WHERE points < 50");
  await world.clickhouse.command("DELETE FROM raw.entry WHERE id % 3 = 0");
  const holder = new pg.Client({ connectionString: world.database.owner });
  await holder.connect();
  await holder.query("begin; insert into entry values (70002, 'open', '2026-01-01', 1)");
  const damaged = (await world.rows("entry")).length;
  const readers = readOn("entry");
  const id = await begin("rebuild");
  await until("waits for the open transaction", () => operation(id).phase === "waiting_for_writers");
  await holder.query("commit");
  await holder.end();
  await world.run("truncate pair", "insert into pair values ('00000000-0000-7000-8000-000000000002', 'after', 3)");
  const { tables } = await done(id);
  expect(Math.min(...(await readers.end()))).toBeGreaterThanOrEqual(damaged);
  expect(tables.map(({ table, isWhole }) => ({ table, isWhole }))).toEqual([
    { table: "entry", isWhole: true },
    { table: "pair", isWhole: true },
  ]);
  await world.expectEqual();
  expect(await world.rows("pair", "a")).toHaveLength(1);
});

test("G15: a copy that loses its session begins again by itself and leaves nothing half done", async () => {
  const holder = new pg.Client({ connectionString: world.database.owner });
  holder.on("error", () => undefined);
  await holder.connect();
  await holder.query("begin; insert into entry values (70003, 'open', '2026-01-01', 1)");
  const id = await begin("resync", "entry");
  await until("waits for the open transaction", () => operation(id).phase === "waiting_for_writers");
  const admin = new pg.Client({ connectionString: world.database.admin });
  await admin.connect();
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'xianfeng-stream%'",
  );
  await admin.end();
  await until("interrupted", () => operation(id).interrupted > 0);
  await holder.query("commit");
  await holder.end();
  await done(id);
  expect(await tablesBeside()).toEqual([]);
  await world.expectEqual();
});

test("G17: only who knows the key may ask; unknown tables and a stream that does not flow are refused in words", async () => {
  const body = (more: object) => ({ method: "POST", body: JSON.stringify({ id: randomUUID(), ...more }) });
  expect((await ask("/letters", {}, "another-key-0000000000000000")).status).toBe(403);
  expect((await ask("/operations", body({ kind: "rebuild" }), "")).status).toBe(403);
  expect((await ask("/operations", body({ kind: "drop" }))).status).toBe(400);
  expect((await ask("/operations", body({ kind: "resync", table: "entry; drop" }))).status).toBe(400);
  const unknown = await ask("/operations", body({ kind: "resync", table: "person_private" }));
  expect(unknown.status).toBe(409);
  expect(await unknown.json()).toEqual({ error: "person_private is not a published table" });
  const count = stream.operations.list().length;
  await stream.stop();
  expect((await ask("/operations", body({ kind: "rebuild" }))).status).toBe(409);
  expect(stream.operations.list()).toHaveLength(count);
});
