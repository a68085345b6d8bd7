import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stream } from "../src/index.ts";
import { until, World } from "./world.ts";

let world: World;
let stream: Stream;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  stream = world.startStream();
  await until("ready", () => stream.status.isReady);
});
afterAll(() => world?.close());

const has = (table: string, count: number) => async () => {
  const rows = await world.clickhouse.query<{ n: string }>(
    `SELECT toString(count()) AS n FROM system.tables WHERE database = 'raw' AND name = '${table}'`,
  );
  return rows[0]?.n === "1" && (await world.rows(table)).length === count;
};

test("G14, FA06: a table added while a writer is open arrives whole, and the others flow meanwhile", async () => {
  await world.createTable("late", "id int primary key, word text");
  await world.run("insert into late select g, 'before' from generate_series(1, 1000) g");
  const writer = new pg.Client({ connectionString: world.database.owner });
  writer.on("error", () => undefined);
  await writer.connect();
  await writer.query("begin");
  await writer.query("insert into late values (5001, 'open since before the publication')");
  await world.run("alter publication xianfeng_cdc add table late");
  await until("noticed", () => stream.status.copying.includes("late"));
  await world.run("insert into item values (1, 'flows')", "insert into late values (5002, 'other writer')");
  await until("the other table flows", has("item", 1));
  expect(stream.status.copying).toContain("late");
  await writer.query("insert into late values (5003, 'later in the open one')");
  await writer.query("delete from late where id = 7");
  await writer.query("commit");
  await writer.end();
  await until("arrived", has("late", 1002));
  await world.expectEqual();
});

test("G14: a table that left and came back is copied anew, so that deletes in between are not missed", async () => {
  await world.run(
    "alter publication xianfeng_cdc drop table late",
    "delete from late where id <= 100",
    "insert into late values (9000, 'unseen')",
  );
  await world.run("alter publication xianfeng_cdc add table late", "update late set word = 'seen' where id = 9000");
  await until("copied", has("late", 904));
  await world.expectEqual();
});

test("G14: rows that only the old log has do not come back when a table returns while nobody reads", async () => {
  await world.createTable("guest", "id int primary key, word text");
  await world.run("alter publication xianfeng_cdc add table guest", "insert into guest values (1, 'stays')");
  await until("arrived", has("guest", 1));
  await world.expectEqual();
  await world.stopStreams();
  await world.run(
    // So much before them that the copy has begun when they come.
    "insert into item select g, 'long ago' from generate_series(100001, 250000) g",
    "insert into guest select g, 'only in the log' from generate_series(20001, 20050) g",
    "alter publication xianfeng_cdc drop table guest",
    "delete from guest where id between 20001 and 20040",
    "update guest set word = 'unseen' where id > 20040",
    "alter publication xianfeng_cdc add table guest",
    "insert into guest values (20060, 'after')",
  );
  stream = world.startStream();
  await world.run("truncate item");
  await until("copied", () => stream.status.isReady && stream.status.copying.length === 0, 40_000);
  await world.expectEqual();
  // Nor when the log is read once more from before the copy.
  await world.stopStreams();
  const rows = await world.rows<{ id: number }>("guest");
  expect(rows.filter(({ id }) => id > 20_000)).toHaveLength(11);
  stream = world.startStream();
  await until("ready", () => stream.status.isReady);
  await world.expectEqual();
});

test("G8: columns added, renamed, retyped and dropped between rows", async () => {
  await world.run(
    "insert into late values (9100, 'old shape')",
    "alter table late add column note text",
    "alter table late alter column note set storage plain",
    "insert into late values (9101, 'new shape', 'first row that has it')",
    "alter table late add column points int not null default 7",
    "insert into late values (9102, 'with default', null, 8)",
  );
  await until(
    "arrived",
    async () => (await world.rows<{ points?: number }>("late")).some((row) => row.points === 8),
    20_000,
  );
  await until("copied", () => stream.status.copying.length === 0 && stream.status.isReady);
  await world.expectEqual();
  const row = (await world.rows<{ id: number; points: number; note: string | null }>("late")).find(
    (r) => r.id === 9100,
  );
  expect(row).toMatchObject({ points: 7, note: null });
  await world.run(
    "alter table late rename column note to remark",
    "insert into late values (9103, 'renamed', 'x', 1)",
    "alter table late alter column points type bigint",
    "insert into late values (9104, 'retyped', 'x', 3000000000)",
    "alter table late drop column word",
    "insert into late values (9105, 'dropped', 2)",
  );
  await until("arrived", async () => {
    const rows = await world.rows<{ id: number; remark?: string; points: string }>("late");
    return rows.some((r) => r.id === 9104 && r.points === "3000000000" && r.remark === "x");
  });
  await until("copied", () => stream.status.copying.length === 0 && stream.status.isReady);
  await world.expectEqual();
  expect(stream.status.refused).toBe(0);
});
