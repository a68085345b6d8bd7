import type { ClickHouse } from "@xianfeng/clickhouse";
import type { Log } from "@xianfeng/service";
import type pg from "pg";
import { copyTable, openSnapshot, waitForWriters } from "./copy.ts";
import { Aborted } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { versionOf } from "./lsn.ts";
import { exchange, openTarget, type Plan, sweep } from "./prepare.ts";
import { pause, type Sink } from "./sink.ts";
import { ReplicationConnection } from "./socket.ts";
import type { StateStore } from "./state.ts";
import type { Status } from "./status.ts";

type CopierOptions = {
  databaseUrl: string;
  clickhouse: ClickHouse;
  store: StateStore;
  sink: Sink;
  epoch: number;
  status: Status;
  control: pg.Client;
  log: Log;
  signal: AbortSignal;
};

/** Where a copy stands in the log, and when it was taken. */
export type CopyPlace = { lsn: bigint; at: Date };

/** Copies tables as a whole: all at the first start, single ones when they join later. */
export class Copier {
  readonly #options: CopierOptions;

  constructor(options: CopierOptions) {
    this.#options = options;
  }

  /** Copies at a snapshot that belongs to a slot just made. */
  async copyAt(plans: readonly Plan[], place: { lsn: bigint; snapshot: string }): Promise<CopyPlace | undefined> {
    const targets = await this.#open(plans);
    return this.#copy(plans, targets, place);
  }

  /**
   * Copies while the stream flows. From the moment the targets are open they get the stream's rows, too; the snapshot is taken after
   * that, so nothing can fall between the two, and versions sort out what comes twice.
   */
  async copyNow(plans: readonly Plan[], lane?: Lane): Promise<CopyPlace | undefined> {
    if (plans.length === 0) return undefined;
    const { control, signal, databaseUrl } = this.#options;
    const targets = await this.#open(plans);
    await waitForWriters(control, signal);
    if (signal.aborted) throw new Aborted("stopping");
    const connection = await ReplicationConnection.open(databaseUrl);
    const abort = () => connection.cut("stopping");
    signal.addEventListener("abort", abort, { once: true });
    try {
      const place = await connection.createSlot(`xianfeng_copy_${process.pid}`, true);
      return await this.#copy(plans, targets, place, lane);
    } finally {
      signal.removeEventListener("abort", abort);
      await connection.close();
    }
  }

  async #open(plans: readonly Plan[]): Promise<string[]> {
    this.#options.status.copying = plans.map((plan) => plan.table.name);
    const targets: string[] = [];
    for (const plan of plans) targets.push(await openTarget(this.#options.clickhouse, plan));
    return targets;
  }

  // The stream must have passed the snapshot before a copy is taken for whole: it may have brought rows that were deleted while nobody
  // sent it, and only from there on does everything that it brings lie above the copy.
  async #copy(
    plans: readonly Plan[],
    targets: readonly string[],
    place: { lsn: bigint; snapshot: string },
    lane?: Lane,
  ): Promise<CopyPlace> {
    const { databaseUrl, epoch, sink, store, log, status, clickhouse, signal } = this.#options;
    const client = await openSnapshot(databaseUrl, place.snapshot);
    const abort = () => void client.end().catch(() => undefined);
    signal.addEventListener("abort", abort, { once: true });
    try {
      const { rows: times } = await client.query<{ at: Date }>("select now() as at");
      const counts: number[] = [];
      for (const [index, { table }] of plans.entries()) {
        const filling = copyTable(client, table, targets[index] ?? "", { epoch, lsn: place.lsn }, sink);
        table.filling = filling.then(
          () => undefined,
          () => undefined,
        );
        counts.push(await filling);
      }
      while (lane && status.checkedLsn < place.lsn) {
        if (signal.aborted) throw new Aborted("stopping");
        await pause(50, signal);
      }
      for (const [index, plan] of plans.entries()) {
        const { table } = plan;
        const finish = async () => {
          if (signal.aborted) throw new Aborted("stopping");
          await sink.sure();
          await sweep(clickhouse, table, targets[index] ?? "", versionOf(epoch, place.lsn, 0));
          if (plan.fresh) await exchange(clickhouse, table);
          await store.forgetDeadLetters(table.name, place.lsn);
          await store.saveCopied(table, epoch, place.lsn, counts[index] ?? 0);
          table.copiedLsn = place.lsn;
        };
        await (lane ? lane.run(finish) : finish());
        table.filling = undefined;
        status.copying = status.copying.filter((name) => name !== table.name);
        status.refused = await store.deadLetters();
        log("info", "copied", { table: table.name, rows: counts[index] ?? 0 });
      }
      return { lsn: place.lsn, at: times[0]?.at ?? new Date() };
    } finally {
      signal.removeEventListener("abort", abort);
      await client.end().catch(() => undefined);
    }
  }
}
