import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { recover, type Stream } from "../src/index.ts";
import { onFreeSlot } from "./postgres.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  await world.run("insert into item values (1, 'one'), (2, 'two')");
  const stream = world.startStream();
  await until("ready", () => stream.status.isReady);
});
afterEach(() => world.stopStreams());
afterAll(() => world?.close());

async function stops(reason: string, text: RegExp): Promise<Stream> {
  const stream = world.startStream();
  await until(`stopped: ${reason}`, () => stream.status.state === "stopped");
  expect(stream.status.reason).toBe(reason);
  expect(stream.status.message).toMatch(text);
  expect(stream.status.isReady).toBe(false);
  return stream;
}

async function goesOn(stream: Stream): Promise<void> {
  await until("ready again", () => stream.status.isReady);
  await world.expectEqual();
}

test("G6, FA04: a lost slot stops the stream; it is never made anew in silence; recovery brings no deleted row back (G15)", async () => {
  await world.stopStreams();
  await onFreeSlot(world.sql, "select pg_drop_replication_slot('xianfeng_cdc')");
  await world.run("delete from item where id = 1", "insert into item values (3, 'while nobody looked')");
  const stream = await stops("slot_missing", /cli\.ts recover/);
  const { rowCount } = await world.sql.query("select 1 from pg_replication_slots where slot_name = 'xianfeng_cdc'");
  expect(rowCount).toBe(0);
  expect(await world.rows("item")).toHaveLength(2);
  expect(await recover(world.place)).toBe(2);
  await goesOn(stream);
  expect(await world.rows("item")).toEqual([
    { id: 2, word: "two" },
    { id: 3, word: "while nobody looked" },
  ]);
});

test("G6: a slot made anew under the same name is a gap", async () => {
  await world.stopStreams();
  await onFreeSlot(world.sql, "select pg_drop_replication_slot('xianfeng_cdc')");
  await world.run("insert into item values (4, 'in the gap')");
  await world.run("select pg_create_logical_replication_slot('xianfeng_cdc', 'pgoutput')");
  const stream = await stops("gap", /begins at .* but raw ends at/);
  await recover(world.place);
  await goesOn(stream);
});

test("G6: a slot of another plugin is not touched", async () => {
  await world.stopStreams();
  await onFreeSlot(world.sql, "select pg_drop_replication_slot('xianfeng_cdc')");
  await world.run("select pg_create_physical_replication_slot('xianfeng_cdc')");
  const stream = world.startStream();
  await until("stopped", () => stream.status.state === "stopped");
  expect(stream.status.reason).toBe("foreign_slot");
  await world.run("select pg_drop_replication_slot('xianfeng_cdc')");
  await recover(world.place);
  await goesOn(stream);
});

test("G6: another server", async () => {
  await world.clickhouse.command(
    "INSERT INTO raw._source SELECT id, epoch, '1234567', timeline, database, slot, slot_lsn, _version + 1 FROM raw._source FINAL",
  );
  const stream = await stops("other_server", /another server or database/);
  await world.clickhouse.command(
    "INSERT INTO raw._source SELECT id, epoch, system_identifier, timeline, database, slot, slot_lsn, (SELECT max(_version) + 1 FROM raw._source) FROM raw._source WHERE system_identifier != '1234567' ORDER BY _version DESC LIMIT 1",
  );
  await goesOn(stream);
});

test("G6: another timeline, and a server older than what has landed (G16)", async () => {
  await world.clickhouse.command(
    "INSERT INTO raw._source SELECT id, epoch, system_identifier, timeline + 1, database, slot, slot_lsn, _version + 1 FROM raw._source FINAL",
  );
  const stream = await stops("other_timeline", /restored or a standby was promoted/);
  await world.clickhouse.command(
    "INSERT INTO raw._source SELECT id, epoch, system_identifier, timeline - 1, database, slot, slot_lsn, _version + 1 FROM raw._source FINAL",
  );
  await until("ready again", () => stream.status.isReady);
  await world.stopStreams();
  await world.clickhouse.command(
    "INSERT INTO raw._applied SELECT id, as_of, as_of_lsn, as_of_lsn_text, checked_at, checked_lsn + 1000000000000, epoch, _version + bitShiftLeft(toUInt128(1000000000000), 32) FROM raw._applied FINAL",
  );
  const older = await stops("older_server", /an older backup was restored/);
  await recover(world.place);
  await goesOn(older);
  await world.run("update item set word = 'after recovery'");
  await goesOn(older);
  expect(new Set((await world.rows<{ word: string }>("item")).map((row) => row.word))).toEqual(
    new Set(["after recovery"]),
  );
});

const mends: [what: string, reason: string, breaks: string, text: RegExp][] = [
  [
    "a publication that leaves out deletes",
    "publication",
    "alter publication xianfeng_cdc set (publish = 'insert, update')",
    /Mend: (ALTER PUBLICATION [^;]*;)/,
  ],
  [
    "a replica identity other than the key",
    "replica_identity",
    "alter table item replica identity full",
    /Mend: (ALTER TABLE "item" REPLICA IDENTITY DEFAULT;)/,
  ],
  [
    "a row filter",
    "publication",
    "alter publication xianfeng_cdc set table item where (id > 1)",
    /Mend: (ALTER PUBLICATION xianfeng_cdc DROP TABLE "item"; ALTER PUBLICATION xianfeng_cdc ADD TABLE "item";)/,
  ],
  [
    "a right taken away",
    "role",
    "revoke select on item from xf_stream",
    /Mend: (GRANT SELECT ON "item" TO xf_stream;)/,
  ],
];
for (const [what, reason, breaks, text] of mends) {
  test(`G6: ${what} stops it, also while it runs, and the SQL in its message mends it`, async () => {
    const running = world.startStream();
    await until("ready", () => running.status.isReady);
    await world.run(breaks);
    await until("stopped while running", () => running.status.state === "stopped");
    expect(running.status.reason).toBe(reason);
    const mend = text.exec(running.status.message ?? "")?.[1];
    expect(mend).toBeDefined();
    await world.run(...(mend ?? "").split(/(?<=;)\s*/).filter(Boolean), "update item set word = word || '.'");
    await goesOn(running);
  });
}

test("G6: a publication of all tables would carry names: refused", async () => {
  await world.run("drop publication xianfeng_cdc");
  const admin = world.startStream();
  await until("stopped", () => admin.status.state === "stopped");
  expect(admin.status.message).toMatch(/is missing/);
});
