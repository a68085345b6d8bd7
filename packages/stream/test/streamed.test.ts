import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Batcher } from "../src/batch.ts";
import { readPublication } from "../src/checks.ts";
import { Decoder } from "../src/decoder.ts";
import { History } from "../src/history.ts";
import { Look } from "../src/look.ts";
import { random, until, World } from "./world.ts";

const { seed, next } = random();
console.log(`SEED=${seed}`);

let world: World;
let other: pg.Client;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "item", columns: "id int primary key, word text, n int, day date" },
    { name: "pair", columns: "a int, b int, n int, primary key (a, b)" },
  );
  // The least that PostgreSQL allows: nearly everything is sent while it runs.
  const admin = await connect(world.database.admin);
  await admin.query(
    `alter role xf_stream in database ${new URL(world.database.admin).pathname.slice(1)} set logical_decoding_work_mem = '64kB'`,
  );
  await admin.end();
  other = await connect(world.database.owner);
});
afterEach(() => world.stopStreams());
afterAll(async () => {
  await other?.end();
  await world?.close();
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function flowing() {
  const stream = world.startStream();
  await until("ready", () => stream.status.isReady && stream.status.copying.length === 0, 40_000);
  return stream;
}

const stages = async () =>
  (
    await world.clickhouse.query<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'raw' AND startsWith(name, '_stage_')",
    )
  ).map(({ name }) => name);

/** How many transactions PostgreSQL has sent while they ran, and how many it has kept until their end because of their size. */
const sent = async () => {
  const { rows } = await world.sql.query<{ streamed: number; spilled: number }>(
    "select stream_txns::int as streamed, spill_txns::int as spilled from pg_stat_replication_slots where slot_name = 'xianfeng_cdc'",
  );
  return rows[0] ?? { streamed: 0, spilled: 0 };
};

/** Steps of a transaction at random, with parts of it rolled back. */
async function write(client: pg.Client, from: number): Promise<void> {
  const rows = (count: number) =>
    `select g, repeat('x', ${1 + next(60)}), ${next(9)} from generate_series(${from}, ${from + count}) g`;
  const steps = [
    () => `insert into item ${rows(next(3_000))} on conflict (id) do update set n = item.n + 1, word = excluded.word`,
    () => `update item set n = n + 1 where id % ${2 + next(7)} = 0`,
    () =>
      `update item set id = -id where id between ${from + 1} and ${from + next(400)} and not exists (select 1 from item o where o.id = -item.id)`,
    () => `delete from item where id between ${from + next(500)} and ${from + 500 + next(500)}`,
    () =>
      `insert into pair select g % 50, g / 50, ${next(9)} from generate_series(0, ${next(2_000)}) g on conflict (a, b) do update set n = excluded.n`,
    () => `delete from pair where a = ${next(50)}`,
  ];
  const step = async () => client.query(steps[next(steps.length)]?.() ?? "select 1");
  await client.query("begin");
  for (let at = 0; at < 1 + next(5); at++) {
    await step();
    if (next(2) === 0) continue;
    await client.query("savepoint one");
    await step();
    if (next(3) === 0) {
      await client.query("savepoint two");
      await step();
    }
    await client.query(next(2) === 0 ? "rollback to savepoint one" : "release savepoint one");
  }
  await client.query(next(5) === 0 ? "rollback" : "commit");
}

test("G2, G5: transactions that arrive while they run, with parts rolled back, keys that change and two at a time, end equal", async () => {
  const stream = await flowing();
  const before = await sent();
  for (let round = 0; round < 12; round++) {
    await world.run(
      "begin",
      "insert into item select g, 'interleaved', 0 from generate_series(50001, 52000) g on conflict do nothing",
    );
    await write(other, 1_000 * next(6));
    await world.run("delete from item where id between 50500 and 51000", round % 3 === 0 ? "rollback" : "commit");
  }
  await world.expectEqual();
  expect((await sent()).streamed).toBeGreaterThan(before.streamed + 5);
  expect(stream.status.refused).toBe(0);
  expect(stream.status.reconnects).toBe(0);
  await until("no stage is left", async () => (await stages()).length === 0);
});

test("G5: rows of a large transaction land beside before it has ended, nobody sees them, and a rollback leaves nothing", async () => {
  await flowing();
  const large = "insert into item select g, repeat('y', 50), 1 from generate_series(100001, 120000) g";
  const count = async () => (await world.rows("item")).length;
  const before = await count();
  await other.query("begin");
  await other.query(large);
  await until("staged", async () => (await stages()).length > 0);
  expect(await count()).toBe(before);
  await other.query("rollback");
  await until("nothing is left", async () => (await stages()).length === 0);
  await other.query("begin");
  await other.query(large);
  await until("staged", async () => (await stages()).length > 0);
  await other.query("commit");
  await until("all are there", async () => (await count()) === before + 20_000);
  await world.expectEqual();
});

test("G3: a row has the same version whether its transaction arrives while it runs or after its end", async () => {
  await flowing();
  await world.expectEqual();
  await other.query("select pg_create_logical_replication_slot('whole', 'pgoutput')");
  try {
    for (let round = 0; round < 6; round++) await write(other, 1_000 * next(6));
    await other.query("begin; insert into item select g, 'z', 1 from generate_series(200001, 203000) g");
    await other.query("savepoint one; delete from item where id > 201500; rollback to savepoint one");
    await other.query("savepoint one; update item set n = 7 where id > 202000; release savepoint one; commit");
    await world.expectEqual();
    const tables = new Map((await readPublication(other)).map((table) => [table.name, table]));
    for (const table of tables.values()) table.targets = ["somewhere"];
    const batcher = new Batcher(() => undefined);
    const decoder = new Decoder({
      epoch: 1,
      tables,
      batcher,
      look: await Look.take(other),
      history: new History(0n, undefined),
    });
    const { rows } = await other.query<{ data: Buffer }>(
      "select data from pg_logical_slot_peek_binary_changes('whole', null, null, 'proto_version', '1', 'publication_names', 'xianfeng_cdc')",
    );
    for (const { data } of rows) decoder.message(data, 0, data.length);
    const newest = new Map<string, bigint>();
    for (const [relation, lines] of batcher.current.lines) {
      const keys = relation.table.landing.key.map((name) => relation.columns.indexOf(name));
      for (const line of lines.bytes().toString().trimEnd().split("\n")) {
        const values = line.split("\t");
        const key = `${relation.table.name} ${keys.map((at) => values[at]).join(" ")}`;
        const version = BigInt(values.at(-2) ?? 0);
        if (version > (newest.get(key) ?? 0n)) newest.set(key, version);
      }
    }
    expect(newest.size).toBeGreaterThan(3_000);
    const landed = await world.clickhouse.query<{ key: string; version: string }>(
      `SELECT concat('item ', toString(id)) AS key, toString(max(_version)) AS version FROM raw.item GROUP BY key
       UNION ALL SELECT concat('pair ', toString(a), ' ', toString(b)) AS key, toString(max(_version)) AS version FROM raw.pair GROUP BY key`,
    );
    const versions = new Map(landed.map(({ key, version }) => [key, BigInt(version)]));
    const wrong = [...newest].filter(([key, version]) => versions.get(key) !== version);
    expect(wrong.slice(0, 5)).toEqual([]);
  } finally {
    await other.query("select pg_drop_replication_slot('whole')");
  }
});

for (const [what, statements] of [
  ["a TRUNCATE", ["truncate pair", "insert into pair values (1, 1, 1)"]],
  ["a change of shape", ["alter table pair add column extra int", "insert into pair values (3, 3, 3, 3)"]],
] as const) {
  test(`G8, G11: a large transaction with ${what} is taken after its end`, async () => {
    const stream = await flowing();
    await world.run("insert into pair select 90, g, 0 from generate_series(1, 50) g on conflict do nothing");
    await world.expectEqual();
    await world.run(
      "begin",
      "insert into item select g, repeat('w', 50), 1 from generate_series(300001, 306000) g on conflict (id) do update set n = 5",
    );
    await world.run(...statements, "commit");
    await until("at rest", () => stream.status.isReady && stream.status.copying.length === 0, 30_000);
    await world.expectEqual();
  });
}

test("G11: a row of a large transaction that ClickHouse does not take is set aside, the others land", async () => {
  const stream = await flowing();
  const large = "insert into item select g, repeat('v', 50), 1, '2026-01-01' from generate_series";
  const wrong = "update item set day = 'infinity' where id = ";
  await world.run("insert into item values (-9, 'a small one before', 0)");
  await world.expectEqual();
  await world.run(
    "begin",
    `${large}(400001, 406000) g`,
    "savepoint one",
    `${wrong} 403000`,
    `${large}(410001, 416000) g`,
    "rollback to savepoint one",
    "commit",
  );
  await world.expectEqual();
  // What was rolled back is nobody's fault.
  expect(stream.status.refused).toBe(0);
  await world.run("begin", `${large}(420001, 426000) g`, `${wrong} 423000`, "commit");
  await until("set aside", () => stream.status.refused > 0, 30_000);
  await world.run("update item set day = '2026-02-02' where id = 423000");
  await world.expectEqual();
  expect(stream.status.refused).toBe(1);
});

test("G1: SIGKILL before and after the rows of a large transaction have moved: nothing is lost, nothing is too much, no stage stays", async () => {
  for (const point of ["inserted:2", "moved:1"]) {
    const child = world.spawnStream({ XF_TEST: "1", XF_FAILPOINT: point });
    const died = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    let writing = true;
    const writer = (async () => {
      for (let round = 0; writing && round < 40; round++) {
        await write(other, 1_000 * next(6));
        await new Promise((wake) => setTimeout(wake, 50));
      }
    })();
    expect(await died).toBe("SIGKILL");
    writing = false;
    await writer;
    await flowing();
    await world.expectEqual();
    expect(await stages()).toEqual([]);
    await world.stopStreams();
  }
});
