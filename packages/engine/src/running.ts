import { randomUUID } from "node:crypto";
import type { Engine } from "./engine.ts";
import { EngineError } from "./errors.ts";

/** A query on its way. The engine does not know the client's id; the tag finds the query in it. */
export class RunningQuery {
  readonly id: string;
  readonly user: string;
  readonly text: string;
  readonly tag = `xf-${randomUUID()}`;
  readonly startedAt = performance.now();
  readonly #abort = new AbortController();

  constructor(id: string, user: string, text: string) {
    this.id = id;
    this.user = user;
    this.text = text;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  cancel(reason: Error): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
  }
}

export const cancelled = () => new EngineError(394, "QUERY_WAS_CANCELLED", "Query was cancelled");

const killEveryMs = 100;

/** All queries on their way, by the client's id. */
export class RunningQueries {
  readonly #byId = new Map<string, RunningQuery>();

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator]() {
    return this.#byId.values();
  }

  /** @throws EngineError 216 when a query of this id runs. */
  add(query: RunningQuery): void {
    const other = this.#byId.get(query.id);
    if (other) {
      throw new EngineError(
        216,
        "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
        `Query with id = ${query.id} is already running`,
      );
    }
    this.#byId.set(query.id, query);
  }

  /** Cancels a running query of the same id and user, and waits until it has gone. */
  async replace(query: RunningQuery): Promise<void> {
    const other = this.#byId.get(query.id);
    if (!other || other.user !== query.user) return;
    other.cancel(cancelled());
    while (this.#byId.get(query.id) === other) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  get(id: string): RunningQuery | undefined {
    return this.#byId.get(id);
  }

  remove(query: RunningQuery): void {
    if (this.#byId.get(query.id) === query) this.#byId.delete(query.id);
  }
}

/**
 * Runs `work` and, once the query is cancelled, asks the engine to stop it again and again until it has: a query may
 * be between two of its statements when the first request to stop comes.
 */
export async function untilCancelled<T>(engine: Engine, query: RunningQuery, work: () => Promise<T>): Promise<T> {
  query.signal.throwIfAborted();
  let ended = false;
  const stop = async () => {
    while (!ended) {
      await engine.kill(query.tag).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, killEveryMs));
    }
  };
  const onAbort = () => void stop();
  query.signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } finally {
    ended = true;
    query.signal.removeEventListener("abort", onAbort);
  }
}
