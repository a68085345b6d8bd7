import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { startGuard } from "./guard.ts";
import { freePort } from "./ports.ts";
import { type Account, choosePlace, type Place } from "./postgres-place.ts";
import { childrenOf, commandOf, isAlive, markOf, signal, until } from "./processes.ts";

export { choosePlace, nativeFolder, removeElsewhere } from "./postgres-place.ts";

export type PostgresOptions = {
  dataDir: string;
  port: number;
  /** Name and password of the superuser; used when the cluster is made, and to ask whether it answers. */
  user: string;
  password: string;
  /** More server settings, e.g. `{ max_slot_wal_keep_size: "32MB" }`. They win over ours. */
  settings?: Record<string, string>;
};

/** Everything to start the server as a child: the caller spawns it in a process group of its own. Ask it to stop with SIGINT. */
export type PreparedPostgres = {
  command: string;
  args: string[];
  env: Record<string, string>;
  account?: Account;
  dataDir: string;
  url: string;
  notes: string[];
};

const ours: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_wal_senders: "10",
  max_replication_slots: "10",
  // A stream that stays away must cost its slot, not the disk of the whole machine.
  max_slot_wal_keep_size: "2GB",
  shared_buffers: "256MB",
  timezone: "UTC",
  log_timezone: "UTC",
  // A refused row would otherwise be printed into the log with all its personal values.
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_parameter_max_length_on_error: "0",
  logging_collector: "off",
};

const environment = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" };

/** The output of a program that must succeed. */
function run(command: string, args: string[], account: Account | undefined): Promise<string> {
  const as = account && { uid: account.uid, gid: account.gid };
  return new Promise((ok, refuse) => {
    execFile(command, args, { ...as, cwd: "/", env: environment, timeout: 180_000 }, (error, stdout, stderr) =>
      error ? refuse(new Error((stderr || stdout || error.message).trim())) : ok(stdout),
    );
  });
}

/**
 * Makes a cluster in `dataDir` unless there is one: UTF-8, byte order (the same on every machine; Chinese order is asked
 * for by `COLLATE "zh-x-icu"`), passwords by scram. An interrupted attempt leaves nothing that looks like a cluster.
 * @throws Error with the text of `initdb`.
 */
export async function initPostgres(options: Pick<PostgresOptions, "dataDir" | "user" | "password">): Promise<Place> {
  const place = choosePlace(options.dataDir);
  const { account, dataDir } = place;
  if (existsSync(join(dataDir, "PG_VERSION"))) return place;
  const partial = `${dataDir}.part`;
  const passwordFile = `${partial}.password`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (account) for (const path of [partial, passwordFile]) chownSync(path, account.uid, account.gid);
  const how = [
    "-D",
    partial,
    "-U",
    options.user,
    `--pwfile=${passwordFile}`,
    "-A",
    "scram-sha-256",
    "--no-instructions",
  ];
  const locale = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  try {
    await run(join(place.native, "bin", "initdb"), [...how, ...locale], account);
    rmSync(dataDir, { recursive: true, force: true });
    renameSync(partial, dataDir);
  } catch (error) {
    throw new Error(`PostgreSQL 初始化失败 (initdb failed): ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(partial, { recursive: true, force: true });
  }
  return place;
}

/** The process that `postmaster.pid` names, if it really is a server on this folder. */
function serverOn(dataDir: string): number | undefined {
  const lock = join(dataDir, "postmaster.pid");
  if (!existsSync(lock)) return undefined;
  const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const command = commandOf(pid);
  return command.includes("postgres") && `${command} `.includes(`-D ${dataDir} `) ? pid : undefined;
}

/**
 * Ends a server that a killed supervisor left behind, and removes a lock file that names a process that is something else
 * by now (PostgreSQL would refuse to start because of it). Call only when nobody else can own this folder.
 */
export async function clearLeftovers(dataDir: string): Promise<void> {
  const pid = serverOn(dataDir);
  const mark = pid === undefined ? undefined : markOf(pid);
  if (mark) {
    for (const [name, wait] of [
      ["SIGINT", 20_000],
      ["SIGQUIT", 5_000],
      ["SIGKILL", 5_000],
    ] as const) {
      signal(mark.pid, name);
      if (await until(() => !isAlive(mark), wait)) break;
    }
  }
  rmSync(join(dataDir, "postmaster.pid"), { force: true });
}

/** Makes the cluster if needed, clears leftovers, and says how to start the server. */
export async function preparePostgres(options: PostgresOptions): Promise<PreparedPostgres> {
  const { native, dataDir, account, notes } = await initPostgres(options);
  await clearLeftovers(dataDir);
  chmodSync(dataDir, 0o700);
  const settings = Object.entries({ ...ours, port: String(options.port), ...options.settings });
  return {
    command: join(native, "bin", "postgres"),
    args: ["-D", dataDir, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    env: environment,
    account,
    dataDir,
    url: postgresUrl(options),
    notes,
  };
}

/** `postgresql://user:password@127.0.0.1:port/database` with everything escaped. */
export function postgresUrl(to: { user: string; password: string; port: number; database?: string }): string {
  const credentials = `${encodeURIComponent(to.user)}:${encodeURIComponent(to.password)}`;
  return `postgresql://${credentials}@127.0.0.1:${to.port}/${encodeURIComponent(to.database ?? "postgres")}`;
}

/** Whether the server answers a query; `refused` when it answers, but not to this user. */
export async function askPostgres(url: string): Promise<"answers" | "silent" | "refused"> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return "answers";
  } catch (error) {
    const code = (error as { code?: string }).code;
    return code === "28P01" || code === "28000" ? "refused" : "silent";
  } finally {
    await client.end().catch(() => {});
  }
}

export type RunningPostgres = {
  /** As the superuser, database `postgres`. */
  url: string;
  port: number;
  pid: number;
  dataDir: string;
  /** Fast shutdown: open transactions are rolled back, everything is written. Escalates when it does not end. */
  stop(): Promise<void>;
  /** SIGKILL of the server and all its workers, as a power cut would. */
  kill(): Promise<void>;
};

/**
 * Starts a server and waits until it answers a query. It ends with this process, however that ends.
 * @throws Error with the last lines of its log when it does not come up.
 */
export async function embeddedPostgres(
  options: Partial<PostgresOptions> & { dataDir: string },
): Promise<RunningPostgres> {
  const user = options.user ?? "postgres";
  const password = options.password ?? randomBytes(18).toString("base64url");
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const prepared = await preparePostgres({ ...options, user, password, port });
    try {
      return await launch(prepared, port);
    } catch (error) {
      // Between asking for a free port and using it somebody else may take it.
      const taken = String(error).includes("could not bind") || String(error).includes("could not create any TCP/IP");
      if (options.port !== undefined || !taken || attempt === 5) throw error;
    }
  }
}

