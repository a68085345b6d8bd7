import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import { landingTables } from "@xianfeng/clickhouse/generated/landing";
import { controlTablesSql, createLandingSql } from "@xianfeng/clickhouse/landing";
import { platformUsers, type RunningEngine, startEngine } from "@xianfeng/engine";
import { deployWarehouse } from "../deploy.ts";
import { computeParts } from "../refresh/compute.ts";
import type { Part } from "../refresh/kept.ts";
import { Refresher, type RefresherStatus } from "../refresh/refresher.ts";

/** Fixed, because a throw-away engine on loopback has nothing to hide. */
export const passwords = {
  landing: "test-landing-password-000",
  dbt: "test-dbt-password-0000000",
  cube: "test-cube-password-000000",
  seal: "test-seal-password-000000",
};

export type Row = Record<string, unknown>;

/** A model or a landing table, by dbt's own name of it. */
export type Model = { id: string; name: string; isLanding: boolean; reads: string[] };

/** A ClickHouse engine with landing tables and deployed marts, filled by hand as the stream would fill it. */
export type TestWarehouse = {
  url: string;
  /** Inserts rows of published tables as one committed transaction and returns its end in the log. Missing columns get a plain value. */
  commit(tables: Record<string, Row[]>, options?: { at?: string; leaveUnapplied?: boolean }): Promise<bigint>;
  /** Lands more rows of the newest commit, which was left unapplied. */
  land(table: string, rows: Row[]): Promise<void>;
  /** Lands tombstones. */
  remove(table: string, keys: Row[]): Promise<bigint>;
  /** Says that everything committed so far has landed. */
  applied(): Promise<void>;
  /** Says that everything up to the end of an earlier commit has landed. */
  appliedUpTo(end: bigint): Promise<void>;
  /** Polls until every built mart has reached the newest commit. */
  settled(): Promise<void>;
  /** SELECT as the user that Cube has. */
  ask<Answer>(sql: string): Promise<Answer[]>;
  /** SELECT as dbt, which may read every database. */
  askAll<Answer>(sql: string): Promise<Answer[]>;
  /** Undefined when somebody else's refresher works there. */
  refresher: Refresher | undefined;
  /** The refresher's last round; undefined when somebody else's refresher works there. */
  refreshed(): RefresherStatus | undefined;
  /** What dbt knows of the models: what each one reads. */
  models(): Promise<Model[]>;
  /** Computes all of the attendance table once more, beside it. Milliseconds. */
  recomputed(): Promise<number>;
  stop(): Promise<void>;
};

