import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import { platformUsers, type RunningEngine, startEngine } from "@xianfeng/engine";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import pg from "pg";
import { reconcile, Stream, silent } from "../src/index.ts";

const passwords = {
  landing: "test-landing-password-0000",
  dbt: "test-dbt-password-00000000",
  cube: "test-cube-password-0000000",
  seal: "test-seal-password-0000000",
};

/** A PostgreSQL database, an engine, and streams between them, for one test file. */
export class World {
  readonly database: TestDatabase;
  readonly folder: string;
  /** As the owner of the tables. */
  sql: pg.Client;
  engine: RunningEngine;
  clickhouse: ClickHouse;
  streams: Stream[] = [];
  #children: ChildProcess[] = [];

  private constructor(database: TestDatabase, folder: string, sql: pg.Client, engine: RunningEngine) {
    this.database = database;
    this.folder = folder;
    this.sql = sql;
    this.engine = engine;
    this.clickhouse = this.#client();
  }

  static async open(serverUrl?: string): Promise<World> {
    const database = await createTestDatabase({ serverUrl });
    const folder = mkdtempSync(join(tmpdir(), "xianfeng-stream-test-"));
    const engine = await startEngine({ dataPath: join(folder, "engine"), users: platformUsers(passwords) });
    const sql = new pg.Client({ connectionString: database.owner });
    sql.on("error", () => undefined);
    await sql.connect();
    return new World(database, folder, sql, engine);
  }

  #client(): ClickHouse {
    return createClickHouse({ ...this.place.clickhouse, tag: "test" });
  }

  get place() {
    return {
      databaseUrl: this.database.stream,
      clickhouse: { url: this.engine.url, user: "landing", password: passwords.landing },
    };
  }

  /** A new connection, after the server was away. */
  async reconnect(): Promise<void> {
    await this.sql.end().catch(() => undefined);
    this.sql = new pg.Client({ connectionString: this.database.owner });
    this.sql.on("error", () => undefined);
    await this.sql.connect();
  }

  /** Runs statements one after the other. */
  async run(...statements: string[]): Promise<void> {
    for (const statement of statements) await this.sql.query(statement);
  }

  /** Makes tables with plain storage, and the publication that holds them. */
  async publish(...tables: { name: string; columns: string }[]): Promise<void> {
    await this.run("grant usage on schema public to xf_stream");
    for (const { name, columns } of tables) await this.createTable(name, columns);
    const list = tables.map((table) => table.name).join(", ");
    await this.run(`create publication xianfeng_cdc for table ${list} with (publish_via_partition_root = true)`);
  }

  async createTable(name: string, columns: string): Promise<void> {
    await this.run(`create table ${name} (${columns})`, `grant select on ${name} to xf_stream`);
    const { rows } = await this.sql.query<{ attname: string }>(
      `select attname from pg_attribute a join pg_type t on t.oid = atttypid
       where attrelid = $1::regclass and attnum > 0 and typlen = -1`,
      [name],
    );
    for (const { attname } of rows) await this.run(`alter table ${name} alter column ${attname} set storage plain`);
  }

  /** A stream inside this process. @param url the way to the engine, if it is not the straight one */
  startStream(url = this.engine.url): Stream {
    const { databaseUrl, clickhouse } = this.place;
    const stream = new Stream({
      databaseUrl,
      clickhouse: { ...clickhouse, url },
      log: silent,
      pollMs: 200,
      heartbeatMs: 200,
    });
    this.streams.push(stream);
    stream.start();
    return stream;
  }

  /** A stream as a process of its own, which may be killed. */
  spawnStream(env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [join(import.meta.dirname, "../src/main.ts")], {
      env: {
        ...process.env,
        STREAM_DATABASE_URL: this.database.stream,
        CLICKHOUSE_HTTP_URL: this.engine.url,
        CLICKHOUSE_LANDING_PASSWORD: passwords.landing,
        STREAM_PORT: "0",
        LOG_LEVEL: "error",
        ...env,
      },
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#children.push(child);
    return child;
  }

  async stopEngine(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (signal === "SIGTERM") await this.engine.close();
    else process.kill(this.engine.pid, signal);
  }

  /** The engine again, on the same folder and port. */
  async startEngine(): Promise<void> {
    const { port } = this.engine;
    this.engine = await startEngine({ dataPath: join(this.folder, "engine"), users: platformUsers(passwords), port });
  }

  /** Fails when PostgreSQL and ClickHouse do not hold the same rows. */
  async expectEqual(waitMs = 30_000): Promise<void> {
    const result = await reconcile({ ...this.place, waitMs });
    if (!result.equal) throw new Error(`not equal: ${JSON.stringify(result.tables.filter((t) => t.differences > 0))}`);
  }

  /** Live rows of a landing table. */
  rows<Row = Record<string, unknown>>(table: string, order = "id"): Promise<Row[]> {
    return this.clickhouse.query<Row>(
      `SELECT * EXCEPT (_version, _deleted) FROM raw.${table} FINAL WHERE _deleted = 0 ORDER BY ${order}`,
    );
  }

  async stopStreams(): Promise<void> {
    await Promise.all(this.streams.map((stream) => stream.stop()));
    this.streams = [];
    await Promise.all(this.#children.map((child) => killed(child)));
    this.#children = [];
  }

  async close(): Promise<void> {
    await this.stopStreams();
    await this.clickhouse.close();
    await this.engine.close();
    await this.sql.end();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Kills a child if it lives, and waits until it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Polls until the condition holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}

/** Random numbers from a seed, printed so that a failure can be repeated with `SEED=`. */
export function random(): { seed: number; next(below: number): number } {
  const seed = Number(process.env.SEED ?? 20261122);
  let state = seed >>> 0;
  return {
    seed,
    next(below) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    },
  };
}

/** Says what a test has measured, for whoever watches and for docs/reliability.md. */
export function tell(task: { meta: object }, measured: string): void {
  console.log(measured);
  Object.assign(task.meta, { measured });
}
