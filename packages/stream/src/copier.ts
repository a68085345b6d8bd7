import { randomBytes } from "node:crypto";
import type { ClickHouse } from "@xianfeng/clickhouse";
import type { Log } from "@xianfeng/service";
import type pg from "pg";
import { copyTable, openSnapshot, waitForWriters } from "./copy.ts";
import { Aborted, RewrittenError } from "./errors.ts";
import { closeFresh, dropFresh, exchange, openFresh, targetOf } from "./fresh.ts";
import type { Lane } from "./lane.ts";
import { versionOf } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import { pause, type Sink } from "./sink.ts";
import { ReplicationConnection } from "./socket.ts";
import type { StateStore } from "./state.ts";
import type { Status } from "./status.ts";

/** What a copy works with. It ends with the stream's session. */
export type Session = {
  databaseUrl: string;
  clickhouse: ClickHouse;
  store: StateStore;
  sink: Sink;
  epoch: number;
  status: Status;
  log: Log;
  signal: AbortSignal;
};

/** The same while the stream flows: whoever exchanges a table does so between two batches. */
export type Flowing = Session & { tables: ReadonlyMap<string, TableState>; lane: Lane };

/** A place of the log, and the snapshot that shows the database as it was there. */
export type Place = { lsn: bigint; snapshot: string };

export type CopyProgress = {
  /** What PostgreSQL believes the tables to hold, once it is known. */
  about(table: string, rows: number): void;
  copied(table: string, rows: number, isWhole: boolean): void;
  phase(phase: "waiting_for_writers" | "copying" | "catching_up" | "exchanging"): void;
};

const mostAttempts = 5;

type HowToCopy = {
  /** Where to copy; a new place when it is not given. */
  place?: Place;
  /** Waits for transactions that are open now: they may have written to a table before it was published. */
  writers?: pg.Client;
  /** Given while the stream flows. */
  lane?: Lane;
  progress?: CopyProgress;
};

/**
 * Copies tables at one place of the log into new ones beside the present ones, and exchanges all of them together, so that readers see
 * neither an empty nor a half table, nor one that is ahead of the others. Ended before that, nothing has changed.
 *
 * From the moment the new tables are open they get the stream's rows, too, and the snapshot is taken after that, so nothing can fall
 * between the two; versions sort out what comes twice. The stream must have passed the snapshot before a copy is taken for whole: until
 * then it may bring rows that were deleted while nobody sent it.
 * @returns the place, and when it was
 */
export async function copyTables(
  session: Session,
  tables: readonly TableState[],
  how: HowToCopy,
): Promise<{ lsn: bigint; at: Date }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await copyOnce(session, tables, how);
    } catch (error) {
      if (!(error instanceof RewrittenError) || how.place || attempt === mostAttempts) throw error;
    }
  }
}

async function copyOnce(
  session: Session,
  tables: readonly TableState[],
  { place, writers, lane, progress }: HowToCopy,
): Promise<{ lsn: bigint; at: Date }> {
  const { clickhouse, status, epoch, sink, signal } = session;
  const fresh = new Map<TableState, string>();
  try {
    for (const table of tables) fresh.set(table, await openFresh(clickhouse, table));
    progress?.phase("waiting_for_writers");
    if (writers) await waitForWriters(writers, signal);
    const copy = async (client: pg.Client, lsn: bigint) => {
      const { rows: times } = await client.query<{ at: Date }>("select now() as at");
      progress?.phase("copying");
      const counts = await fill(session, fresh, client, lsn, progress);
      progress?.phase("catching_up");
      while (lane && status.landedLsn < lsn) {
        if (signal.aborted) throw new Aborted("stopping");
        await pause(50, signal);
      }
      progress?.phase("exchanging");
      for (const [table, name] of fresh) {
        await sink.untilDone(() => closeFresh(clickhouse, table, name, versionOf(epoch, lsn, 0)));
      }
      const replace = () => exchangeAll(session, fresh, lsn, counts);
      await (lane ? lane.run(replace) : replace());
      // Now these are the tables from before.
      for (const [table, name] of fresh) await dropFresh(clickhouse, table, name);
      return { lsn, at: times[0]?.at ?? new Date() };
    };
    return await (place ? atPlace(session, place, copy) : atNewPlace(session, copy));
  } catch (error) {
    // The next session drops what this one cannot.
    if (!signal.aborted)
      for (const [table, name] of fresh) await dropFresh(clickhouse, table, name).catch(() => undefined);
    throw error;
  } finally {
    for (const table of tables) table.filling = undefined;
  }
}

