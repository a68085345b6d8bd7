import { execFile } from "node:child_process";
import { join } from "node:path";
import { migrate } from "@xianfeng/db/migrate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reconcile } from "../src/index.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await migrate(world.database.owner);
}, 120_000);
afterAll(async () => {
  await world?.reconnect();
  await world?.run(`drop database if exists ${world.database.name}_replaced with (force)`);
  await world?.close();
});

/** `npm run backup` and `npm run restore`, as an operator with servers of his own calls them. */
function stack(...args: string[]): Promise<{ code: number; text: string }> {
  const { databaseUrl, clickhouse } = world.place;
  const env = {
    PATH: process.env.PATH,
    STATE_DIR: join(world.folder, "state"),
    DATABASE_URL: world.database.owner,
    STREAM_DATABASE_URL: databaseUrl,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_LANDING_PASSWORD: clickhouse.password,
    DATA_KEY: "data-key-of-the-tests-000000",
    BLIND_INDEX_KEY: "blind-index-key-of-the-tests-0",
    BACKUP_PASSPHRASE: "一个足够长的备份口令 2026",
  };
  const program = join(import.meta.dirname, "../../stack/src/cli.ts");
  return new Promise((resolve) =>
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr }),
    ),
  );
}

const branches = async () => (await world.rows<{ code: string }>("party_org")).map(({ code }) => code);

test("G16: after a restore under a stream that was well ahead, ClickHouse holds what was restored, and follows again", async () => {
  await world.run(
    "insert into tenant (id, code) values (1, 'a')",
    "insert into party_org (id, tenant_id, kind, code, short_name, full_name, opened_on) select g, 1, 'branch', 'c' || g, '支部' || g, '第' || g || '党支部', '1948-05-01' from generate_series(1, 50) g",
    "insert into person (tenant_id, birth_year, sex) select 1, 1930 + g % 70, 'female' from generate_series(1, 2000) g",
  );
  let stream = world.startStream();
  await until("ready", () => stream.status.isReady, 40_000);
  const file = join(world.folder, "drill.backup");
  const written = await stack("backup", file);
  expect(written, written.text).toMatchObject({ code: 0 });

  // What happens after the backup has newer versions in ClickHouse than anything that a restored server will write soon.
  await world.run(
    "delete from party_org where id <= 10",
    "update party_org set code = 'changed ' || id where id > 40",
    "insert into party_org (id, tenant_id, kind, code, short_name, full_name, opened_on) values (90, 1, 'branch', 'after', '后', '后来的党支部', '1948-05-01')",
    "delete from person where birth_year < 1960",
  );
  await world.expectEqual();
  expect(await branches()).toContain("after");
  await world.stopStreams();
  await world.sql.end();

  const restored = await stack("restore", file, "--yes");
  expect(restored, restored.text).toMatchObject({ code: 0 });
  await world.reconnect();
  stream = world.startStream();
  await until("ready again", () => stream.status.isReady, 40_000);
  const result = await reconcile({ ...world.place, waitMs: 30_000 });
  expect(result.tables.filter(({ differences }) => differences > 0)).toEqual([]);
  expect(result.equal).toBe(true);
  const codes = await branches();
  expect(codes).toHaveLength(50);
  expect(codes).toEqual(expect.arrayContaining(["c1", "c10", "c41", "c50"]));

  await world.run("update party_org set code = 'and on' where id = 3", "delete from party_org where id = 4");
  await world.expectEqual();
  expect(await branches()).toContain("and on");
}, 180_000);
