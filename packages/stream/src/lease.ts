import pg from "pg";
import { Aborted } from "./errors.ts";
import { pause } from "./sink.ts";
import { cut, endClient, sessionUrl } from "./socket.ts";

/** Any number, the same in every process that reads this slot. */
export const lockKey = 7_305_001;

// PostgreSQL ends a leader's session that has said nothing for so long, and with it the lock.
const idleMs = 3_000;
const pulseMs = 500;
/** A server that does not answer for so long is away, whatever the network says. */
const answerMs = 15_000;

/**
 * The right to read the slot: an advisory lock in a session that PostgreSQL ends when this process is silent, so that a frozen leader
 * does not keep the others out. A process that slept knows by its clock that the lock may be gone, and asks before it writes.
 */
export class Lease {
  readonly #client: pg.Client;
  /** When the last answered question was asked: until `idleMs` later the server cannot have let the lock go. */
  #provenAt = 0;
  #isLost = false;
  #pulse: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Rejects when the session, and with it the lock, is lost. */
  readonly lost: Promise<never>;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.lost = new Promise((_, reject) => {
      client.on("error", reject);
      client.on("end", () => reject(new Error("PostgreSQL closed the session that holds the lock")));
    });
    this.lost.catch(() => {
      this.#isLost = true;
    });
  }

  /**
   * Waits until this process is the one that reads; the others stand by.
   * @param onStandby called each time the lock is found with another
   * @throws Aborted when the signal ends the wait
   */
  static async take(databaseUrl: string, signal: AbortSignal, onStandby: () => void): Promise<Lease> {
    const client = new pg.Client({
      connectionString: sessionUrl(databaseUrl, "xianfeng-stream-lease"),
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    const lease = new Lease(client);
    try {
      await client.connect();
      // Before the lock: a process that freezes with it must lose it.
      await client.query(`set idle_session_timeout = ${idleMs}`);
      while (!(await lease.#try())) {
        onStandby();
        await pause(500, signal);
        if (signal.aborted) throw new Aborted("stopping");
      }
      await lease.#ask();
    } catch (error) {
      await endClient(client);
      throw error;
    }
    lease.#timer = setInterval(() => void lease.#ask().catch(() => undefined), pulseMs);
    return lease;
  }

  async #try(): Promise<boolean> {
    const { rows } = await this.#client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [lockKey]);
    return rows[0]?.mine === true;
  }

  /**
   * Returns while this process surely leads. To be awaited before everything that changes ClickHouse.
   * @throws Error when the lock may belong to another process now
   */
  async sure(): Promise<void> {
    if (!this.#isLost && performance.now() - this.#provenAt < idleMs) return;
    await this.#ask();
  }

  /**
   * Ends what a leader that froze or whose machine is gone has left: its walsender, and the sessions of a copy, which hold locks. Whoever
   * holds the lock owns the slot.
   */
  async freeSlot(control: pg.Client, slot: string, signal: AbortSignal): Promise<void> {
    await control.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where usename = current_user and datname = current_database() and application_name in ('xianfeng-stream', 'xianfeng-stream-copy')`,
    );
    while (!signal.aborted) {
      const { rows } = await control.query<{ ended: boolean }>(
        `select pg_terminate_backend(s.active_pid) as ended from pg_replication_slots s join pg_stat_activity a on a.pid = s.active_pid
         where s.slot_name = $1 and a.usename = current_user`,
        [slot],
      );
      if (rows.length === 0) return;
      await pause(50, signal);
    }
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await endClient(this.#client);
  }

  /** One question at a time. The session ends with an error when there is no answer. */
  #ask(): Promise<void> {
    this.#pulse ??= this.#askOnce().finally(() => {
      this.#pulse = undefined;
    });
    return this.#pulse;
  }

  async #askOnce(): Promise<void> {
    const askedAt = performance.now();
    const timer = setTimeout(() => cut(this.#client, "PostgreSQL does not answer"), answerMs);
    try {
      await this.#client.query("select 1");
      this.#provenAt = askedAt;
    } finally {
      clearTimeout(timer);
    }
  }
}
