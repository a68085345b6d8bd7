import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClickHouse } from "@xianfeng/clickhouse";
import { freePort } from "@xianfeng/stack/ports";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reconcile, Stream, silent } from "../src/index.ts";
import { killed, tell, until, World } from "../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.publish({ name: "item", columns: "id int primary key, n int, word text" });
});
afterAll(() => world?.close());

const password = "test-landing-password-0000";

/** An engine whose data lies on a disk of so many megabytes, in a namespace of its own (`unshare -rm`, which needs no root). */
async function engineOnSmallDisk(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), "xianfeng-small-disk-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const port = await freePort();
  const main = join(import.meta.dirname, "../../engine/src/main.ts");
  const child: ChildProcess = spawn(
    "unshare",
    [
      "-rm",
      "sh",
      "-c",
      `mount -t tmpfs -o size=${megabytes}m tmpfs "$1" && exec "$2" "$3"`,
      "sh",
      disk,
      process.execPath,
      main,
    ],
    {
      env: {
        ...process.env,
        ENGINE_PORT: String(port),
        STATE_DIR: disk,
        UV_THREADPOOL_SIZE: "128",
        CLICKHOUSE_LANDING_PASSWORD: password,
        CLICKHOUSE_DBT_PASSWORD: "test-dbt-password-00000000",
        CLICKHOUSE_CUBE_PASSWORD: "test-cube-password-0000000",
        CLICKHOUSE_SEAL_PASSWORD: "test-seal-password-0000000",
      },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await until(
    "the engine answers",
    async () => (await fetch(`${url}/ping`).catch(() => undefined))?.status === 200,
    120_000,
  );
  // Only inside of its namespace is the disk to be seen; the way there leads through its process.
  const inside = `/proc/${child.pid}/root${disk}`;
  return {
    url,
    fill: () => {
      try {
        execFileSync("dd", ["if=/dev/zero", `of=${inside}/filler`, "bs=64k"], { stdio: "ignore" });
      } catch {
        // It ends with the disk.
      }
    },
    free: () => rmSync(`${inside}/filler`),
    close: async () => {
      await killed(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("FA16: with ClickHouse's disk full nothing is confirmed, health says why, and the stream goes on by itself when there is room", async () => {
  const engine = await engineOnSmallDisk(192);
  const place = { databaseUrl: world.database.stream, clickhouse: { url: engine.url, user: "landing", password } };
  const stream = new Stream({ ...place, log: silent, pollMs: 200, heartbeatMs: 200 });
  try {
    stream.start();
    await until("ready", () => stream.status.isReady, 60_000);
    await world.run("insert into item select g, 1, 'before' from generate_series(1, 1000) g");
    expect((await reconcile({ ...place, waitMs: 60_000 })).equal).toBe(true);
    engine.fill();
    await world.run(
      "insert into item select g, 2, md5(g::text) from generate_series(2000, 40000) g",
      "delete from item where id < 100",
    );
    await until(
      "health says why",
      () => !stream.status.isReady && /space|NOT_ENOUGH_SPACE|243|disk/i.test(stream.status.clickhouseTrouble ?? ""),
      60_000,
    );
    console.log(`said: ${stream.status.clickhouseTrouble}`);
    const confirmed = stream.status.checkedLsn;
    const { retries } = stream.status;
    await until("asks again", () => stream.status.retries > retries || stream.status.reconnects > 0, 60_000);
    expect(stream.status.checkedLsn).toBe(confirmed);
    engine.free();
    await until("ready again", () => stream.status.isReady, 120_000);
    const result = await reconcile({ ...place, waitMs: 120_000 });
    expect(result.tables.filter(({ differences }) => differences > 0)).toEqual([]);
    expect(stream.status.refused).toBe(0);
  } finally {
    await stream.stop();
    await engine.close();
    // The next test has a ClickHouse of its own that knows nothing of this slot.
    await until("the slot is free", async () => {
      const { rows } = await world.sql.query(
        "select 1 from pg_replication_slots where slot_name = 'xianfeng_cdc' and active",
      );
      return rows.length === 0;
    });
    const admin = new pg.Client({ connectionString: world.database.admin });
    await admin.connect();
    await admin.query("select pg_drop_replication_slot('xianfeng_cdc')");
    await admin.end();
  }
});

test("FA17: an insert that fails half-way leaves a part of its rows; the repeat converges; and no batch of the stream is that large", async ({
  task,
}) => {
  const rows = 1_500_000;
  const clickhouse = createClickHouse({ ...world.place.clickhouse, tag: "test", timeoutMs: 600_000 });
  await clickhouse.command(
    "CREATE TABLE raw.large (id Int32, n Int32, _version UInt128, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id",
  );
  const lines = Buffer.from(Array.from({ length: rows }, (_, id) => `${id}\t${id % 7}\t5\t0\n`).join(""));
  const broken = Buffer.concat([lines, Buffer.from("no number\t1\t5\t0\n")]);
  const columns = ["id", "n", "_version", "_deleted"];
  await expect(clickhouse.insertLines("raw.large", columns, broken)).rejects.toThrow();
  const count = async (final: string) =>
    Number((await clickhouse.query<{ n: string }>(`SELECT toString(count()) AS n FROM raw.large ${final}`))[0]?.n);
  const left = await count("");
  tell(task, `${left} of ${rows} rows were there after the error`);
  await clickhouse.insertLines("raw.large", columns, lines);
  expect(await count("FINAL")).toBe(rows);
  await clickhouse.close();

  const port = await freePort();
  world.spawnStream({ STREAM_PORT: String(port) });
  await until(
    "ready",
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200,
    120_000,
  );
  await world.run("insert into item select g, g, 'x' from generate_series(100000, 1600000) g");
  await world.expectEqual(600_000);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const largest = Number(/^xianfeng_stream_batch_rows_max (\d+)$/m.exec(metrics)?.[1]);
  tell(task, `largest batch ${largest} rows`);
  expect(largest).toBeGreaterThan(10_000);
  expect(largest).toBeLessThan(200_000);
});
