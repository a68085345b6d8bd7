import { EngineError } from "./errors.ts";

const longestQueue = 1000;

/** Lets a fixed number through at a time; the others wait in the order they came. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: { enter: () => void; leave: () => void }[] = [];
  inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws EngineError 202 when too many wait already, and what `signal` was aborted with. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.inside < this.#limit) {
      this.inside += 1;
      return;
    }
    if (this.#waiting.length >= longestQueue) {
      throw new EngineError(
        202,
        "TOO_MANY_SIMULTANEOUS_QUERIES",
        `Too many simultaneous queries. Maximum: ${this.#limit}`,
      );
    }
    await new Promise<void>((resolve, reject) => {
      const waiter = { enter: resolve, leave: () => undefined };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      waiter.enter = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** The place goes to the next that waits. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next.enter();
    else this.inside -= 1;
  }
}
