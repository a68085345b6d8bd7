import { createClickHouse } from "@xianfeng/clickhouse";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweep } from "../src/fresh.ts";
import { versionOf } from "../src/index.ts";
import type { TableState } from "../src/relation.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  const stream = world.startStream();
  await until("ready", () => stream.status.isReady);
});
afterAll(() => world?.close());

const others = {
  dbt: "test-dbt-password-00000000",
  cube: "test-cube-password-0000000",
  seal: "test-seal-password-0000000",
};

test("G17: nobody but the stream writes raw: every other user of the engine is refused", async () => {
  await world.run("insert into item values (1, 'as it is')");
  await world.expectEqual();
  for (const [user, password] of Object.entries(others)) {
    const other = createClickHouse({ url: world.engine.url, user, password, tag: "test" });
    for (const sql of [
      "INSERT INTO raw.item (id, word, _version, _deleted) VALUES (1, 'forged', 1, 0)",
      "INSERT INTO raw._applied (id, _version) VALUES (1, 1)",
      "INSERT INTO raw._dead_letter (`table`) VALUES ('item')",
      "ALTER TABLE raw.item ADD COLUMN forged Int8",
      "ALTER TABLE raw.item UPDATE word = 'forged' WHERE 1",
      "ALTER TABLE raw.item DELETE WHERE 1",
      "DELETE FROM raw.item WHERE 1",
      "TRUNCATE TABLE raw.item",
      "DROP TABLE raw.item",
      "CREATE TABLE raw.forged (id Int8) ENGINE = MergeTree ORDER BY id",
      "EXCHANGE TABLES raw.item AND raw._applied",
      "OPTIMIZE TABLE raw.item FINAL",
      "OPTIMIZE TABLE raw.item FINAL CLEANUP",
      "SYSTEM STOP MERGES raw.item",
    ]) {
      await expect(other.command(sql), `${user}: ${sql}`).rejects.toThrow(
        /ACCESS_DENIED|READONLY|Not enough privileges|may not|Cannot execute query in readonly/i,
      );
    }
    await other.close();
  }
  await world.expectEqual();
  expect(await world.rows("item")).toEqual([{ id: 1, word: "as it is" }]);
});

test("G17: tombstones stay: the engine refuses to clean them away, so an old batch that comes again brings no deleted row back", async () => {
  await world.run("insert into item select g, 'first' from generate_series(100, 199) g");
  await world.expectEqual();
  const old = await world.clickhouse.query<object>(
    "SELECT id, word, toString(_version) AS _version, _deleted FROM raw.item WHERE id >= 100",
  );
  expect(old.length).toBeGreaterThanOrEqual(100);
  await world.run(
    "delete from item where id between 100 and 149",
    "update item set word = 'second' where id between 150 and 199",
  );
  await world.expectEqual();
  await expect(world.clickhouse.command("OPTIMIZE TABLE raw.item FINAL CLEANUP")).rejects.toThrow(/CLEANUP|cleanup/);
  await world.clickhouse.command("OPTIMIZE TABLE raw.item FINAL");
  const [tombstones] = await world.clickhouse.query<{ n: string }>(
    "SELECT toString(count()) AS n FROM raw.item WHERE _deleted = 1",
  );
  expect(Number(tombstones?.n)).toBeGreaterThanOrEqual(50);
  await world.clickhouse.insert("raw.item", old);
  await world.expectEqual();
  await world.clickhouse.command("OPTIMIZE TABLE raw.item FINAL");
  await world.expectEqual();
});

test("G3: batches that arrive in any order, any number of times, merged or not, converge to the newest version of each key", async () => {
  const seed = Number(process.env.SEED ?? 20261122);
  type Version = { id: number; lsn: bigint; ordinal: number; deleted: 0 | 1 };
  const change: fc.Arbitrary<Version> = fc.record({
    id: fc.integer({ min: 0, max: 5 }),
    lsn: fc.integer({ min: 1, max: 6 }).map(BigInt),
    ordinal: fc.integer({ min: 0, max: 4 }),
    deleted: fc.constantFrom<0 | 1>(0, 1),
  });
  const key = (one: Version) => versionOf(1, one.lsn, one.ordinal);
  // A place of the log is one change: the same version of a key is always the same row.
  const log = fc.uniqueArray(change, { minLength: 1, maxLength: 30, selector: (one) => `${one.id} ${key(one)}` });
  const replays = log.chain((changes) =>
    fc.record({
      changes: fc.constant(changes),
      batches: fc.array(fc.array(fc.constantFrom(...changes), { maxLength: 8 }), { maxLength: 6 }),
      merge: fc.boolean(),
    }),
  );
  await world.clickhouse.command(
    "CREATE TABLE raw.anyorder (id Int32, word String, _version UInt128, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id",
  );
  await fc.assert(
    fc.asyncProperty(replays, async ({ changes, batches, merge }) => {
      await world.clickhouse.command("TRUNCATE TABLE raw.anyorder");
      for (const batch of [...batches, changes, ...batches.toReversed()]) {
        const rows = batch.map((one) => ({
          id: one.id,
          word: `${key(one)}`,
          _version: String(key(one)),
          _deleted: one.deleted,
        }));
        if (rows.length > 0) await world.clickhouse.insert("raw.anyorder", rows);
        if (merge) await world.clickhouse.command("OPTIMIZE TABLE raw.anyorder FINAL");
      }
      const newest = new Map<number, Version>();
      for (const one of changes) {
        const known = newest.get(one.id);
        if (!known || key(one) > key(known)) newest.set(one.id, one);
      }
      const wanted = [...newest.values()]
        .filter((one) => one.deleted === 0)
        .map((one) => ({ id: one.id, word: `${key(one)}` }))
        .sort((a, b) => a.id - b.id);
      expect(await world.rows("anyorder")).toEqual(wanted);
    }),
    { seed, numRuns: 15 },
  );
});

test("G2: a large table is emptied in turns: each row from before goes once, later ones stay", async () => {
  const { clickhouse } = world;
  await clickhouse.command("CREATE TABLE raw.swept AS raw.item");
  await clickhouse.command("ALTER TABLE raw.swept DROP CONSTRAINT copied_from");
  await clickhouse.command(
    "INSERT INTO raw.swept (id, word, _version) SELECT number, 'row', if(number < 900, 10, 30) FROM numbers(1000)",
  );
  let statements = 0;
  const command = (sql: string) => {
    statements += 1;
    return clickhouse.command(sql);
  };
  await sweep({ ...clickhouse, command }, { landing: { key: ["id"] } } as TableState, "raw.swept", 20n, 300);
  expect(
    await clickhouse.query("SELECT toUInt32(count()) AS rest, toUInt32(min(id)) AS first FROM raw.swept FINAL"),
  ).toEqual([{ rest: 100, first: 900 }]);
  expect(statements).toBe(4);
  await clickhouse.command("DROP TABLE raw.swept SYNC");
});