/** Runs work on a connection that sees the database as it is at a new place of the log. Waits for transactions that are under way. */
export async function atNewPlace<Result>(
  session: Session,
  work: (client: pg.Client, lsn: bigint) => Promise<Result>,
): Promise<Result> {
  const connection = await ReplicationConnection.open(session.databaseUrl);
  const stop = () => connection.cut("stopping");
  session.signal.addEventListener("abort", stop, { once: true });
  try {
    if (session.signal.aborted) throw new Aborted("stopping");
    return await atPlace(
      session,
      await connection.createSlot(`xianfeng_copy_${randomBytes(6).toString("hex")}`, true),
      work,
    );
  } finally {
    session.signal.removeEventListener("abort", stop);
    await connection.close();
  }
}

async function atPlace<Result>(
  { databaseUrl, signal }: Session,
  { lsn, snapshot }: Place,
  work: (client: pg.Client, lsn: bigint) => Promise<Result>,
): Promise<Result> {
  const client = await openSnapshot(databaseUrl, snapshot);
  const stop = () => void client.end().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) throw new Aborted("stopping");
    return await work(client, lsn);
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end().catch(() => undefined);
  }
}

async function fill(
  { epoch, sink }: Session,
  fresh: ReadonlyMap<TableState, string>,
  client: pg.Client,
  lsn: bigint,
  progress: CopyProgress | undefined,
): Promise<Map<TableState, number>> {
  if (progress) await tellSizes([...fresh.keys()], client, progress);
  const counts = new Map<TableState, number>();
  // A TRUNCATE that arrives meanwhile has to wait for the rows that it deletes.
  const filled = new Map([...fresh.keys()].map((table) => [table, Promise.withResolvers<void>()]));
  for (const [table, { promise }] of filled) table.filling = promise;
  try {
    for (const [table, name] of fresh) {
      const rows = await copyTable(client, table, targetOf(name), { epoch, lsn }, sink, (sofar) =>
        progress?.copied(table.name, sofar, false),
      );
      progress?.copied(table.name, rows, true);
      counts.set(table, rows);
      filled.get(table)?.resolve();
    }
  } finally {
    for (const { resolve } of filled.values()) resolve();
  }
  return counts;
}

async function tellSizes(tables: readonly TableState[], client: pg.Client, progress: CopyProgress): Promise<void> {
  const { rows } = await client.query<{ name: string; rows: number }>(
    "select relname as name, greatest(reltuples, 0)::float8 as rows from pg_class where oid = any($1::oid[])",
    [tables.map((table) => table.relationOid)],
  );
  for (const { name, rows: about } of rows) progress.about(name, about);
}

async function exchangeAll(
  { clickhouse, store, sink, epoch, signal, status, log }: Session,
  fresh: ReadonlyMap<TableState, string>,
  lsn: bigint,
  counts: ReadonlyMap<TableState, number>,
): Promise<void> {
  for (const [table, name] of fresh) {
    if (signal.aborted) throw new Aborted("stopping");
    // A process that may have lost its right to write finds out here.
    await sink.sure();
    await exchange(clickhouse, table, name);
    table.copiedLsn = lsn;
    await store.forgetDeadLetters(table.name, lsn);
    await store.saveCopied(table, epoch, lsn, counts.get(table) ?? 0);
    log("info", "copied", { table: table.name, rows: counts.get(table) ?? 0 });
  }
  status.refused = await store.deadLetters();
}
