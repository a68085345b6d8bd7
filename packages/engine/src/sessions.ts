import type { Engine } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { Connection } from "./native.ts";
import type { EngineRequest } from "./request.ts";

type Named = { connection: Connection | undefined; busy: boolean; timer: NodeJS.Timeout | undefined };

/** A connection lent to one request. */
export type Lease = {
  connection: Connection;
  /** Nothing was run on it yet: it has no role so far. */
  fresh: boolean;
  /** It outlives the request: what the request sets for itself has to be undone. */
  kept: boolean;
  /** Gives it back when the connection's last query has ended; `usable` is false when it could not be set up. */
  release(usable: boolean): void;
};

const mostSessions = 200;

/** Connections: a fresh one for each request, or the named one of a `session_id` until its time-out. */
export class Sessions {
  readonly #engine: Engine;
  readonly #named = new Map<string, Named>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get size(): number {
    return this.#named.size;
  }

  /**
   * A reader's session has no state to keep (it can neither SET nor create), so it gets a fresh connection under the
   * lock of its session: `readonly` could not be taken back from a kept one.
   * @throws EngineError 373 when the session runs another query, 372 when it should exist and does not.
   */
  lease(request: EngineRequest): Lease {
    const { session, user } = request;
    if (!session) return this.#once(() => undefined);
    const key = `${user.name}\0${session.id}`;
    const found = this.#named.get(key);
    if (found?.busy) {
      throw new EngineError(373, "SESSION_IS_LOCKED", `Session ${session.id} is locked by a concurrent client`);
    }
    if (!found && session.mustExist) {
      throw new EngineError(372, "SESSION_NOT_FOUND", `Session ${session.id} not found`);
    }
    if (!found && this.#named.size >= mostSessions) this.#closeOldest();
    const held: Named = found ?? { connection: undefined, busy: true, timer: undefined };
    clearTimeout(held.timer);
    held.busy = true;
    this.#named.set(key, held);
    const free = () => {
      held.busy = false;
      if (session.close) this.#drop(key);
      else {
        held.timer = setTimeout(() => this.#drop(key), session.timeoutSeconds * 1000);
        held.timer.unref();
      }
    };
    if (user.readonly) return this.#once(free);
    const fresh = held.connection === undefined;
    const connection = held.connection ?? this.#engine.connect();
    held.connection = connection;
    return {
      connection,
      fresh,
      kept: true,
      release: (usable) => {
        // A connection that was not set up completely may lack its role's limits.
        if (!usable) {
          held.connection = undefined;
          this.#engine.disconnect(connection);
        }
        free();
      },
    };
  }

  #once(then: () => void): Lease {
    const connection = this.#engine.connect();
    return {
      connection,
      fresh: true,
      kept: false,
      release: () => {
        this.#engine.disconnect(connection);
        then();
      },
    };
  }

  #drop(key: string) {
    const named = this.#named.get(key);
    if (!named) return;
    clearTimeout(named.timer);
    this.#named.delete(key);
    if (named.connection) this.#engine.disconnect(named.connection);
  }

  #closeOldest() {
    for (const [key, named] of this.#named) {
      if (named.busy) continue;
      this.#drop(key);
      return;
    }
    throw new EngineError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many sessions are open");
  }

  /** Only when no request runs any more. */
  close(): void {
    for (const key of [...this.#named.keys()]) this.#drop(key);
  }
}
