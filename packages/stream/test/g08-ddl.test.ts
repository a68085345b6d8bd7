import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Stream } from "../src/index.ts";
import { parseLsn } from "../src/lsn.ts";
import { until, World } from "./world.ts";

let world: World;
let stream: Stream;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "other", columns: "id int primary key, n int" });
});
let mine = "";
afterEach(async () => {
  await world.stopStreams();
  await world.run(`drop table if exists ${mine}`);
});
afterAll(() => world?.close());

/** A published table, copied and flowing; every test takes its own. */
async function flowing(name: string, columns: string): Promise<void> {
  mine = name;
  await world.createTable(name, columns);
  await world.run(`alter publication xianfeng_cdc add table ${name}`);
  stream = world.startStream();
  await until("ready", () => stream.status.isReady && stream.status.copying.length === 0);
  // Until then it is the first copy, which is read otherwise.
  await until("it has said how far it is", () => stream.status.checkedAt !== undefined);
}

/** Not only behind: every copy that the stream still owes has been made, too. */
async function expectRest(): Promise<void> {
  await until(
    "at rest",
    () => world.streams.every((one) => one.status.isReady && one.status.copying.length === 0),
    30_000,
  );
  await world.expectEqual();
  await until(
    "still at rest",
    () => world.streams.every((one) => one.status.isReady && one.status.copying.length === 0),
    30_000,
  );
  await world.expectEqual();
}

test("G8, FA09: a column dropped and added again under its name in one transaction is another column: its old values do not stay", async () => {
  await flowing("dropadd", "id int primary key, note text, n int");
  await world.run("insert into dropadd select g, 'old ' || g, g from generate_series(1, 50) g");
  await world.expectEqual();
  await world.run(
    "insert into dropadd values (100, 'just before', 1)",
    "begin",
    "alter table dropadd drop column note",
    "alter table dropadd add column note text",
    "alter table dropadd alter column note set storage plain",
    "commit",
    "insert into dropadd (id, note, n) values (101, 'new', 2)",
  );
  await until("arrived", async () => (await world.rows("dropadd")).length === 52);
  await until(
    "old values have gone",
    async () => (await world.rows<{ note: string | null }>("dropadd")).filter((row) => row.note !== null).length === 1,
  );
  await expectRest();
});

test("G8, FA10: two columns that exchange their names exchange their values", async () => {
  await flowing("swap", "id int primary key, a int, b int");
  await world.run("insert into swap select g, g, -g from generate_series(1, 50) g");
  await world.expectEqual();
  await world.run(
    "insert into swap values (100, 1, -1)",
    "begin",
    "alter table swap rename column a to c",
    "alter table swap rename column b to a",
    "alter table swap rename column c to b",
    "commit",
    "insert into swap (id, a, b) values (101, -1, 1)",
  );
  await until("arrived", async () => (await world.rows("swap")).length === 52);
  await until("exchanged", async () => (await world.rows<{ a: number }>("swap")).every((row) => row.a < 0));
  await expectRest();
});

test("G8: values that an ALTER TYPE … USING changes without changing the type arrive", async () => {
  await flowing("retyped", "id int primary key, points int not null");
  await world.run("insert into retyped select g, g from generate_series(1, 50) g");
  await world.expectEqual();
  await world.run(
    "insert into retyped values (100, 100)",
    "alter table retyped alter column points type int using points * 10",
    "insert into retyped values (101, 1010)",
  );
  await until("multiplied", async () =>
    (await world.rows<{ id: number; points: number }>("retyped")).every((row) => row.points === row.id * 10),
  );
  await expectRest();
});

test("G8, FA08: a column filled by a default that is dropped again arrives with its values", async () => {
  await flowing("filled", "id int primary key");
  await world.run("insert into filled select g from generate_series(1, 50) g");
  await world.expectEqual();
  await world.run(
    "begin",
    "alter table filled add column token uuid default gen_random_uuid()",
    "alter table filled alter column token drop default",
    "commit",
    "insert into filled values (100, null)",
  );
  await until(
    "filled",
    async () => (await world.rows<{ token?: string | null }>("filled")).filter((row) => row.token).length === 50,
  );
  await expectRest();
});

test("G8: another primary key sorts the landing table anew, so that rows that were one are two", async () => {
  await flowing("rekeyed", "tenant int not null, id int not null, n int, primary key (id)");
  await world.run("insert into rekeyed select 1, g, g from generate_series(1, 50) g");
  await world.expectEqual();
  await world.run(
    "begin",
    "alter table rekeyed drop constraint rekeyed_pkey",
    "alter table rekeyed add primary key (tenant, id)",
    "commit",
    "insert into rekeyed select 2, g, g from generate_series(1, 50) g",
    "delete from rekeyed where tenant = 1 and id = 7",
  );
  await until("two tenants", async () => (await world.rows("rekeyed")).length === 99);
  await expectRest();
});

test("G8: NULLs written while nobody read, before the column became NOT NULL, do not hold the stream up", async () => {
  await flowing("required", "id int primary key, word text");
  await world.stopStreams();
  await world.run(
    // So much before them that the copy has begun when they come.
    "insert into other select g, 0 from generate_series(1000, 120000) g",
    "insert into required select g, null from generate_series(1, 50) g",
    "update required set word = 'filled ' || id",
    "alter table required alter column word set not null",
    "insert into required values (100, 'after')",
  );
  stream = world.startStream();
  await until("arrived", async () => (await world.rows("required")).length === 51);
  await expectRest();
  // And the other way, with the stream running: NULL is NULL from the first row that has it.
  await world.run("alter table required alter column word drop not null", "insert into required values (101, null)");
  await until("arrived", async () => (await world.rows("required")).length === 52);
  await expectRest();
  expect(await world.rows("required")).toContainEqual({ id: 101, word: null });
});

