import { StopError } from "./errors.ts";
import { formatLsn } from "./lsn.ts";

/** Commits are remembered in milliseconds. */
export type Mark = { lsn: bigint; time: Date };

/**
 * Recognises the log. A server whose files were put back to an older state and that has written on since has the same name, the same
 * timeline, and may be past the place that was reached before; but at the place of the newest transaction that has landed it has another
 * one, or none. Where the server sends that transaction again, it must be the same.
 */
export class History {
  #mark: Mark | undefined;

  /**
   * @param confirmed place from which the server sends
   * @param mark the newest transaction that has landed; undefined when none has since the last copy
   */
  constructor(confirmed: bigint, mark: Mark | undefined) {
    this.#mark = mark && confirmed < mark.lsn ? mark : undefined;
  }

  /** @throws StopError when this commit cannot be in the history that was read before */
  commit(end: bigint, time: Date): void {
    if (!this.#mark) return;
    if (end === this.#mark.lsn && time.getTime() === this.#mark.time.getTime()) this.#mark = undefined;
    else if (end >= this.#mark.lsn) this.#stop(this.#mark);
  }

  /** Every transaction before this place has been sent. */
  reached(place: bigint): void {
    if (this.#mark && place >= this.#mark.lsn) this.#stop(this.#mark);
  }

  #stop(mark: Mark): never {
    throw new StopError(
      "other_history",
      `PostgreSQL does not have the transaction that ended at ${formatLsn(mark.lsn)} and that raw has: its files were put back to an older state. Mend: node packages/stream/src/cli.ts recover; it copies every table again.`,
    );
  }
}
