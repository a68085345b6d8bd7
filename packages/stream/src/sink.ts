import type { ClickHouse } from "@xianfeng/clickhouse";
import type { Batch, RefusedRow } from "./batch.ts";
import { Aborted, DriftError, messageOf, UnstreamableError } from "./errors.ts";
import { failPoint } from "./failpoint.ts";
import { dropStage, isFenced, moveSql, openStage, sweep, targetOf } from "./fresh.ts";
import { partsOf, versionOf } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import type { Stage, StreamedCommit } from "./streamed.ts";

/** ClickHouse's numbers for "this value does not fit": the row is at fault, not the server. */
const valueErrors = new Set([
  6, 25, 26, 27, 33, 38, 41, 49, 53, 69, 70, 72, 117, 130, 131, 190, 321, 349, 376, 407, 441, 467, 469, 674, 675,
]);
/** The landing table or a column of it is not there (any more). */
const shapeErrors = new Set([10, 16, 60, 81]);

const slowMs = 10_000;

const codeOf = (error: unknown): number => Number((error as { code?: unknown }).code);

/** Whether ClickHouse says that the row does not fit into the table, rather than that it cannot work at present. */
export const refusesRow = (error: unknown): boolean => valueErrors.has(codeOf(error)) || shapeErrors.has(codeOf(error));

/** Whether the table is not the one any more that this process knows. */
const isMoved = (error: unknown): boolean => shapeErrors.has(codeOf(error)) || isFenced(messageOf(error));

/** `code` = ClickHouse's number; missing when the stream itself kept the row back. */
type SetAside = RefusedRow & { code?: number };
type Landing = { table: string; target: string; columns: readonly string[]; refused: SetAside[] };

export type SinkEvents = {
  /** Returns when this process may write; throws when another one may have taken its place. */
  sure(): Promise<void>;
  /** ClickHouse did not take a statement and will be asked again; undefined when it works again. */
  onTrouble(trouble: string | undefined): void;
  onRefused(count: number): void;
};

/** Writes to ClickHouse and does not give up: what it returns from is in. */
export class Sink {
  readonly #clickhouse: ClickHouse;
  readonly #signal: AbortSignal;
  readonly #events: SinkEvents;
  readonly #epoch: number;
  #tables: ReadonlyMap<string, TableState> | undefined;
  inserts = 0;
  retries = 0;

  constructor(clickhouse: ClickHouse, epoch: number, signal: AbortSignal, events: SinkEvents) {
    this.#clickhouse = clickhouse;
    this.#epoch = epoch;
    this.#signal = signal;
    this.#events = events;
  }