test("G8: a table dropped and made anew under its name is another table", async () => {
  await flowing("remade", "id int primary key, word text");
  await world.run("insert into remade select g, 'old' from generate_series(1, 50) g");
  await world.expectEqual();
  await world.run("begin", "drop table remade");
  await world.createTable("remade", "id int primary key, word text");
  await world.run(
    "insert into remade values (1, 'new')",
    "alter publication xianfeng_cdc add table remade",
    "commit",
    "insert into remade values (2, 'new')",
  );
  await until("old rows have gone", async () => (await world.rows("remade")).length === 2);
  await expectRest();
});

test("G8: TRUNCATE, VACUUM FULL and a new default change no shape: nothing is copied again", async () => {
  await flowing("steady", "id int primary key, n int");
  const copiedAt = async () =>
    (
      await world.clickhouse.query<{ lsn: string }>(
        "SELECT toString(copied_lsn) AS lsn FROM raw._copied FINAL WHERE `table` = 'steady'",
      )
    )[0]?.lsn;
  const before = await copiedAt();
  expect(before).toMatch(/^[1-9]/);
  const { reconnects } = stream.status;
  await world.run("alter table steady alter column n set default 5", "insert into steady (id) values (1)");
  await until("looked again", () => stream.status.reconnects > reconnects);
  await expectRest();
  await world.run(
    "truncate steady",
    "insert into steady values (2, 2)",
    "vacuum full steady",
    "insert into steady (id) values (3)",
  );
  await expectRest();
  await world.stopStreams();
  stream = world.startStream();
  await expectRest();
  expect(await world.rows("steady")).toEqual([
    { id: 2, n: 2 },
    { id: 3, n: 5 },
  ]);
  expect(await copiedAt()).toBe(before);
});

test("G8: what cannot land exactly is refused with a message that names the column; when it is mended the stream goes on", async () => {
  await flowing("strict", "id int primary key, n int");
  for (const [ddl, mend, text] of [
    [
      "alter table strict add column rate double precision",
      "alter table strict drop column rate",
      /strict\.rate: PostgreSQL type double precision/,
    ],
    [
      "alter table strict add column label text",
      "alter table strict alter column label set storage plain",
      /strict can store values out of line.*ALTER COLUMN "label" SET STORAGE PLAIN/,
    ],
    [
      "alter table strict alter column n type real",
      "alter table strict alter column n type bigint",
      /strict\.n: PostgreSQL type real/,
    ],
  ] as const) {
    await world.run(ddl);
    await until("stopped", () => stream.status.state === "stopped");
    expect(stream.status.message).toMatch(text);
    expect(stream.status.isReady).toBe(false);
    await world.run(mend, `insert into strict (id, n) values ((select coalesce(max(id), 0) + 1 from strict), 7)`);
    await until("ready", () => stream.status.isReady);
    await expectRest();
  }
  expect(await world.rows("strict")).toHaveLength(3);
});

test("G8, G2: rows that came while a table waited for another copy are not lost when its shape becomes the old one before that", async () => {
  await flowing("undone", "id int primary key, n int, extra int");
  await world.run("insert into undone (id, n) select g, g from generate_series(1, 100) g");
  await world.expectEqual();
  // A copy waits for transactions that are open.
  const holder = new pg.Client({ connectionString: world.database.owner });
  holder.on("error", () => undefined);
  await holder.connect();
  await holder.query("begin; insert into other values (1, 1)");
  await world.run("alter table undone rename column extra to renamed");
  await until("a copy is owed", () => stream.status.copying.includes("undone"));
  await world.run("delete from undone where id <= 40", "insert into undone (id, n) values (1001, 1)");
  const { rows } = await world.sql.query<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
  const place = parseLsn(rows[0]?.lsn ?? "0/0");
  await until("they have passed", () => stream.status.landedLsn >= place);
  // Freshness is of all tables together.
  expect(stream.status.checkedLsn).toBeLessThan(place);
  const before = stream.status.reconnects;
  await world.run("alter table undone drop column renamed");
  await until("another look", () => stream.status.reconnects > before && stream.status.state === "streaming");
  await holder.query("commit");
  await holder.end();
  await expectRest();
  expect(await world.rows("undone")).toHaveLength(61);
});

test.each([
  ["while a stream runs", true],
  ["while none runs", false],
])("G8: what the publication left out for a moment is not lost: %s", async (_, isRunning) => {
  const name = isRunning ? "left_out" : "left_out_alone";
  await flowing(name, "id int primary key, n int");
  await world.run(`insert into ${name} select g, g from generate_series(1, 20) g`);
  await world.expectEqual();
  if (!isRunning) await world.stopStreams();
  await world.run(
    "alter publication xianfeng_cdc set (publish = 'insert')",
    `update ${name} set n = -n where id <= 5`,
    `delete from ${name} where id > 15`,
    "alter publication xianfeng_cdc set (publish = 'insert, update, delete, truncate')",
  );
  if (!isRunning) stream = world.startStream();
  await until("the deleted rows have gone", async () => (await world.rows(name)).length === 15, 30_000);
  await expectRest();
});
