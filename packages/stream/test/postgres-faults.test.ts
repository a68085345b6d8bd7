import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { ensureRoles } from "@xianfeng/stack/roles";
import { testPasswords } from "@xianfeng/stack/testing";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recover, type Stream } from "../src/index.ts";
import { slotLsn } from "./postgres.ts";
import { until, World } from "./world.ts";

/** A server of this file's own, because it is killed and keeps little log. */
let server: RunningPostgres;
let folder: string;
let world: World;
let stream: Stream;

const start = (port?: number) =>
  embeddedPostgres({
    dataDir: join(folder, "data"),
    password: "test-superuser-password",
    ...(port && { port }),
    settings: {
      fsync: "off",
      shared_buffers: "32MB",
      max_slot_wal_keep_size: "64MB",
      autovacuum: "off",
      logical_decoding_work_mem: "64kB",
    },
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "xianfeng-stream-pg-"));
  server = await start();
  await ensureRoles(server.url, testPasswords);
  world = await World.open(server.url);
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  await world.run("insert into item values (1, 'one')", "create table noise (words text)");
  stream = world.startStream();
  await until("ready", () => stream.status.isReady);
});
afterAll(async () => {
  await world?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
  removeElsewhere(join(folder, "data"));
});

async function client(): Promise<pg.Client> {
  const one = new pg.Client({ connectionString: world.database.owner });
  one.on("error", () => undefined);
  await one.connect();
  return one;
}

test("FA02, FA03: PostgreSQL dies inside a transaction and right after a confirm: no unfinished row, nothing lost", async () => {
  const first = await client();
  await first.query("insert into item values (2, 'confirmed, no checkpoint after it')");
  await until("landed", async () => (await world.rows("item")).length === 2);
  const open = await client();
  await open.query("begin");
  await open.query("insert into item select g, 'unfinished' from generate_series(1000, 50000) g");
  await server.kill();
  await until("noticed", () => !stream.status.isReady);
  expect(stream.status.toJson()).toMatchObject({ dependencies: { postgres: { state: "down" } } });
  const { reconnects } = stream.status;
  server = await start(server.port);
  await until("ready again", () => stream.status.isReady, 40_000);
  expect(reconnects).toBeGreaterThan(0);
  await world.reconnect();
  await world.run("insert into item values (3, 'after')");
  await world.expectEqual();
  expect((await world.rows("item")).length).toBe(3);
  await first.end().catch(() => undefined);
  await open.end().catch(() => undefined);
});

test("FA02: SIGKILL of PostgreSQL in the middle of a COPY of 200,000 rows: none of them appears, and the same COPY afterwards arrives whole", async () => {
  await until("ready", () => stream.status.isReady);
  const copy = async (rows: number, ends: boolean): Promise<void> => {
    const one = await client();
    // The log decoder spills what does not fit, so that an unfinished transaction has left something behind.
    await one.query("begin");
    const into = one.query(copyFrom("copy item (id, word) from stdin"));
    into.on("error", () => undefined);
    for (let from = 0; from < rows; from += 1_000) {
      const lines = Array.from({ length: 1_000 }, (_, at) => `${1_000_000 + from + at}\tcopied\n`).join("");
      if (!into.write(lines)) await new Promise<void>((drained) => into.once("drain", drained));
    }
    if (!ends) {
      await server.kill();
      await one.end().catch(() => undefined);
      return;
    }
    into.end();
    await finished(into);
    await one.query("commit");
    await one.end();
  };
  const before = (await world.rows("item")).length;
  const { reconnects } = stream.status;
  await copy(150_000, false);
  await until("noticed", () => !stream.status.isReady);
  server = await start(server.port);
  await until("ready again", () => stream.status.isReady, 40_000);
  expect(stream.status.reconnects).toBeGreaterThan(reconnects);
  await world.reconnect();
  await world.expectEqual();
  expect(await world.rows("item")).toHaveLength(before);
  await copy(200_000, true);
  await world.expectEqual();
  expect(await world.rows("item")).toHaveLength(before + 200_000);
  await world.run("delete from item where id >= 1000000");
  await world.expectEqual();
});

test("FA03: SIGKILL of PostgreSQL right after a confirm: what it sends again carries the same versions", async () => {
  const admin = new pg.Client({ connectionString: world.database.admin });
  await admin.connect();
  await admin.query("checkpoint");
  await admin.end();
  await world.run(
    "insert into item select g, 'again' from generate_series(2000, 2099) g",
    "update item set word = 'again and again' where id between 2050 and 2099",
  );
  await world.expectEqual();
  const lsn = await slotLsn(world.sql);
  await until("confirmed", async () => (await slotLsn(world.sql)) >= lsn && stream.status.caughtUp);
  const versions = () =>
    world.clickhouse.query<{ id: number; version: string }>(
      "SELECT id, toString(_version) AS version FROM raw.item FINAL WHERE id BETWEEN 2000 AND 2099 ORDER BY id",
    );
  const before = await versions();
  await server.kill();
  await until("noticed", () => !stream.status.isReady);
  server = await start(server.port);
  await until("ready again", () => stream.status.isReady, 40_000);
  await world.reconnect();
  await world.expectEqual();
  expect(before).toHaveLength(100);
  expect(await versions()).toEqual(before);
});

/** Values below the size at which PostgreSQL would compress them. */
async function writeLog(megabytes: number): Promise<void> {
  for (let done = 0; done < megabytes; done += 8) {
    await world.run("insert into noise select repeat('x', 1000) from generate_series(1, 8000)");
  }
}

test("FA05: an alarm comes before the slot is lost; then the stream stops with text, and recovery mends it", async () => {
  await world.stopEngine();
  // A row that cannot land keeps the slot where it is.
  await world.run("insert into item values (4, 'waits')");
  await until("alarm", async () => {
    await writeLog(4);
    return stream.status.alarm !== undefined;
  });
  expect(stream.status.slotStatus).not.toBe("lost");
  expect(stream.status.toJson()).toMatchObject({
    ready: false,
    alarm: expect.stringContaining("max_slot_wal_keep_size"),
  });
  await writeLog(96);
  const admin = new pg.Client({ connectionString: world.database.admin });
  await admin.connect();
  await until("lost", async () => {
    await admin.query("select pg_switch_wal()");
    await admin.query("checkpoint");
    const { rows } = await admin.query<{ status: string }>(
      "select wal_status as status from pg_replication_slots where slot_name = 'xianfeng_cdc'",
    );
    return rows[0]?.status === "lost";
  });
  await admin.end();
  await world.startEngine();
  await until("stopped", () => stream.status.reason === "slot_lost");
  expect(stream.status.message).toMatch(/cli\.ts recover/);
  await recover(world.place);
  await until("ready", () => stream.status.isReady);
  await world.expectEqual();
});
