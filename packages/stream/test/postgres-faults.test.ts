import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { ensureRoles } from "@xianfeng/stack/roles";
import { testPasswords } from "@xianfeng/stack/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recover, type Stream } from "../src/index.ts";
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
    settings: { fsync: "off", shared_buffers: "32MB", max_slot_wal_keep_size: "64MB", autovacuum: "off" },
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
