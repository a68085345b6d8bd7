import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { createClickHouse } from "@xianfeng/clickhouse";
import { platformUsers, startEngine } from "@xianfeng/engine";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { ensureRoles, urlAs } from "@xianfeng/stack/roles";
import { Stream, silent } from "@xianfeng/stream";
import pg from "pg";
import { type Spread, spreadOf } from "./spread.ts";
import { passwords, prepare, rowSql, whenFree } from "./stream.ts";

/** Seconds, milliseconds and what was seen of a row after each kind of change. */
type Side = {
  copySeconds: number;
  /** From the first of many small transactions until the last of them is visible; the writer works on the same cores. */
  followSeconds: number;
  /** From the reader's return until it has what was committed in transactions of a thousand while it was away. */
  catchUpSeconds: number;
  single: Spread;
  seen: Record<string, boolean>;
};

export type RivalFigures = {
  rows: number;
  followed: number;
  /** Rows that waited in the log. */
  waiting: number;
  /** `untuned`: catching up of the same engine as it comes, without being told to look more often. */
  rounds: { ours: Side; theirs: Side; untuned: number }[];
  /** What could not be made to run, in the engine's words. */
  note: string | undefined;
};

/** `changes`: also look whether kinds of change arrive, which takes up to a minute. */
type Work = { rows: number; singles: number; followed: number; waiting: number; changes: boolean };

type Name = "ours" | "theirs" | "untuned";

/** What a reader of the changes has to do, whoever it is. */
type Reader = {
  /** Begins, and ends when all rows that are there have been copied. */
  copy(rows: number): Promise<void>;
  count(where: string): Promise<number>;
  /** Reads nothing until it is told to return. */
  leave(): Promise<void>;
  back(): void;
  stop(): Promise<void>;
};

/**
 * Measures the stream beside ClickHouse's own replication from PostgreSQL (the engine MaterializedPostgreSQL of the same embedded
 * ClickHouse): first copy, following, a single row, and whether some kinds of change arrive at all. Each round has a database of its own
 * and both read the same rows, in turn first.
 */
export async function benchRival(options: { rows?: number; rounds?: number } = {}): Promise<RivalFigures> {
  const { rows = 300_000, rounds = 3 } = options;
  const [followed, waiting] = [50_000, 1_000_000];
  const folder = mkdtempSync(join(tmpdir(), "xianfeng-bench-rival-"));
  const dataDir = join(folder, "pg");
  const server = await embeddedPostgres({ dataDir, settings: { max_wal_size: "8GB", max_slot_wal_keep_size: "-1" } });
  const done: RivalFigures["rounds"] = [];
  try {
    await ensureRoles(server.url, passwords);
    for (let round = 0; round < rounds; round += 1) {
      const measure = (name: Name) =>
        measureSide(server, join(folder, `${name}-${round}`), name, {
          rows,
          followed,
          waiting,
          singles: name === "untuned" ? 1 : 15,
          changes: round === 0 && name !== "untuned",
        });
      const first = round % 2 === 0 ? "ours" : "theirs";
      const sides: Partial<Record<"ours" | "theirs", Side>> = {};
      sides[first] = await measure(first);
      const second = first === "ours" ? "theirs" : "ours";
      sides[second] = await measure(second);
      const untuned = (await measure("untuned")).catchUpSeconds;
      if (sides.ours && sides.theirs) done.push({ ours: sides.ours, theirs: sides.theirs, untuned });
    }
    return { rows, followed, waiting, rounds: done, note: undefined };
  } catch (error) {
    return { rows, followed, waiting, rounds: done, note: (error as Error).message.slice(0, 400) };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    removeElsewhere(dataDir);
  }
}