  /** Applies a batch: rows, then rows set aside, then truncations. */
  async apply(batch: Batch, tables: ReadonlyMap<string, TableState>): Promise<void> {
    this.#tables = tables;
    for (const [relation, lines] of batch.lines) {
      if (lines.rows === 0) continue;
      if (relation.stage) await this.#stage(relation.stage, relation.columns, lines.bytes());
      else
        for (const target of relation.table.targets) {
          await this.insertLines(relation.table.name, target, relation.columns, lines.bytes());
        }
    }
    failPoint("inserted");
    await this.#setAside(batch.refused);
    for (const commit of batch.streamed) await this.#move(commit);
    for (const stage of batch.dropped) await this.untilDone(() => dropStage(this.#clickhouse, stage));
    for (const { table, version } of batch.truncates) {
      const state = tables.get(table);
      // Rows of a first copy that is still being inserted must be there to be deleted.
      await state?.filling;
      if (state) await this.#empty(state, version);
    }
  }

  /** Rows of a transaction that has not ended. What cannot be taken is decided on when it has. */
  async #stage(stage: Stage, columns: readonly string[], lines: Buffer): Promise<void> {
    if (!stage.isOpen) await this.untilDone(() => openStage(this.#clickhouse, stage));
    const refused: SetAside[] = [];
    await this.#land({ table: stage.table.name, target: targetOf(stage.name), columns, refused }, lines);
    if (refused[0]) throw new UnstreamableError(refused[0].reason);
  }

  /** A transaction that was sent while it ran is committed: its rows get their versions, and the tables their rows. */
  async #move({ lsn, stages, pieces }: StreamedCommit): Promise<void> {
    for (const stage of stages) {
      const { copiedLsn, targets } = stage.table;
      const moves = lsn < copiedLsn || !stage.isOpen ? [] : targets;
      for (const target of moves) {
        for (const piece of pieces) {
          const sql = moveSql(stage, piece, target, versionOf(this.#epoch, lsn, 0));
          await this.untilDone(() => this.#clickhouse.command(sql));
        }
      }
      failPoint("moved");
      await this.untilDone(() => dropStage(this.#clickhouse, stage));
    }
  }

  /** Inserts lines into one table; lines that ClickHouse refuses are set aside, all others land. */
  async insertLines(table: string, target: string, columns: readonly string[], lines: Buffer): Promise<void> {
    const refused: SetAside[] = [];
    await this.#land({ table, target, columns, refused }, lines);
    // Together, because each insert is a part with its own fsync; nothing has been confirmed yet.
    await this.#setAside(refused);
  }

  /** Inserts what ClickHouse takes, and finds the rest by halves. Each statement has a patience of its own. */
  async #land(to: Landing, lines: Buffer): Promise<void> {
    const error = await this.untilDone(async () => {
      this.inserts += 1;
      try {
        await this.#clickhouse.insertLines(to.target, to.columns, lines);
        return undefined;
      } catch (error) {
        const code = codeOf(error);
        if (isMoved(error)) throw error;
        if (!valueErrors.has(code)) throw error;
        return { code, reason: messageOf(error) };
      }
    });
    if (!error) return;
    const middle = lineBreakNear(lines);
    if (middle === lines.length) {
      to.refused.push({ ...refusedLine(to.table, to.columns, lines, error.reason), code: error.code });
      return;
    }
    await this.#land(to, lines.subarray(0, middle));
    await this.#land(to, lines.subarray(middle));
  }

  /** Returns while this process may write. */
  sure(): Promise<void> {
    return this.#events.sure();
  }

  /** Runs work again until ClickHouse takes it. */
  async untilDone<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt += 1) {
      if (this.#signal.aborted) throw new Aborted("stopping");
      await this.#events.sure();
      let isTold = attempt > 0;
      // A server that hangs is as bad as one that is gone, and gives no error for a long time.
      const slow = setTimeout(() => {
        isTold = true;
        this.#events.onTrouble(`ClickHouse has not answered for ${slowMs / 1000} seconds`);
      }, slowMs);
      try {
        const result = await work().finally(() => clearTimeout(slow));
        if (isTold) this.#events.onTrouble(undefined);
        return result;
      } catch (error) {
        if (error instanceof DriftError || error instanceof Aborted) throw error;
        // Asking again cannot help: a table is not there, or is another one.
        if (isMoved(error)) throw new DriftError(messageOf(error));
        this.retries += 1;
        this.#events.onTrouble(`ClickHouse: ${messageOf(error).slice(0, 300)}`);
        await pause(Math.min(100 * 2 ** attempt, 3_000), this.#signal);
      }
    }
  }

  async #setAside(refused: readonly SetAside[]): Promise<void> {
    // A copy that was finished meanwhile holds the row in its present shape.
    const rows = refused.filter(({ table, lsn }) => lsn >= (this.#tables?.get(table)?.copiedLsn ?? 0n));
    if (rows.length === 0) return;
    const now = Math.floor(Date.now() / 1000);
    const letters = rows.map((row) => ({
      table: row.table,
      commit_lsn: String(row.lsn),
      ordinal: row.ordinal,
      epoch: this.#epoch,
      code: row.code ?? 0,
      set_aside_at: now,
      error: row.reason.slice(0, 500),
      columns: row.columns,
      payload: row.payload,
    }));
    await this.untilDone(() => this.#clickhouse.insert("raw._dead_letter", letters));
    this.#events.onRefused(rows.length);
  }

  // Tombstones instead of TRUNCATE: a repeat of it cannot touch rows that came later, because those have higher versions.
  async #empty(table: TableState, version: bigint): Promise<void> {
    for (const target of table.targets) {
      await this.untilDone(() => sweep(this.#clickhouse, table, target, version));
    }
  }
}

/** Where the second half of the lines begins; the end when there is one line only. */
function lineBreakNear(lines: Buffer): number {
  const half = lines.indexOf(10, lines.length >> 1) + 1;
  if (half > 0 && half < lines.length) return half;
  const before = lines.lastIndexOf(10, lines.length - 2) + 1;
  return before > 0 ? before : lines.length;
}

function refusedLine(table: string, columns: readonly string[], line: Buffer, reason: string): RefusedRow {
  const payload = line.toString("utf8").trimEnd();
  const { lsn, ordinal } = partsOf(BigInt(payload.split("\t").at(-2) ?? "0"));
  return { table, lsn, ordinal, reason, columns, payload };
}

/** Waits, but not longer than until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
