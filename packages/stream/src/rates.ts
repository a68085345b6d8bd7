import type { Status } from "./status.ts";

/** One point of the curve of the last hour. Lag in seconds; missing while nothing was known. */
export type Sample = { at: number; lagSeconds?: number; rows: number };

const everyMs = 10_000;
const kept = 360;

/** Looks at the status every ten seconds and keeps an hour of it, in memory: a curve for people, not a record. */
export class Rates {
  readonly #status: Status;
  readonly #timer: NodeJS.Timeout;
  #samples: Sample[] = [];

  constructor(status: Status) {
    this.#status = status;
    this.look();
    this.#timer = setInterval(() => this.look(), everyMs);
    this.#timer.unref();
  }

  look(at = Date.now()): void {
    const { lagSeconds, rows } = this.#status;
    this.#samples = [...this.#samples.slice(1 - kept), { at, lagSeconds, rows }];
  }

  /** The last hour, oldest first. */
  history(): readonly Sample[] {
    return this.#samples;
  }

  /** Rows a second since about half a minute ago. The count begins at 0 again with each session. */
  rowsPerSecond(now = Date.now()): number {
    const recent = this.#samples.filter(({ at }) => at >= now - 35_000);
    const [first] = recent;
    if (!first || now - first.at < 1_000) return 0;
    let rows = 0;
    let before = first.rows;
    for (const sample of [...recent.slice(1), { rows: this.#status.rows }]) {
      rows += sample.rows >= before ? sample.rows - before : sample.rows;
      before = sample.rows;
    }
    return rows / ((now - first.at) / 1000);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
