import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { killed, random, tell, until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "item", columns: "id int primary key, word text, n int not null default 0" },
    { name: "other", columns: "id int primary key, n int" },
  );
  await world.run("insert into item select g, 'first', g from generate_series(1, 500) g");
});
afterEach(() => world.stopStreams());
afterAll(() => world?.close());

/** About 500 row changes a second, 25 in a transaction, in columns that every shape of the tables has. */
async function load(first: number): Promise<{ rows: number; stop(): Promise<void> }> {
  const client = new pg.Client({ connectionString: world.database.owner });
  await client.connect();
  let on = true;
  const told = { rows: 0 };
  const start = Date.now();
  const done = (async () => {
    for (let round = 0; on; round++) {
      const from = first + round * 10;
      await client.query("begin");
      await client.query("insert into item (id, n) select g, g from generate_series($1::int, $1::int + 9) g", [from]);
      await client.query("update item set n = n + 1 where id between $1 and $1 + 9", [from - 15]);
      await client.query("insert into other values ($1, 1) on conflict (id) do update set n = other.n + 1", [
        round % 50,
      ]);
      await client.query("delete from item where id between $1 and $1 + 3", [from - 200]);
      await client.query("commit");
      told.rows += 25;
      const ahead = (told.rows / 500) * 1_000 - (Date.now() - start);
      if (ahead > 0) await new Promise((wake) => setTimeout(wake, ahead));
    }
    await client.end();
  })();
  return {
    get rows() {
      return told.rows;
    },
    async stop() {
      on = false;
      await done;
    },
  };
}

const shapeOf = async (table: string) =>
  (
    await world.clickhouse.query<{ name: string }>(
      `SELECT name FROM system.columns WHERE database = 'raw' AND table = '${table}' AND name NOT LIKE '\\\\_%' ORDER BY name`,
    )
  ).map(({ name }) => name);

test("G8: an old and a new stream process across ADD, RENAME and DROP COLUMN under load end equal, column by column", async () => {
  const { seed, next } = random();
  console.log(`seed ${seed}`);
  const writing = await load(10_000);
  const changes = [
    [
      "alter table item add column points int not null default 7",
      "insert into item (id, n, points) values (1001, 1, 8)",
    ],
    ["alter table item rename column word to remark", "insert into item (id, n, remark) values (1002, 1, 'renamed')"],
    ["alter table item drop column points", "insert into item (id, n) values (1003, 1)"],
  ];
  for (const [ddl = "", row = ""] of changes) {
    const old = world.spawnStream();
    const before = await world.clickhouse.query(
      "SELECT 1 FROM system.tables WHERE database = 'raw' AND name = '_applied'",
    );
    const applied = async () =>
      (
        await world.clickhouse
          .query<{ lsn: string }>("SELECT toString(checked_lsn) AS lsn FROM raw._applied FINAL")
          .catch(() => [])
      )[0]?.lsn;
    const from = before.length > 0 ? await applied() : undefined;
    await until("the old process reads", async () => (await applied()) !== from, 40_000);
    await world.run(ddl, row);
    // Killed before, while or after it notices.
    await new Promise((wake) => setTimeout(wake, next(600)));
    await killed(old);
    await world.run("update item set n = n + 1 where id <= 20");
  }
  const stream = world.startStream();
  await until("copied", () => stream.status.isReady && stream.status.copying.length === 0, 40_000);
  await writing.stop();
  await world.expectEqual();
  expect(await shapeOf("item")).toEqual(["id", "n", "remark"]);
  expect(await world.rows("item")).toContainEqual({ id: 1002, remark: "renamed", n: 1 });
  expect(stream.status.refused).toBe(0);
});

test("G14: a table that a migration adds under 500 changes a second arrives whole while the others flow, in the same process", async ({
  task,
}) => {
  const stream = world.startStream();
  await until("ready", () => stream.status.isReady, 40_000);
  const writing = await load(1_000_000);
  let longestLagMs = 0;
  const watching = setInterval(() => {
    longestLagMs = Math.max(longestLagMs, (stream.status.lagSeconds ?? 0) * 1_000);
  }, 50);
  await until("load", () => writing.rows > 250);
  await world.run("begin");
  await world.createTable("late", "id int primary key, n int not null, word text");
  await world.run(
    "insert into late select g, g, 'by the migration' from generate_series(1, 5000) g",
    "alter publication xianfeng_cdc add table late",
    "commit",
  );
  for (let round = 0; round < 20; round++) {
    await world.run(
      `insert into late values (${10_000 + round}, ${round}, 'at once')`,
      `update late set n = n + 1 where id % 20 = ${round}`,
      `delete from late where id % 997 = ${round}`,
    );
  }
  await until("copied", async () => {
    const rows = await world.clickhouse.query(
      "SELECT 1 FROM raw._copied FINAL WHERE `table` = 'late' AND state = 'copied'",
    );
    return rows.length > 0 && stream.status.copying.length === 0;
  });
  const flowedAt = writing.rows;
  await until("the load goes on", () => writing.rows > flowedAt + 250);
  await writing.stop();
  clearInterval(watching);
  await world.expectEqual();
  expect((await world.rows("late")).length).toBeGreaterThan(4_800);
  expect(stream.status.refused).toBe(0);
  tell(task, `longest time behind while the table joined: ${Math.round(longestLagMs)} ms`);
});
