import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partsOf, recover } from "../src/index.ts";
import { startHoldingProxy } from "./proxy.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "item", columns: "id int primary key, word text" },
    { name: "branch", columns: "id int primary key, n int" },
  );
});
afterAll(() => world?.close());

test("G4: rows written, changed and deleted while the first copy runs end equal, and copied versions lie below the stream", async () => {
  await world.run("insert into item select g, repeat('x', 200) from generate_series(1, 100000) g");
  const writer = new pg.Client({ connectionString: world.database.owner });
  writer.on("error", () => undefined);
  await writer.connect();
  const stream = world.startStream();
  let during = 0;
  for (let round = 0; stream.status.state !== "streaming"; round++) {
    if (stream.status.state === "copying") during += 1;
    await writer.query(`update item set word = 'changed ${round}' where id = ${1 + (round % 100_000)}`);
    await writer.query(`delete from item where id = ${50_000 + round}`);
    await writer.query("insert into branch select coalesce(max(id), 0) + 1, 0 from branch");
  }
  await writer.end();
  expect(during).toBeGreaterThan(3);
  await world.expectEqual();
  const [row] = await world.clickhouse.query<{ copied: string; lowest: string; highest: string; live: string }>(
    `SELECT toString(min(_version)) AS lowest, toString(max(_version)) AS highest,
       (SELECT toString(copied_lsn) FROM raw._copied FINAL WHERE \`table\` = 'item') AS copied, toString(count()) AS live FROM raw.item`,
  );
  expect(partsOf(BigInt(row?.lowest ?? 0))).toEqual({ epoch: 1, lsn: BigInt(row?.copied ?? 0), ordinal: 0 });
  expect(partsOf(BigInt(row?.highest ?? 0)).lsn).toBeGreaterThan(BigInt(row?.copied ?? 0));
});

test("G4: nothing is said about freshness before the first copy is whole", async () => {
  const [row] = await world.clickhouse.query<{ as_of: string; as_of_lsn: string; checked_lsn: string; copied: string }>(
    "SELECT as_of, as_of_lsn, checked_lsn, (SELECT max(copied_lsn) FROM raw._copied FINAL) AS copied FROM raw._applied FINAL",
  );
  expect(BigInt(row?.as_of_lsn ?? 0)).toBeGreaterThanOrEqual(BigInt(row?.copied ?? 1));
  expect(Math.abs(Date.now() - Date.parse(`${row?.as_of}Z`))).toBeLessThan(120_000);
  await until("ready", () => world.streams[0]?.status.isReady === true);
});

test("G4, G8: a table that is written anew between the snapshot and its copy, and looks the same afterwards, is not taken for empty", async () => {
  await world.stopStreams();
  await world.createTable("front", "id int primary key, word text");
  await world.createTable("rewritten", "id int primary key, word text");
  await world.run(
    "insert into front values (1, 'copied first')",
    "insert into rewritten select g, 'there' from generate_series(1, 500) g",
    "alter publication xianfeng_cdc add table front, rewritten",
  );
  const { proxy, held, release } = await startHoldingProxy(
    () => world.engine.port,
    (insert) => insert.includes("INSERT INTO raw.`_copy_front"),
  );
  const stream = world.startStream(proxy.url);
  await until("the snapshot is taken, and the first table is being copied", () => held.isHeld);
  await world.run(
    "alter table rewritten add column mark uuid default gen_random_uuid()",
    "alter table rewritten drop column mark",
  );
  release();
  await until("ready", () => stream.status.isReady && stream.status.copying.length === 0);
  await world.expectEqual();
  expect(await world.rows("rewritten")).toHaveLength(500);
  await world.stopStreams();
  await proxy.close();
});

test("G4, G9: a table truncated between the snapshot and its copy is copied at another snapshot, and the stream goes on", async () => {
  await world.createTable("ahead", "id int primary key, word text");
  await world.createTable("emptied", "id int primary key, word text");
  await world.run(
    "insert into ahead values (1, 'copied first')",
    "insert into emptied select g, 'there' from generate_series(1, 500) g",
  );
  const { proxy, held, release } = await startHoldingProxy(
    () => world.engine.port,
    (insert) => insert.includes("INSERT INTO raw.`_copy_ahead"),
  );
  const stream = world.startStream(proxy.url);
  await until("ready", () => stream.status.isReady);
  await world.run("alter publication xianfeng_cdc add table ahead, emptied");
  await until("the first table is being copied", () => held.isHeld);
  await world.run(
    "truncate emptied",
    "insert into emptied values (1000, 'after')",
    "insert into item values (-1, 'flows')",
  );
  release();
  await until("copied", () => stream.status.isReady && stream.status.copying.length === 0, 40_000);
  await world.expectEqual();
  expect(await world.rows("emptied")).toHaveLength(1);
  await world.stopStreams();
  await proxy.close();
});

test("G4, G8: a column that is added and filled while the first copy waits for its snapshot arrives with its values", async () => {
  await world.createTable("grown", "id int primary key, word text");
  await world.run(
    "insert into grown select g, 'there' from generate_series(1, 50) g",
    "alter publication xianfeng_cdc add table grown",
  );
  const holder = new pg.Client({ connectionString: world.database.owner });
  holder.on("error", () => undefined);
  await holder.connect();
  await holder.query(
    "begin; alter table grown add column note text; alter table grown alter column note set storage plain; update grown set note = 'filled'",
  );
  await recover(world.place);
  const stream = world.startStream();
  await until("the slot waits for the transaction", () => stream.status.state === "copying");
  await holder.query("commit");
  await holder.end();
  await until("ready", () => stream.status.isReady && stream.status.copying.length === 0, 40_000);
  await world.expectEqual();
  expect(await world.rows("grown")).toContainEqual({ id: 7, word: "there", note: "filled" });
});
