import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platformUsers, type RunningEngine, startEngine } from "@xianfeng/engine";
import { afterAll, beforeAll, expect, test } from "vitest";
import { landingTables } from "../src/generated/landing.ts";
import { type ClickHouse, createClickHouse, createSealReader } from "../src/index.ts";
import { ensureLandingTables, type LandingTable, landingGap } from "../src/landing/index.ts";

const passwords = {
  landing: "test-landing-password-0000",
  dbt: "test-dbt-password-00000000",
  cube: "test-cube-password-0000000",
  seal: "test-seal-password-0000000",
};
let folder: string;
let engine: RunningEngine;
let landing: ClickHouse;
let dbt: ClickHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "xianfeng-clickhouse-test-"));
  engine = await startEngine({ dataPath: join(folder, "engine"), users: platformUsers(passwords) });
  landing = createClickHouse({ url: engine.url, user: "landing", password: passwords.landing, tag: "test" });
  dbt = createClickHouse({ url: engine.url, user: "dbt", password: passwords.dbt, tag: "test:dbt" });
});
afterAll(async () => {
  await landing?.close();
  await dbt?.close();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("numbers that JavaScript lacks come as text, parameters keep every character", async () => {
  const text = "引'号\\ \t\n 䶮𠮷";
  const [row] = await landing.query(
    "SELECT toInt64('9007199254740993') AS big, toDecimal64('1.10', 2) AS exact, {text:String} AS text",
    { text },
  );
  expect(row).toMatchObject({ big: "9007199254740993", text });
  expect(String((row as { exact: string }).exact)).toMatch(/^1\.10?$/);
});

test("a refusal carries ClickHouse's code, and a server that is away the socket's", async () => {
  await expect(landing.query("SELECT * FROM raw.nothing")).rejects.toMatchObject({ code: "60" });
  const away = createClickHouse({ url: "http://127.0.0.1:9", user: "landing", password: "x", tag: "test" });
  await expect(away.query("SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(await away.ping()).toBe(false);
  await away.close();
});

test("all generated landing tables can be made, twice, and have no gap; a new column shows as one", async () => {
  await ensureLandingTables(landing, landingTables);
  await ensureLandingTables(landing, landingTables);
  for (const table of landingTables) {
    expect({ table: table.name, ...(await landingGap(landing, table)) }).toEqual({
      table: table.name,
      missing: [],
      different: [],
      held: [],
      exists: true,
    });
  }
  const [first] = landingTables as [LandingTable];
  const column = {
    name: "later",
    clickhouse: "String",
    typescript: "string",
    kind: "text" as const,
    pgType: "text",
    nullable: true,
  };
  expect(await landingGap(landing, { ...first, columns: [...first.columns, column] })).toEqual({
    missing: ["later"],
    different: [],
    held: [],
    exists: true,
  });
  expect((await landingGap(landing, { ...first, columns: first.columns.slice(0, -1) })).different).toEqual([
    first.columns.at(-1)?.name,
  ]);
});

test("tab-separated lines land whole or not at all", async () => {
  await landing.command("CREATE TABLE raw.lines (id Int32, word Nullable(String)) ENGINE = MergeTree ORDER BY id");
  await landing.insertLines("raw.lines", ["id", "word"], Buffer.from("1\ta\\tb\n2\t\\N\n"));
  expect(await landing.query("SELECT * FROM raw.lines ORDER BY id")).toEqual([
    { id: 1, word: "a\tb" },
    { id: 2, word: null },
  ]);
  await expect(landing.insertLines("raw.lines", ["id", "word"], Buffer.from("3\tc\nx\td\n"))).rejects.toThrow();
  expect(await landing.query("SELECT toInt32(count()) AS n FROM raw.lines")).toEqual([{ n: 2 }]);
});

test("the seal reader reads one run of a mart, and only plain names", async () => {
  await dbt.command(
    "CREATE TABLE marts.fct_try (run_id String, rank Int32, num Int64) ENGINE = MergeTree ORDER BY rank",
  );
  await dbt.insert("marts.fct_try", [
    { run_id: "r1", rank: 2, num: "9007199254740993" },
    { run_id: "r1", rank: 1, num: 1 },
    { run_id: "r2", rank: 1, num: 1 },
  ]);
  const seal = createSealReader({ url: engine.url, password: passwords.seal });
  expect(await seal.readRun("fct_try", "r1", ["rank"])).toEqual([
    { run_id: "r1", rank: 1, num: "1" },
    { run_id: "r1", rank: 2, num: "9007199254740993" },
  ]);
  expect(await seal.readRun("fct_try", "r1' OR '1'='1", ["rank"])).toEqual([]);
  await expect(seal.readRun("fct_try; DROP TABLE x", "r1", ["rank"])).rejects.toThrow(/not a name/);
  await seal.close();
});
