import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import { migrate } from "@xianfeng/db/migrate";
import { environmentFor, told } from "@xianfeng/stack/environment";
import { freePort } from "@xianfeng/stack/ports";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { databaseName, ensureRoles, roleName, urlAs } from "@xianfeng/stack/roles";
import pg from "pg";

const root = resolve(import.meta.dirname, "../..");
const key = (name: string) => `bench-${name}-${"0".repeat(24)}`;

/** How the part's process is started, and where it says that it is ready. */
const parts = {
  engine: { entry: "packages/engine/src/main.ts", port: "ENGINE_PORT" },
  stream: { entry: "packages/stream/src/main.ts", port: "STREAM_PORT" },
  warehouse: { entry: "warehouse/main.ts", port: "WAREHOUSE_PORT" },
  cube: { entry: "cube/src/main.ts", port: "CUBE_PORT" },
} as const;
export type Part = keyof typeof parts;

/** Bytes. `undefined` where the system does not tell (only Linux does). */
export type Memory = { now: number | undefined; peak: number | undefined };

/**
 * The data side of the platform on engines of its own: the same processes that `npm start` runs, each started when it is asked for, so
 * that its time and memory can be told. Everything lies in one folder that goes away with it.
 */
export class DataPlatform {
  readonly owner: pg.Client;
  readonly ownerUrl: string;
  readonly cubeSecret = key("cube-secret");
  readonly #folder: string;
  readonly #server: RunningPostgres;
  readonly #values: Record<string, string>;
  readonly #children = new Map<Part, { child: ChildProcess; said: () => string }>();
  #clickhouse: ClickHouse | undefined;
  // Told to end, it takes its processes with it.
  readonly #onSignal = () => void this.stop().finally(() => process.exit(130));

  private constructor(
    folder: string,
    server: RunningPostgres,
    owner: pg.Client,
    ownerUrl: string,
    values: Record<string, string>,
  ) {
    this.#folder = folder;
    this.#server = server;
    this.owner = owner;
    this.ownerUrl = ownerUrl;
    this.#values = values;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, this.#onSignal);
  }

  /** Starts PostgreSQL with roles and migrated tables, and nothing else yet. */
  static async start(settings: Record<string, string> = {}): Promise<DataPlatform> {
    const folder = mkdtempSync(join(tmpdir(), "xianfeng-bench-"));
    chmodSync(folder, 0o755);
    const server = await embeddedPostgres({
      dataDir: join(folder, "postgres"),
      settings: { max_wal_size: "8GB", max_slot_wal_keep_size: "-1", shared_buffers: "1GB", ...settings },
    });
    try {
      return await DataPlatform.#prepare(folder, server);
    } catch (error) {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      removeElsewhere(join(folder, "postgres"));
      throw error;
    }
  }

