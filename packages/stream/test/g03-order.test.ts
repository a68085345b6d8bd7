import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stream, versionOf } from "../src/index.ts";
import { until, World } from "./world.ts";

let world: World;
let stream: Stream;
beforeAll(async () => {
  world = await World.open();
  await world.publish(
    { name: "item", columns: "id int primary key, word text" },
    { name: "pair", columns: "a int, b text, word text, primary key (a, b)" },
  );
  stream = world.startStream();
  await until("streaming", () => stream.status.state === "streaming");
});
afterAll(() => world?.close());

test("G3: several changes of a key in one transaction end with the last", async () => {
  await world.run(
    "begin",
    "insert into item values (1, 'a')",
    "update item set word = 'b' where id = 1",
    "insert into item values (2, 'gone')",
    "delete from item where id = 2",
    "insert into item values (2, 'back')",
    "insert into item values (3, 'x')",
    "update item set word = 'y' where id = 3",
    "update item set word = 'z' where id = 3",
    "insert into item values (4, 'never')",
    "delete from item where id = 4",
    "commit",
  );
  await world.expectEqual();
  expect(await world.rows("item")).toEqual([
    { id: 1, word: "b" },
    { id: 2, word: "back" },
    { id: 3, word: "z" },
  ]);
});

test("G3: an old batch that comes again never wins", async () => {
  await world.run("insert into item values (10, 'first')");
  await world.expectEqual();
  const old = await world.clickhouse.query<object>(
    "SELECT id, word, toString(_version) AS _version, _deleted FROM raw.item WHERE id = 10",
  );
  await world.run("update item set word = 'second' where id = 10", "delete from item where id = 1");
  await world.expectEqual();
  await world.clickhouse.insert("raw.item", old);
  const ancient = { id: 1, word: "old", _version: String(versionOf(1, 1n, 1)), _deleted: 0 };
  await expect(world.clickhouse.insert("raw.item", [ancient])).rejects.toThrow(/copied_from/);
  await world.clickhouse.command("OPTIMIZE TABLE raw.item FINAL");
  await world.expectEqual();
  expect(await world.rows("item")).toContainEqual({ id: 10, word: "second" });
});

test("G9, FA12, FA13: a changed key is a delete and an insert; TRUNCATE empties, and later rows stay", async () => {
  await world.run("insert into pair values (1, 'x', 'one'), (2, 'y', 'two')");
  await world.run("update pair set b = 'z', word = 'moved' where a = 1");
  await world.expectEqual();
  expect(await world.rows("pair", "a")).toEqual([
    { a: 1, b: "z", word: "moved" },
    { a: 2, b: "y", word: "two" },
  ]);
  await world.run(
    "begin",
    "insert into pair values (3, 'q', 'before')",
    "truncate pair, item",
    "insert into pair values (2, 'y', 'after')",
    "commit",
  );
  await world.expectEqual();
  expect(await world.rows("pair", "a")).toEqual([{ a: 2, b: "y", word: "after" }]);
  expect(await world.rows("item")).toEqual([]);
  await world.run("insert into item values (1, 'again')");
  await world.expectEqual();
  expect(await world.rows("item")).toEqual([{ id: 1, word: "again" }]);
});
