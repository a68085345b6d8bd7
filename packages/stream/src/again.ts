import type { ClickHouse } from "@xianfeng/clickhouse";
import { copyTable, openSnapshot } from "./copy.ts";
import { Aborted } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { exchange, freshName, openTarget, targetOf } from "./prepare.ts";
import type { TableState } from "./relation.ts";
import { pause, type Sink } from "./sink.ts";
import { ReplicationConnection } from "./socket.ts";
import type { StateStore } from "./state.ts";
import type { Status } from "./status.ts";

/** What an operation on a flowing stream works with. It ends with the stream's session. */
export type Flowing = {
  databaseUrl: string;
  clickhouse: ClickHouse;
  store: StateStore;
  sink: Sink;
  epoch: number;
  tables: ReadonlyMap<string, TableState>;
  lane: Lane;
  status: Status;
  signal: AbortSignal;
};

export type CopyProgress = {
  /** What PostgreSQL believes the tables to hold, once it is known. */
  about(table: string, rows: number): void;
  copied(table: string, rows: number, isWhole: boolean): void;
  phase(phase: "waiting_for_writers" | "copying" | "catching_up" | "exchanging"): void;
};

/**
 * Copies tables anew beside the present ones, at one snapshot, while the stream writes into both; exchanges all of them when the stream
 * has reached the snapshot, so that readers see neither an empty nor a half table, nor one that is ahead of the others. Ended before
 * that, nothing has changed.
 */
export async function copyAgain(flow: Flowing, tables: readonly TableState[], progress: CopyProgress): Promise<void> {
  try {
    for (const table of tables) await openTarget(flow.clickhouse, { table, copy: true, fresh: true });
    progress.phase("waiting_for_writers");
    await atSnapshot(flow, async (client, lsn) => {
      progress.phase("copying");
      const copying = copyAll(flow, tables, client, lsn, progress);
      const ended = copying.then(
        () => undefined,
        () => undefined,
      );
      // A TRUNCATE that arrives meanwhile has to wait for the rows that it deletes.
      for (const table of tables) table.filling = ended;
      const rows = await copying;
      progress.phase("catching_up");
      while (flow.status.checkedLsn < lsn) {
        if (flow.signal.aborted) throw new Aborted("stopping");
        await pause(50, flow.signal);
      }
      progress.phase("exchanging");
      await flow.lane.run(() => exchangeAll(flow, tables, lsn, rows));
    });
  } catch (error) {
    await flow.lane.run(() => dropFresh(flow, tables));
    throw error;
  } finally {
    for (const table of tables) table.filling = undefined;
  }
}

/** Runs work on a connection that sees the database as it was at one place of the log. Waits for transactions that are under way. */
export async function atSnapshot<Result>(
  flow: Flowing,
  work: (client: Awaited<ReturnType<typeof openSnapshot>>, lsn: bigint) => Promise<Result>,
): Promise<Result> {
  const connection = await ReplicationConnection.open(flow.databaseUrl);
  const closeOnAbort = () => void connection.close();
  flow.signal.addEventListener("abort", closeOnAbort, { once: true });
  try {
    const place = await connection.createSlot(`xianfeng_again_${process.pid}`, true);
    const client = await openSnapshot(flow.databaseUrl, place.snapshot);
    const endOnAbort = () => void client.end().catch(() => undefined);
    flow.signal.addEventListener("abort", endOnAbort, { once: true });
    try {
      return await work(client, place.lsn);
    } finally {
      flow.signal.removeEventListener("abort", endOnAbort);
      await client.end().catch(() => undefined);
    }
  } finally {
    flow.signal.removeEventListener("abort", closeOnAbort);
    await connection.close();
  }
}

async function copyAll(
  { sink, epoch }: Flowing,
  tables: readonly TableState[],
  client: Awaited<ReturnType<typeof openSnapshot>>,
  lsn: bigint,
  progress: CopyProgress,
): Promise<Map<string, number>> {
  const estimates = await client.query<{ name: string; rows: number }>(
    "select relname as name, greatest(reltuples, 0)::float8 as rows from pg_class where oid = any($1::oid[])",
    [tables.map((table) => table.relationOid)],
  );
  for (const { name, rows } of estimates.rows) progress.about(name, rows);
  const counts = new Map<string, number>();
  for (const table of tables) {
    const fresh = targetOf(freshName(table.name));
    const rows = await copyTable(client, table, fresh, { epoch, lsn }, sink, (sofar) =>
      progress.copied(table.name, sofar, false),
    );
    progress.copied(table.name, rows, true);
    counts.set(table.name, rows);
  }
  return counts;
}

async function exchangeAll(
  flow: Flowing,
  tables: readonly TableState[],
  lsn: bigint,
  rows: ReadonlyMap<string, number>,
): Promise<void> {
  const { clickhouse, store, sink, epoch, signal, status } = flow;
  if (signal.aborted) throw new Aborted("stopping");
  // A process that may have lost its right to write finds out here.
  await sink.untilDone(async () => undefined);
  for (const table of tables) {
    await exchange(clickhouse, table);
    await store.forgetDeadLetters(table.name, lsn);
    await store.saveCopied(table, epoch, lsn, rows.get(table.name) ?? 0);
    table.copiedLsn = lsn;
  }
  status.refused = await store.deadLetters();
}

async function dropFresh({ clickhouse }: Flowing, tables: readonly TableState[]): Promise<void> {
  for (const table of tables) {
    const fresh = targetOf(freshName(table.name));
    table.targets = table.targets.filter((target) => target !== fresh);
    // A table left behind here is dropped by the next copy of its name.
    await clickhouse.command(`DROP TABLE IF EXISTS ${fresh} SYNC`).catch(() => undefined);
  }
}