/** Starts the engine and deploys; `tests` runs dbt's own tests as well. */
export async function startWarehouse(options: { tests?: boolean; url?: string } = {}): Promise<TestWarehouse> {
  const folder = mkdtempSync(join(tmpdir(), "xianfeng-warehouse-"));
  const engine: RunningEngine | undefined = options.url
    ? undefined
    : await startEngine({ dataPath: join(folder, "data"), users: platformUsers(passwords) });
  const url = options.url ?? engine?.url ?? "";
  const as = (user: "landing" | "dbt" | "cube") =>
    createClickHouse({ url, user, password: passwords[user], tag: `test-${user}` });
  const [landing, dbt, cube] = [as("landing"), as("dbt"), as("cube")];
  // A warehouse that somebody else runs has its own.
  const refresher = engine && new Refresher({ url, password: passwords.dbt, log: () => undefined, everyMs: 20 });
  const stop = async () => {
    await refresher?.stop();
    await Promise.all([landing.close(), dbt.close(), cube.close()]);
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (engine) {
      for (const table of landingTables) await landing.command(createLandingSql(table));
      for (const sql of controlTablesSql) await landing.command(sql);
      await deployWarehouse({ url, password: passwords.dbt, stateDir: folder, tests: options.tests });
      refresher?.start();
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const recomputed = async () => {
    await dbt.command("CREATE TABLE intermediate.recomputed AS intermediate.int_attendance");
    const parts = await dbt.query<Part>("SELECT DISTINCT tenant_id, month FROM intermediate.int_attendance");
    const began = performance.now();
    const table = { name: "int_attendance", kept: "month", pieces: { column: "meeting_id" } } as const;
    await computeParts(dbt, table, parts, "intermediate.recomputed");
    const ms = performance.now() - began;
    await dbt.command("DROP TABLE intermediate.recomputed SYNC");
    return ms;
  };
  return {
    url,
    ...writer(landing, dbt, refresher),
    ask: (sql) => cube.query(sql),
    askAll: (sql) => dbt.query(sql),
    refresher,
    refreshed: () => refresher?.status,
    models: () => readModels(join(folder, "warehouse/target/manifest.json")),
    recomputed,
    stop,
  };
}

async function readModels(path: string): Promise<Model[]> {
  type Node = { unique_id: string; name: string; depends_on?: { nodes?: string[] } };
  const { nodes, sources } = JSON.parse(await readFile(path, "utf8")) as Record<string, Record<string, Node>>;
  const modelOf = (node: Node): Model => ({
    id: node.unique_id,
    name: node.name,
    isLanding: node.unique_id.startsWith("source."),
    reads: node.depends_on?.nodes ?? [],
  });
  return [...Object.values(nodes ?? {}), ...Object.values(sources ?? {})].map(modelOf);
}

const plainValue = (type: string): unknown => {
  if (type === "String") return "";
  if (type === "Bool") return false;
  if (type.startsWith("Date32")) return "2026-01-01";
  if (type.startsWith("DateTime64")) return "2026-01-01 00:00:00.000";
  if (type.startsWith("Array")) return [];
  return 0;
};

function writer(landing: ClickHouse, dbt: ClickHouse, refresher: Refresher | undefined) {
  // Commits of several test files share one log, as those of several tenants do.
  let lsn = BigInt(Date.now()) * 1000n;
  let ordinal = 0n;
  let counter = 0n;
  let newest = "2026-06-30 08:00:00.000";

  const land = async (name: string, rows: Row[], commit: bigint, deleted: 0 | 1) => {
    const table = landingTables.find((candidate) => candidate.name === name);
    if (!table) throw new Error(`${name} is not published`);
    const whole = rows.map((row) => {
      const values = table.columns.map((column) => [
        column.name,
        row[column.name] ?? (column.nullable ? null : plainValue(column.clickhouse)),
      ]);
      const version = (1n << 96n) | (commit << 32n) | ordinal++;
      return { ...Object.fromEntries(values), _version: version.toString(), _deleted: deleted };
    });
    await landing.insert(`raw.${name}`, whole);
  };
  const appliedUpTo = async (commit: bigint) => {
    const now = new Date().toISOString().replace("T", " ").replace("Z", "");
    // The end of a commit record lies behind its beginning, which is what versions carry.
    const end = commit + 8n;
    counter += 1n;
    await landing.insert("raw._applied", [
      {
        id: 1,
        as_of: newest,
        as_of_lsn: end.toString(),
        as_of_lsn_text: `0/${end.toString(16).toUpperCase()}`,
        checked_at: now,
        checked_lsn: end.toString(),
        epoch: 1,
        _version: ((1n << 96n) | (end << 32n) | counter).toString(),
      },
    ]);
  };
  const applied = () => appliedUpTo(lsn);
  return {
    applied,
    appliedUpTo: (end: bigint) => appliedUpTo(end - 8n),
    async commit(tables: Record<string, Row[]>, options: { at?: string; leaveUnapplied?: boolean } = {}) {
      lsn += 100n;
      ordinal = 0n;
      if (options.at) newest = options.at;
      for (const [name, rows] of Object.entries(tables)) await land(name, rows, lsn, 0);
      if (!options.leaveUnapplied) await applied();
      return lsn + 8n;
    },
    land: (table: string, rows: Row[]) => land(table, rows, lsn, 0),
    async remove(table: string, keys: Row[]) {
      lsn += 100n;
      ordinal = 0n;
      await land(table, keys, lsn, 1);
      await applied();
      return lsn + 8n;
    },
    async settled() {
      const deadline = performance.now() + 100_000;
      for (;;) {
        const rows = await dbt.query<{ behind: number }>(
          `SELECT toUInt32(countIf(_as_of_lsn < ${lsn + 8n})) AS behind FROM marts.mart_freshness`,
        );
        // Before the first refresh no mart claims anything.
        const isRefreshed = !refresher || BigInt(refresher.status.asOfLsn ?? 0) >= lsn + 8n;
        if (rows[0]?.behind === 0 && isRefreshed) return;
        if (performance.now() > deadline) {
          throw new Error(`the marts did not become fresh within 100 s: ${JSON.stringify(refresher?.status)}`);
        }
        await new Promise((wake) => setTimeout(wake, 50));
      }
    },
  };
}