async function measureSide(server: RunningPostgres, folder: string, name: Name, work: Work): Promise<Side> {
  const database = `bench_${folder.split("-").pop()}_${name}`;
  await asAdmin(server.url, (admin) => admin.query(`create database ${database}`));
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await prepare(client);
    await client.query(`insert into attendance_bench ${rowSql}`, [1, work.rows]);
    const reader = name === "ours" ? await openStream(url, folder) : openMaterialized(url, folder, name === "theirs");
    try {
      return await measureReader(client, reader, work);
    } finally {
      await reader.stop();
    }
  } finally {
    await client.end();
    await asAdmin(server.url, async (admin) => {
      const { rows: slots } = await admin.query<{ slot_name: string }>(
        "select slot_name from pg_replication_slots where database = $1",
        [database],
      );
      for (const { slot_name } of slots) await whenFree(admin, `select pg_drop_replication_slot('${slot_name}')`);
      await admin.query(`drop database ${database} with (force)`);
    });
  }
}

async function asAdmin(url: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

async function measureReader(client: pg.Client, reader: Reader, work: Work): Promise<Side> {
  const { rows, followed, waiting } = work;
  const seen = async (where: string, wanted: number, within: number): Promise<number | undefined> => {
    const began = performance.now();
    while (performance.now() - began < within) {
      if ((await reader.count(where)) === wanted) return performance.now() - began;
      await pause(3);
    }
    return undefined;
  };
  const began = performance.now();
  await reader.copy(rows);
  const copySeconds = (performance.now() - began) / 1000;

  const single: number[] = [];
  for (let sample = 0; sample < work.singles; sample += 1) {
    const id = 2_000_000_000 + sample;
    await client.query(`insert into attendance_bench ${rowSql}`, [id, id]);
    single.push((await seen(`id = ${id}`, 1, 30_000)) ?? 30_000);
    await pause(200 + ((sample * 0.618) % 1) * 200);
  }

  // The last row first, because counting all of them takes the time away from whoever brings them.
  const seenAll = async (from: number, count: number) => {
    await seen(`id = ${from + count - 1}`, 1, 300_000);
    await seen(`id >= ${from} and id < ${from + count}`, count, 60_000);
  };
  const following = performance.now();
  const writeFrom = async (from: number, count: number) => {
    for (let at = from; at < from + count; at += 1_000)
      await client.query(`insert into attendance_bench ${rowSql}`, [at, at + 999]);
  };
  await writeFrom(1_000_000_000, followed);
  await seenAll(1_000_000_000, followed);
  const followSeconds = (performance.now() - following) / 1000;

  await reader.leave();
  await writeFrom(1_100_000_000, waiting);
  const returned = performance.now();
  reader.back();
  await seenAll(1_100_000_000, waiting);
  const catchUpSeconds = (performance.now() - returned) / 1000;

  const changes: Record<string, boolean> = {};
  const side = { copySeconds, followSeconds, catchUpSeconds, single: spreadOf(single), seen: changes };
  if (!work.changes) return side;
  const check = async (name: string, sql: string, where: string, wanted: number) => {
    await client.query(sql);
    changes[name] = (await seen(where, wanted, 15_000)) !== undefined;
  };
  await check("an update", "update attendance_bench set state = 'late' where id = 1", "id = 1 and state = 'late'", 1);
  await check("a delete", "delete from attendance_bench where id = 2", "id = 2", 0);
  await check(
    "an insert after ADD COLUMN",
    `alter table attendance_bench add column place text; alter table attendance_bench alter place set storage plain;
     insert into attendance_bench select 3000000000, 1, gen_random_uuid(), gen_random_uuid(), 1, 'on_time', 'code', 1, '2026-01-01', now(), now(), now(), 'x'`,
    "id = 3000000000",
    1,
  );
  await check("TRUNCATE", "truncate attendance_bench", "1", 0);
  return side;
}

async function openStream(url: URL, folder: string): Promise<Reader> {
  const engine = await startEngine({
    dataPath: folder,
    users: platformUsers({
      landing: passwords.landing,
      dbt: "-".repeat(24),
      cube: "+".repeat(24),
      seal: "=".repeat(24),
    }),
  });
  const access = { url: engine.url, user: "landing" as const, password: passwords.landing };
  const clickhouse = createClickHouse({ ...access, tag: "bench" });
  const open = () =>
    new Stream({
      databaseUrl: urlAs(url.href, "xf_stream", passwords.stream),
      clickhouse: access,
      log: silent,
      pollMs: 200,
    });
  let stream = open();
  // A row that was deleted stays as a tombstone until parts are merged: what counts is what FINAL shows.
  const count = async (where: string) => {
    const rows = await clickhouse
      .query<{ n: number }>(
        `SELECT toInt32(count()) AS n FROM raw.attendance_bench FINAL WHERE _deleted = 0 AND ${where}`,
      )
      .catch(() => []);
    return rows[0]?.n ?? -1;
  };
  return {
    async copy(rows) {
      stream.start();
      while (stream.status.state !== "streaming" || (await count("id < 1000000000")) !== rows) await pause(10);
    },
    count,
    leave: () => stream.stop(),
    back() {
      stream = open();
      stream.start();
    },
    async stop() {
      await stream.stop();
      await clickhouse.close();
      await engine.close();
    },
  };
}

/** ClickHouse's own engine. @param isTuned looks for changes as often as our stream could, not about twice a second */
function openMaterialized(url: URL, folder: string, isTuned: boolean): Reader {
  const child = spawn(process.execPath, [join(import.meta.dirname, "rival-child.ts"), folder], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const lines = createInterface({ input: child.stdout });
  const ask = asker(child, lines);
  return {
    async copy(rows) {
      for (const setting of [
        "allow_experimental_database_materialized_postgresql",
        "allow_experimental_materialized_postgresql_table",
      ])
        await ask(`SET ${setting} = 1`);
      const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
      await ask(
        `CREATE DATABASE rival ENGINE = MaterializedPostgreSQL('${url.host}', '${url.pathname.slice(1)}', '${user}', '${password}')
         SETTINGS materialized_postgresql_tables_list = 'attendance_bench'${isTuned ? ", materialized_postgresql_backoff_min_ms = 5, materialized_postgresql_backoff_max_ms = 20" : ""}`,
      );
      for (let last = "", began = performance.now(); ; ) {
        const answer = await ask("SELECT count() FROM rival.attendance_bench WHERE id < 1000000000").catch(
          (error: Error) => {
            last = error.message;
            return "";
          },
        );
        if (Number(answer) === rows) return;
        if (performance.now() - began > 90_000)
          throw new Error(`MaterializedPostgreSQL has not copied: ${last || answer}`);
        await pause(10);
      }
    },
    // Counted with a predicate on a column: bare count() would count deleted rows.
    count: async (where) =>
      Number(await ask(`SELECT count() FROM rival.attendance_bench WHERE id > 0 AND ${where}`).catch(() => -1)),
    // Its connection stays, so that it need not begin anew.
    leave: async () => void child.kill("SIGSTOP"),
    back: () => void child.kill("SIGCONT"),
    async stop() {
      const gone = new Promise((end) => child.once("exit", end));
      child.stdin.end();
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}

function asker(child: ChildProcess, lines: Interface): (sql: string) => Promise<string> {
  let last: Promise<unknown> = Promise.resolve();
  return (sql) => {
    const answered = last.then(
      () =>
        new Promise<string>((ok, refuse) => {
          const ended = () => refuse(new Error("the engine's process has ended"));
          child.once("exit", ended);
          lines.once("line", (line) => {
            child.off("exit", ended);
            const { answer, failure } = JSON.parse(line) as { answer?: string; failure?: string };
            if (failure === undefined) ok((answer ?? "").trim());
            else refuse(new Error(failure));
          });
          child.stdin?.write(`${JSON.stringify(sql)}\n`);
        }),
    );
    last = answered.catch(() => undefined);
    return answered;
  };
}
