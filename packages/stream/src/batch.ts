import { Lines } from "./lines.ts";
import type { Relation } from "./relation.ts";
import type { Stage, StreamedCommit } from "./streamed.ts";

export type RefusedRow = {
  table: string;
  lsn: bigint;
  ordinal: number;
  reason: string;
  /** Names of what stands in the payload, a tab-separated line. */
  columns: readonly string[];
  payload: string;
};

/** Rows that go to ClickHouse together, and the last commit that is whole with them. */
export class Batch {
  readonly lines = new Map<Relation, Lines>();
  readonly refused: RefusedRow[] = [];
  /** Tables to be emptied behind these rows, with the version that does it. */
  readonly truncates: { table: string; version: bigint }[] = [];
  /** Transactions that were sent while they ran: those that are committed with this batch, and what those that were rolled back have left. */
  readonly streamed: StreamedCommit[] = [];
  readonly dropped: Stage[] = [];
  rows = 0;
  bytes = 0;
  commit: { end: bigint; time: Date } | undefined;
  /** When the first thing was put in. */
  startedAt = Number.POSITIVE_INFINITY;

  linesOf(relation: Relation): Lines {
    let lines = this.lines.get(relation);
    if (!lines) {
      lines = new Lines();
      this.lines.set(relation, lines);
    }
    return lines;
  }

  get isEmpty(): boolean {
    return (
      this.rows === 0 &&
      this.refused.length === 0 &&
      this.truncates.length === 0 &&
      this.dropped.length === 0 &&
      !this.commit
    );
  }

  started(): void {
    if (this.startedAt === Number.POSITIVE_INFINITY) this.startedAt = performance.now();
  }

  release(): void {
    for (const lines of this.lines.values()) lines.release();
  }
}

// An insert above about a million rows is not atomic, and a batch should fit into memory several times.
const fullRows = 100_000;
const fullBytes = 20 * 1024 * 1024;
const longestWaitMs = 200;
// When nothing has come for so long, a bulk load is over and waiting longer gathers nothing.
const quietMs = 5;
// Flushes of a trickle: 10 at once, then 20 a second.
const mostCredit = 10;
const creditMs = 50;

/**
 * Gathers rows while the applier is busy and hands them over: at once when little comes, in batches when much does. Each insert
 * makes a part that ClickHouse must merge, so a steady trickle is limited to some flushes a second.
 */
export class Batcher {
  #current = new Batch();
  readonly #full: Batch[] = [];
  #inTransaction = false;
  #wake: (() => void) | undefined;
  #credit = mostCredit;
  #creditAt = performance.now();
  #lastRows = 0;
  #lastPieceAt = 0;
  readonly #onRoom: () => void;

  /** @param onRoom called when a full batch was taken */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  get current(): Batch {
    return this.#current;
  }

  /** True when the reader must pause. */
  get isFull(): boolean {
    return this.#full.length >= 2;
  }

  /** True when everything that was read has been handed over. */
  get isEmpty(): boolean {
    return this.#full.length === 0 && this.#current.isEmpty && !this.#inTransaction;
  }

  begin(): void {
    this.#inTransaction = true;
  }

  commit(end: bigint, time: Date): void {
    this.#inTransaction = false;
    this.#current.started();
    this.#current.commit = { end, time };
  }

  /** To be called after rows were added. */
  added(): void {
    this.#current.started();
    if (this.#current.rows >= fullRows || this.#current.bytes >= fullBytes) this.cut();
  }

  /** Closes the current batch; what follows goes into the next one. */
  cut(): void {
    this.#full.push(this.#current);
    this.#current = new Batch();
  }

  /** To be called after each piece that was read. */
  wake(): void {
    this.#lastPieceAt = performance.now();
    this.#wake?.();
  }

  /** The next batch to apply; waits for one. Undefined when the signal aborts. */
  async next(signal: AbortSignal): Promise<Batch | undefined> {
    while (!signal.aborted) {
      const full = this.#full.shift();
      if (full) {
        this.#onRoom();
        return this.#taken(full);
      }
      const wait = this.#waitMs();
      if (wait <= 0) {
        const batch = this.#current;
        this.#current = new Batch();
        return this.#taken(batch);
      }
      await this.#sleep(wait, signal);
    }
    return undefined;
  }

  #taken(batch: Batch): Batch {
    this.#lastRows = batch.rows;
    this.#credit = Math.max(0, this.#credit - 1);
    return batch;
  }

  #waitMs(): number {
    const batch = this.#current;
    if (batch.isEmpty) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    const age = now - batch.startedAt;
    this.#credit = Math.min(mostCredit, this.#credit + (now - this.#creditAt) / creditMs);
    this.#creditAt = now;
    if (!this.#inTransaction && this.#lastRows < 1_000 && this.#credit >= 1) return 0;
    if (this.#inTransaction) return longestWaitMs - age;
    if (this.#lastRows >= 1_000) return Math.min(longestWaitMs - age, quietMs - (now - this.#lastPieceAt));
    return (1 - this.#credit) * creditMs;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, 60_000));
      signal.addEventListener("abort", done, { once: true });
      // A waiting batch keeps its time; only new rows after none, or a full batch, cut the wait short.
      this.#wake = () => {
        if (this.#full.length > 0 || this.#waitMs() <= 0 || ms === Number.POSITIVE_INFINITY) done();
      };
    });
  }
}
