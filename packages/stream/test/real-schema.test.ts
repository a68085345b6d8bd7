import { execFile } from "node:child_process";
import { join } from "node:path";
import { landingTables } from "@xianfeng/clickhouse/generated/landing";
import { ensureLandingTables } from "@xianfeng/clickhouse/landing";
import { migrate } from "@xianfeng/db/migrate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPublication } from "../src/checks.ts";
import { until, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
  await migrate(world.database.owner);
}, 120_000);
afterAll(() => world?.close());

test("the platform's own tables flow, from a database with row security, into tables that were made beforehand", async () => {
  await ensureLandingTables(world.clickhouse, landingTables);
  await world.run(
    "insert into tenant (id, code) values (1, 'a'), (2, 'b')",
    "insert into party_org (tenant_id, kind, code, short_name, full_name, opened_on) select t, 'branch', 'c' || g, '支部' || g, '第' || g || '党支部', '1948-05-01' from generate_series(1, 50) g, generate_series(1, 2) t",
    "insert into person (tenant_id, birth_year, sex) select 1, 1930 + g % 70, 'female' from generate_series(1, 200) g",
  );
  const stream = world.startStream();
  await until("ready", () => stream.status.isReady, 40_000);
  await world.run(
    "insert into org_version (tenant_id, org_id, full_name, kind, valid_from) select tenant_id, id, full_name, kind, '1948-05-01' from party_org",
    "insert into rule_parameter (tenant_id, key, value, severity, document, article, valid_from) values (1, 'k', '{\"months\": 3}', 'warn', '文', '第一条', '2020-01-01')",
    "update party_org set full_name = full_name || '（新）' where tenant_id = 2",
    "delete from person where birth_year = 1931",
  );
  await world.expectEqual();
  expect(stream.status.refused).toBe(0);
  expect((await world.rows<{ opened_on: string }>("party_org"))[0]?.opened_on).toBe("1948-05-01");
});

test("the generated landing tables are those that the stream finds in the catalog", async () => {
  const found = (await readPublication(world.sql)).map((table) => table.landing);
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect([...found].sort(byName)).toEqual([...landingTables].sort(byName));
});

/** Runs the command line as an operator would. */
function cli(...args: string[]): Promise<{ code: number; text: string }> {
  const { databaseUrl, clickhouse } = world.place;
  const env = {
    ...process.env,
    STREAM_DATABASE_URL: databaseUrl,
    CLICKHOUSE_HTTP_URL: clickhouse.url,
    CLICKHOUSE_LANDING_PASSWORD: clickhouse.password,
  };
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [join(import.meta.dirname, "../src/cli.ts"), ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    ),
  );
}

test("the command line compares, shows a difference by table, and does not recover a stream that is well", async () => {
  const equal = await cli("reconcile");
  expect(equal.code).toBe(0);
  expect(equal.text).toMatch(/^party_org +100 +100 +0$/m);
  await world.clickhouse.command(
    "INSERT INTO raw.party_org SELECT * REPLACE ('x' AS code, _version + 1 AS _version) FROM raw.party_org FINAL WHERE id = 7",
  );
  const different = await cli("reconcile", "--json");
  expect(different.code).toBe(1);
  const result = JSON.parse(different.text) as { equal: boolean; tables: { table: string; differences: number }[] };
  expect(result.equal).toBe(false);
  expect(result.tables.filter((table) => table.differences > 0)).toMatchObject([
    { table: "party_org", differences: 1 },
  ]);
  const running = await cli("recover");
  expect(running.code).toBe(2);
  expect(running.text).toMatch(/is reading the slot and is well/);
  expect((await cli("unknown")).code).toBe(2);
});
