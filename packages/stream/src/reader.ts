import { type Batch, Batcher } from "./batch.ts";
import { Decoder } from "./decoder.ts";
import { DriftError } from "./errors.ts";
import { failPoint } from "./failpoint.ts";
import type { History } from "./history.ts";
import { Lane } from "./lane.ts";
import type { Look } from "./look.ts";
import { formatLsn } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import type { Sink } from "./sink.ts";
import type { ReplicationConnection, ReplicationStream } from "./socket.ts";
import type { StateStore } from "./state.ts";
import type { Status } from "./status.ts";
import type { AppliedEvent } from "./stream.ts";

type ReaderOptions = {
  epoch: number;
  tables: ReadonlyMap<string, TableState>;
  sink: Sink;
  store: StateStore;
  status: Status;
  look: Look;
  history: History;
  /** Before this place tables copied at different times do not fit together, so nothing is said and nothing confirmed. */
  holdUntil: bigint;
  /**
   * The same while a table that was whole takes no rows, until it is copied in its new shape: it would be behind what is said, and what
   * has been confirmed is not sent again.
   */
  isHeld(): boolean;
  heartbeatMs: number;
  start: { asOf: Date | undefined; asOfLsn: bigint; checkedLsn: bigint };
  signal: AbortSignal;
  onApplied(event: AppliedEvent): void;
};

/** Reads the slot, applies batches, and confirms a place only after everything before it is in ClickHouse. */
export class Reader {
  readonly lane = new Lane();
  /** Settles when no batch is being applied any more. */
  finished: Promise<void> = Promise.resolve();
  readonly #options: ReaderOptions;
  readonly #batcher: Batcher;
  readonly #decoder: Decoder;
  readonly #end = new AbortController();
  #stream: ReplicationStream | undefined;
  #applying = false;
  #savingIdle = false;
  #asOf: Date | undefined;
  #asOfLsn: bigint;
  #checkedLsn: bigint;
  #savedAt = 0;
  #savedLsn = 0n;
  #retriesSeen = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#asOf = options.start.asOf;
    this.#asOfLsn = options.start.asOfLsn;
    this.#checkedLsn = options.start.checkedLsn;
    Object.assign(options.status, options.start, { landedLsn: options.start.checkedLsn });
    this.#batcher = new Batcher(() => this.#resume());
    this.#decoder = new Decoder({ ...options, batcher: this.#batcher });
  }

  /** Ends only by an error. */
  async run(
    connection: ReplicationConnection,
    slot: string,
    publication: string,
    whileItRuns: boolean,
  ): Promise<never> {
    const { status, heartbeatMs } = this.#options;
    const handler = {
      message: (buffer: Buffer, start: number, end: number) => this.#decoder.message(buffer, start, end),
      keepalive: (walEnd: bigint) => this.#onKeepalive(walEnd),
      chunk: () => this.#onChunk(),
    };
    const stream = connection.stream(slot, publication, handler, whileItRuns);
    this.#stream = stream;
    const heartbeat = setInterval(() => {
      if (!stream.isPaused) stream.ping();
    }, heartbeatMs);
    stream.ping();
    const applying = this.#applyAll();
    this.finished = applying.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([stream.closed, applying.then(() => stream.closed)]);
    } finally {
      clearInterval(heartbeat);
      status.paused = false;
      this.close();
    }
  }

  close(): void {
    this.#end.abort();
    this.#stream?.close();
  }

  #onChunk(): void {
    const { status } = this.#options;
    if (!this.#batcher.isEmpty) {
      status.caughtUp = false;
      failPoint("batched");
    }
    if (this.#batcher.isFull && this.#stream) {
      this.#stream.pause();
      status.paused = true;
    }
    status.rows = this.#decoder.rowsDecoded;
    status.bytesRead = this.#stream?.bytesRead ?? 0;
    this.#batcher.wake();
  }

  #resume(): void {
    this.#stream?.resume();
    this.#options.status.paused = false;
  }

  async #applyAll(): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#end.signal]);
    for (;;) {
      const batch = await this.#batcher.next(signal);
      if (!batch) return;
      this.#applying = true;
      await this.lane.run(() => this.#apply(batch));
      this.#applying = false;
    }
  }

  async #apply(batch: Batch): Promise<void> {
    const { sink, status, tables } = this.#options;
    await sink.apply(batch, tables);
    status.batches += 1;
    status.inserts = sink.inserts;
    status.retries = sink.retries;
    status.lastBatchRows = batch.rows;
    status.largestBatchRows = Math.max(status.largestBatchRows, batch.rows);
    const touched = [
      ...[...batch.lines.keys()].map((relation) => relation.table.name),
      ...batch.streamed.flatMap(({ stages }) => stages.map(({ table }) => table.name)),
    ];
    batch.release();
    if (!batch.commit) return;
    this.#asOf = batch.commit.time;
    this.#asOfLsn = batch.commit.end;
    await this.#reached(batch.commit.end, [...new Set(touched)]);
  }

  /** Everything before this place has landed: say so in `_applied`, then let the server forget it. */
  async #reached(lsn: bigint, tables: string[]): Promise<void> {
    const { status, sink, store, epoch, holdUntil } = this.#options;
    if (lsn > status.landedLsn) status.landedLsn = lsn;
    if (lsn < holdUntil || this.#options.isHeld()) return;
    if (lsn > this.#checkedLsn) this.#checkedLsn = lsn;
    const checkedAt = new Date();
    const asOfLsn = this.#asOfLsn;
    await sink.untilDone(async () => {
      if (tables.length === 0 || sink.retries !== this.#retriesSeen) await this.#knowsWhatWasSaved();
      await store.saveApplied({ epoch, asOf: this.#asOf, asOfLsn, checkedAt, checkedLsn: this.#checkedLsn });
    });
    this.#savedLsn = this.#checkedLsn;
    this.#retriesSeen = sink.retries;
    this.#savedAt = performance.now();
    failPoint("before_confirm");
    this.#stream?.confirm(this.#checkedLsn);
    Object.assign(status, { asOf: this.#asOf, asOfLsn, checkedAt, checkedLsn: this.#checkedLsn });
    if (this.#batcher.isEmpty) status.caughtUp = true;
    this.#options.onApplied({
      asOf: this.#asOf?.toISOString(),
      lsn: formatLsn(this.#checkedLsn),
      checkedAt: checkedAt.toISOString(),
      tables,
    });
  }

  /** A ClickHouse that was away may have come back from an older copy of its files: then what has been confirmed is not there. */
  async #knowsWhatWasSaved(): Promise<void> {
    const saved = await this.#options.store.applied();
    if ((saved?.checkedLsn ?? 0n) < this.#savedLsn) throw new DriftError("ClickHouse is older than it was");
  }

  /** The server has sent everything before `walEnd`. When nothing of it waits here, a quiet database need not keep it. */
  #onKeepalive(walEnd: bigint): void {
    this.#options.history.reached(walEnd);
    if (this.#applying || !this.#batcher.isEmpty || this.#savingIdle) return;
    const { heartbeatMs, status } = this.#options;
    const isDue = performance.now() - this.#savedAt >= heartbeatMs * 0.9;
    if (!isDue && this.#savedAt > 0) {
      status.caughtUp = walEnd >= this.#checkedLsn;
      return;
    }
    this.#savingIdle = true;
    this.lane
      .run(() => this.#reached(walEnd, []))
      .catch((error) => this.#stream?.close(error))
      .finally(() => {
        this.#savingIdle = false;
      });
  }
}