/** The same by another name, for callers that read better with a verb. */
export const startPostgres = embeddedPostgres;

async function launch(prepared: PreparedPostgres, port: number): Promise<RunningPostgres> {
  const { command, args, env, account, dataDir, url } = prepared;
  const child = spawn(command, args, {
    ...(account && { uid: account.uid, gid: account.gid }),
    env,
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = lastLines(child);
  const exited = new Promise<void>((ended) => child.once("close", () => ended()));
  await new Promise<void>((ok, refuse) => child.once("spawn", ok).once("error", refuse));
  const pid = child.pid ?? 0;
  const guard = startGuard();
  guard.set([{ pid, signal: "INT", group: false }]);
  const end = async () => {
    await exited;
    guard.close();
  };

  let state = await askPostgres(url);
  await until(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    state = await askPostgres(url);
    return state !== "silent";
  }, 120_000);
  if (state === "answers") {
    const running = { url, port, pid, dataDir };
    return { ...running, stop: () => stopServer(child).then(end), kill: () => killServer(child).then(end) };
  }
  await killServer(child).then(end);
  if (state === "refused")
    throw new Error(
      `PostgreSQL 不接受保存的密码 (password refused)：${dataDir} 是用别的密钥创建的。请恢复原来的 secrets.json，或运行 npm run reset。`,
    );
  throw new Error(`PostgreSQL 没有启动 (did not start):\n${lines().join("\n")}`);
}

function lastLines(child: ChildProcess, keep = 30): () => string[] {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString("utf8")).slice(-20_000);
    });
  return () => text.trimEnd().split("\n").slice(-keep);
}

async function stopServer(child: ChildProcess): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  for (const [name, wait] of [
    ["SIGINT", 20_000],
    ["SIGQUIT", 5_000],
  ] as const) {
    if (gone()) return;
    child.kill(name);
    if (await until(gone, wait)) return;
  }
  await killServer(child);
}

async function killServer(child: ChildProcess): Promise<void> {
  const pid = child.pid ?? 0;
  // Its workers each have a session of their own, so a signal to the group does not reach them.
  const workers = childrenOf(pid).flatMap((worker) => markOf(worker) ?? []);
  child.kill("SIGKILL");
  for (const worker of workers) if (isAlive(worker)) signal(worker.pid, "SIGKILL");
  await until(() => !workers.some(isAlive), 10_000);
}