  static async #prepare(folder: string, server: RunningPostgres): Promise<DataPlatform> {
    const passwords = { owner: key("owner"), app: key("app"), stream: key("stream"), report: key("report") };
    await ensureRoles(server.url, passwords);
    const as = (role: keyof typeof passwords) => urlAs(server.url, roleName(role), passwords[role], databaseName);
    await migrate(as("owner"));
    const owner = new pg.Client({ connectionString: as("owner") });
    await owner.connect();
    const ports: Record<string, string> = {};
    for (const { port } of Object.values(parts)) ports[port] = String(await freePort());
    const secrets = ["CUBE_API_SECRET", "AUTH_SECRET", "DATA_KEY", "BLIND_INDEX_KEY", "STREAM_CONTROL_KEY"];
    const users = ["LANDING", "DBT", "CUBE", "SEAL"].map((user) => `CLICKHOUSE_${user}_PASSWORD`);
    const values: Record<string, string> = {
      ...Object.fromEntries([...secrets, ...users].map((name) => [name, key(name.toLowerCase())])),
      ...ports,
      CUBE_API_SECRET: key("cube-secret"),
      OWNER_DATABASE_URL: as("owner"),
      APP_DATABASE_URL: as("app"),
      STREAM_DATABASE_URL: as("stream"),
      CLICKHOUSE_HTTP_URL: `http://127.0.0.1:${ports.ENGINE_PORT}`,
      STREAM_HEALTH_URL: `http://127.0.0.1:${ports.STREAM_PORT}`,
      STATE_DIR: join(folder, "state"),
      LOG_LEVEL: "info",
    };
    mkdirSync(join(folder, "state"));
    return new DataPlatform(folder, server, owner, as("owner"), values);
  }

  address(part: Part): string {
    return `http://127.0.0.1:${this.#values[parts[part].port]}`;
  }

  /** ClickHouse as the user that may read every database. */
  get clickhouse(): ClickHouse {
    this.#clickhouse ??= createClickHouse({
      url: this.address("engine"),
      user: "dbt",
      password: this.#values.CLICKHOUSE_DBT_PASSWORD ?? "",
      tag: "bench",
      timeoutMs: 600_000,
    });
    return this.#clickhouse;
  }

  /** ClickHouse as the user that writes `raw`; the caller closes it. */
  landing(): ClickHouse {
    const password = this.#values.CLICKHOUSE_LANDING_PASSWORD ?? "";
    return createClickHouse({
      url: this.address("engine"),
      user: "landing",
      password,
      tag: "bench",
      timeoutMs: 3_600_000,
    });
  }

  /** Runs one of the commands of the seed to its end. @returns the last line that it printed */
  async seed(args: readonly string[], onLine: (line: string) => void): Promise<string> {
    const child = this.#spawn("packages/seed/src/cli.ts", args, environmentFor(this.#values, told.seed));
    let last = "";
    let rest = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        last = line;
        if (!line.startsWith("{")) onLine(line);
      }
    });
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      errors = (errors + chunk).slice(-4_000);
    });
    const code = await new Promise((done) => child.once("close", done));
    if (code !== 0) throw new Error(`seed ${args.join(" ")} ended with ${code}: ${errors}`);
    return last;
  }

  #spawn(entry: string, args: readonly string[], env: Record<string, string>): ChildProcess {
    return spawn(process.execPath, [join(root, entry), ...args], {
      cwd: root,
      env: { ...env, UV_THREADPOOL_SIZE: entry.includes("engine") ? "128" : "4" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Starts a part and waits until it says that it is ready. @returns seconds */
  async run(part: Part, withinSeconds = 900): Promise<number> {
    const began = performance.now();
    const child = this.#spawn(parts[part].entry, [], environmentFor(this.#values, told[part]));
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        text = (text + chunk).slice(-8_000);
      });
    this.#children.set(part, { child, said: () => text });
    for (;;) {
      const answer = await fetch(`${this.address(part)}/readyz`).catch(() => undefined);
      if (answer?.status === 200) return (performance.now() - began) / 1000;
      if (child.exitCode !== null || performance.now() - began > withinSeconds * 1000)
        throw new Error(`${part} is not ready after ${Math.round((performance.now() - began) / 1000)} s: ${text}`);
      await pause(50);
    }
  }

  /** What the part says about itself. */
  async health<Answer>(part: Part): Promise<Answer> {
    return (await (await fetch(`${this.address(part)}/healthz`)).json()) as Answer;
  }

  /** Ends a part and waits until it is gone. */
  async end(part: Part): Promise<void> {
    const running = this.#children.get(part);
    if (!running) return;
    this.#children.delete(part);
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await gone;
    clearTimeout(late);
  }

  /** Memory of a part and of PostgreSQL with all its workers, what they share counted once. */
  memory(part: Part | "postgres"): Memory {
    if (part !== "postgres") return memoryOf(this.#children.get(part)?.child.pid);
    const workers = [this.#server.pid, ...childrenOf(this.#server.pid)].map((pid) => memoryOf(pid).now ?? 0);
    const now = workers.reduce((sum, one) => sum + one, 0);
    return { now: now || undefined, peak: undefined };
  }

  /** Bytes on disk: tables and indexes, log not counted; all of ClickHouse's folder. */
  async disk(): Promise<{ postgres: number; clickhouse: number }> {
    const { rows } = await this.owner.query<{ size: string }>("SELECT pg_database_size(current_database()) AS size");
    return { postgres: Number(rows[0]?.size), clickhouse: sizeOf(join(this.#folder, "state", "clickhouse")) };
  }

  async stop(): Promise<void> {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, this.#onSignal);
    await this.#clickhouse?.close();
    for (const part of ["cube", "warehouse", "stream", "engine"] as const) await this.end(part);
    await this.owner.end();
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    removeElsewhere(join(this.#folder, "postgres"));
  }
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

function memoryOf(pid: number | undefined): Memory {
  const kilobytes = (text: string, name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text);
    return found ? Number(found[1]) * 1024 : undefined;
  };
  if (pid === undefined) return { now: undefined, peak: undefined };
  return {
    now: kilobytes(textOf(`/proc/${pid}/smaps_rollup`), "Pss"),
    peak: kilobytes(textOf(`/proc/${pid}/status`), "VmHWM"),
  };
}

const childrenOf = (pid: number): number[] =>
  textOf(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);

function sizeOf(folder: string): number {
  let size = 0;
  // Parts shared by two tables are hard links: counted once.
  const seen = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, dev, blocks } = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) ?? {};
    if (blocks === undefined || seen.has(`${dev} ${ino}`)) continue;
    seen.add(`${dev} ${ino}`);
    size += blocks * 512;
  }
  return size;
}
