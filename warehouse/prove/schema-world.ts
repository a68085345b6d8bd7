import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import type { Checkout } from "@xianfeng/db/testing";
import { platformUsers, type RunningEngine, startEngine } from "@xianfeng/engine";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import { reconcile } from "@xianfeng/stream";
import pg from "pg";
import { passwords } from "../test/warehouse.ts";

const streamMain = join(import.meta.dirname, "../../packages/stream/src/main.ts");
const tenant = 1;
const org = 1;

/** PostgreSQL, stream and ClickHouse as processes of their own, with somebody who writes all the time. */
export class SchemaWorld {
  readonly database: TestDatabase;
  readonly engine: RunningEngine;
  readonly sql: pg.Client;
  readonly landing: ClickHouse;
  readonly dbt: ClickHouse;
  readonly #folder: string;
  #stream: ChildProcess | undefined;
  #writers: { stop(): Promise<number> }[] = [];

  private constructor(database: TestDatabase, engine: RunningEngine, sql: pg.Client, folder: string) {
    this.database = database;
    this.engine = engine;
    this.sql = sql;
    this.#folder = folder;
    this.landing = createClickHouse({ url: engine.url, user: "landing", password: passwords.landing, tag: "prove" });
    this.dbt = createClickHouse({ url: engine.url, user: "dbt", password: passwords.dbt, tag: "prove" });
  }

  static async open(checkout: Checkout): Promise<SchemaWorld> {
    const database = await createTestDatabase();
    const folder = mkdtempSync(join(tmpdir(), "xianfeng-schema-prove-"));
    const engine = await startEngine({ dataPath: join(folder, "engine"), users: platformUsers(passwords) });
    const sql = new pg.Client({ connectionString: database.owner });
    await sql.connect();
    const world = new SchemaWorld(database, engine, sql, folder);
    await world.migrate(checkout);
    await sql.query("insert into tenant (id, code) values ($1, 'schema')", [tenant]);
    await sql.query(
      `insert into party_org (id, tenant_id, kind, code, short_name, full_name, category, opened_on)
       values ($1, $2, 'branch', 'B01', '支部', '支部', 'student', '2020-01-01')`,
      [org, tenant],
    );
    return world;
  }

  /** Applies the migrations of a checkout, as its own command does. */
  async migrate(checkout: Checkout): Promise<void> {
    await run([join(checkout.root, "packages/db/src/cli.ts"), "migrate"], { OWNER_DATABASE_URL: this.database.owner });
  }

  /** Deploys the models of a checkout; waits for columns that are not there yet. */
  async deploy(checkout: Checkout): Promise<void> {
    const options = { url: this.engine.url, password: passwords.dbt, stateDir: join(this.#folder, "state") };
    const code = `import { deployWarehouse } from ${JSON.stringify(join(checkout.root, "warehouse/deploy.ts"))};
      await deployWarehouse(${JSON.stringify({ ...options, waitMs: 240_000 })});`;
    await run(["--input-type=module", "--eval", code], {});
  }

  /** Ends the stream that runs, if one does, and starts a new process. */
  async renewStream(): Promise<void> {
    await this.#endStream();
    this.#stream = spawn(process.execPath, [streamMain], {
      env: {
        ...process.env,
        STREAM_DATABASE_URL: this.database.stream,
        CLICKHOUSE_HTTP_URL: this.engine.url,
        CLICKHOUSE_LANDING_PASSWORD: passwords.landing,
        STREAM_PORT: String(await freePort()),
        LOG_LEVEL: "error",
      },
      stdio: ["ignore", "inherit", "inherit"],
    });
  }

  get streamPid(): number | undefined {
    return this.#stream?.exitCode === null ? this.#stream.pid : undefined;
  }

  async #endStream(): Promise<void> {
    const child = this.#stream;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await gone;
  }

  /** Somebody who knows only these further columns of a meeting, writing and changing one row after the other. */
  startWriter(column?: string): void {
    const client = new pg.Client({ connectionString: this.database.owner });
    let stopping = false;
    let written = 0;
    const work = (async () => {
      await client.connect();
      while (!stopping) {
        const more = column ? `, ${column}` : "";
        const value = column ? `, '${column} ${written}'` : "";
        const { rows } = await client.query<{ id: string }>(
          `insert into meeting (tenant_id, org_id, kind, held_on, starts_at, ends_at, check_in_opens_at, late_after, created_by${more})
           values (${tenant}, ${org}, 'theme_day', '2026-03-01', '2026-03-01 08:00Z', '2026-03-01 09:00Z', '2026-03-01 07:30Z', '2026-03-01 08:10Z', gen_random_uuid()${value})
           returning id`,
        );
        const change = column ? `, ${column} = ${column} || ' again'` : "";
        await client.query(`update meeting set version = version + 1${change} where id = $1`, [rows[0]?.id]);
        written += 1;
        await new Promise((wake) => setTimeout(wake, 10));
      }
      await client.end();
    })();
    // A failure is told by `stopWriters`.
    work.catch(() => undefined);
    this.#writers.push({
      stop: async () => {
        stopping = true;
        await work;
        return written;
      },
    });
  }

  /** @returns rows written. @throws the error that a writer ran into */
  async stopWriters(): Promise<number> {
    const writers = this.#writers.splice(0);
    const counts = await Promise.all(writers.map((writer) => writer.stop()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Fails when PostgreSQL and ClickHouse do not hold the same rows. To be called while nobody writes. */
  async expectEqual(): Promise<void> {
    const result = await reconcile({
      databaseUrl: this.database.stream,
      clickhouse: { url: this.engine.url, user: "landing", password: passwords.landing },
      waitMs: 120_000,
    });
    const wrong = result.tables.filter((table) => table.differences > 0);
    if (!result.equal) throw new Error(`not equal: ${JSON.stringify(wrong)}`);
  }

  /** What the deployed models say about meetings, whichever version of them it is. */
  async models(): Promise<{ staged: number; marts: number; columns: string[] }> {
    const [staged] = await this.dbt.query<{ n: number }>("SELECT toUInt32(count()) AS n FROM staging.stg_meeting");
    const [marts] = await this.dbt.query<{ n: number }>("SELECT toUInt32(count()) AS n FROM marts.fct_meeting");
    // Every column, because one that is gone is noticed only when it is asked for.
    await this.dbt.query("SELECT * FROM staging.stg_meeting LIMIT 1");
    const columns = await this.dbt.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE database = 'staging' AND table = 'stg_meeting'",
    );
    return { staged: staged?.n ?? 0, marts: marts?.n ?? 0, columns: columns.map(({ name }) => name) };
  }

  async close(): Promise<void> {
    await this.stopWriters().catch(() => undefined);
    await this.#endStream();
    await Promise.all([this.landing.close(), this.dbt.close()]);
    await this.engine.close();
    await this.sql.end();
    await this.database.drop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[], env: Record<string, string>): Promise<void> {
  return new Promise((done, failed) =>
    execFile(process.execPath, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      error ? failed(new Error(`${stdout}${stderr}`)) : done(),
    ),
  );
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}
