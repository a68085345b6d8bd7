import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { ensureRoles } from "@xianfeng/stack/roles";
import { testPasswords } from "@xianfeng/stack/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recover } from "../src/index.ts";
import { until, World } from "./world.ts";

/** A server of this file's own, because its files are put back to an older state. */
let server: RunningPostgres;
let folder: string;
let world: World;

const start = (port?: number) =>
  embeddedPostgres({
    dataDir: join(folder, "data"),
    password: "test-superuser-password",
    ...(port && { port }),
    settings: { fsync: "off", shared_buffers: "32MB", autovacuum: "off" },
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "xianfeng-stream-restore-"));
  server = await start();
  await ensureRoles(server.url, testPasswords);
  world = await World.open(server.url);
  await world.publish({ name: "item", columns: "id int primary key, word text" });
  await world.run("create table noise (words text)");
});
afterAll(async () => {
  await world?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
  removeElsewhere(join(folder, "data"));
});

test("G16: files put back to an older state, written on past the old place: the stream notices that it is another history, and after recovery no old version wins", async () => {
  const data = server.dataDir;
  await world.run("insert into item select g, 'before' from generate_series(1, 100) g");
  const first = world.startStream();
  await until("ready", () => first.status.isReady && first.status.caughtUp);
  await world.expectEqual();
  await world.stopStreams();
  await world.sql.end();
  await server.stop();
  // With the owner of each file, because the server runs as another account when the tests run as root.
  execFileSync("cp", ["-a", data, `${data}.older`]);

  // What only the lost history has.
  server = await start(server.port);
  await world.reconnect();
  const second = world.startStream();
  await until("ready", () => second.status.isReady);
  await world.run(
    "update item set word = 'lost' where id <= 50",
    "insert into item values (500, 'lost')",
    "delete from item where id > 90",
  );
  await world.expectEqual();
  const reached = second.status.checkedLsn;
  await world.stopStreams();
  await world.sql.end();
  await server.stop();
  rmSync(data, { recursive: true });
  renameSync(`${data}.older`, data);

  // The older state is the present one now, and is past the old place before anybody reads.
  server = await start(server.port);
  await world.reconnect();
  await world.run("insert into item values (600, 'new history')", "update item set word = 'new history' where id = 95");
  await until("past the old place", async () => {
    await world.run("insert into noise select repeat('x', 1000) from generate_series(1, 1000)");
    const { rows } = await world.sql.query<{ past: boolean }>(
      "select pg_current_wal_flush_lsn() - '0/0'::pg_lsn > $1::numeric as past",
      [String(reached)],
    );
    return rows[0]?.past === true;
  });
  const third = world.startStream();
  await until("stopped", () => third.status.state === "stopped");
  expect(third.status.reason).toBe("other_history");
  expect(third.status.message).toMatch(/put back to an older state\. Mend: .*recover/);
  expect(third.status.isReady).toBe(false);
  await recover(world.place);
  await until("ready", () => third.status.isReady);
  await world.run("update item set word = 'written on' where id = 1", "delete from item where id = 2");
  await world.expectEqual();
  const rows = await world.rows<{ id: number; word: string }>("item");
  expect(rows.filter(({ word }) => word === "lost")).toEqual([]);
  expect(rows).toHaveLength(100);
  expect(rows[0]).toEqual({ id: 1, word: "written on" });
});
