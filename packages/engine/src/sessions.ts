import type { Engine } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { Connection } from "./native.ts";
import type { UserOptions } from "./options.ts";
import { opening } from "./prelude.ts";
import type { EngineRequest } from "./request.ts";

type Named = { connection: Connection; busy: boolean; timer: NodeJS.Timeout | undefined };

/** A connection lent to one request. */
export type Lease = {
  connection: Connection;
  /** A named session outlives the request: what the request sets for itself has to be undone. */
  named: boolean;
  /** Gives it back; call it when the connection's last query has ended. */
  release(): void;
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

  /** @throws EngineError 373 when the session runs another query, 372 when it should exist and does not. */
  async lease(request: EngineRequest): Promise<Lease> {
    const { session, user } = request;
    if (!session) {
      const connection = await this.#open(user);
      return { connection, named: false, release: () => this.#engine.disconnect(connection) };
    }
    const key = `${user.name}\0${session.id}`;
    let found = this.#named.get(key);
    if (found?.busy) {
      throw new EngineError(373, "SESSION_IS_LOCKED", `Session ${session.id} is locked by a concurrent client`);
    }
    if (!found) {
      if (session.mustExist) {
        throw new EngineError(372, "SESSION_NOT_FOUND", `Session ${session.id} not found`);
      }
      if (this.#named.size >= mostSessions) this.#closeOldest();
      const connection = this.#engine.connect();
      const opened: Named = { connection, busy: true, timer: undefined };
      this.#named.set(key, opened);
      try {
        await this.#engine.read(connection, opening(user), "TSV");
      } catch (error) {
        this.#named.delete(key);
        this.#engine.disconnect(connection);
        throw error;
      }
      found = opened;
    }
    const held = found;
    clearTimeout(held.timer);
    held.busy = true;
    const release = () => {
      held.busy = false;
      held.timer = setTimeout(() => {
        this.#named.delete(key);
        this.#engine.disconnect(held.connection);
      }, session.timeoutSeconds * 1000);
      held.timer.unref();
    };
    return { connection: held.connection, named: true, release };
  }

  async #open(user: UserOptions): Promise<Connection> {
    const connection = this.#engine.connect();
    try {
      await this.#engine.read(connection, opening(user), "TSV");
      return connection;
    } catch (error) {
      this.#engine.disconnect(connection);
      throw error;
    }
  }

  #closeOldest() {
    for (const [key, named] of this.#named) {
      if (named.busy) continue;
      clearTimeout(named.timer);
      this.#named.delete(key);
      this.#engine.disconnect(named.connection);
      return;
    }
    throw new EngineError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many sessions are open");
  }

  /** Only when no request runs any more. */
  close(): void {
    for (const named of this.#named.values()) {
      clearTimeout(named.timer);
      this.#engine.disconnect(named.connection);
    }
    this.#named.clear();
  }
}
