import { setTimeout as pause } from "node:timers/promises";
import { type ClickHouse, createClickHouse, dropsLarge } from "@xianfeng/clickhouse";
import type { Log, Pulse } from "@xianfeng/service";
import { findPieces, refreshParts } from "./compute.ts";
import {
  type Changes,
  claimRefreshed,
  dropLeftovers,
  findTouched,
  type KeptTable,
  readChanges,
  readKeptTables,
  readSince,
  type Touched,
} from "./kept.ts";

export type RefresherOptions = {
  url: string;
  /** Of the user `dbt`. */
  password: string;
  log: Log;
  /** Milliseconds between two looks at the stream's mark while the stream says nothing; default 100. */
  everyMs?: number;
  /** What the stream says: a look follows at once. */
  pulse?: Pulse;
};

export type RefresherStatus = {
  /** Commit up to which every kept table has been refreshed; undefined before the first round. */
  asOfLsn?: string;
  /** Time of that commit, milliseconds since 1970. */
  asOfMs?: number;
  /** When the last whole round began: what had landed before is in the marts. */
  beganAt?: Date;
  /** When that round ended. */
  refreshedAt?: Date;
  /** Since when something has landed that the marts do not show yet; undefined while they show everything. */
  behindSince?: Date;
  /** The round that is under way. */
  working?: { done: string[]; of: number };
  /** What stands in the way at present. */
  trouble?: string;
  rounds: number;
  /** The last round: milliseconds for each table, and how many of its parts were computed. */
  tables: Record<string, { ms: number; parts: number }>;
};

/** Said after each round: the marts hold everything up to the commit of that time. Both ISO 8601. */
export type RefreshedEvent = { asOf: string; checkedAt: string };

/** What is known when a round begins, and what it finds out. */
type Round = {
  since: ReadonlyMap<string, string>;
  changes: Changes;
  touched: Map<string, Touched>;
  /** A round that was cut off may have put rows in already: then nobody can say which ones are other than before. */
  comparesRows: boolean;
  /** By table: the pieces that changed rows of the one that it follows touch. */
  pieces: Map<string, Touched["pieces"]>;
  times: RefresherStatus["tables"];
};

/** `copied` moves when rows have landed that no new commit explains: a table copied anew, or rows put in later. */
type Mark = { lsn: string; epoch: number; copied: string };

/** A stream that lives says something more often than this. */
const silenceMs = 5_000;
/** Between two looks while it speaks: what it does not say itself is found by them. */
const heardMs = 1_000;

/**
 * Keeps the marts fresh: watches how far the stream has come and, when that has moved, refreshes every kept table. What they claim is
 * written down (`int_applied`) before any of their rows is read. Nothing runs while the stream brings nothing. One process at a time.
 */
export class Refresher {
  readonly status: RefresherStatus = { rounds: 0, tables: {} };
  readonly #clickhouse: ClickHouse;
  readonly #options: RefresherOptions;
  readonly #stopping = new AbortController();
  #done: Mark | undefined;
  #isCutOff = true;
  /** The stream has said that rows have landed since the last look. */
  #hasLanded = false;
  #heardAt = Number.NEGATIVE_INFINITY;
  #waiting = new AbortController();
  readonly #listeners = new Set<(event: RefreshedEvent) => void>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#clickhouse = createClickHouse({
      url: options.url,
      user: "dbt",
      password: options.password,
      tag: "refresher",
      // A first round over a large history takes minutes.
      timeoutMs: 3_600_000,
      settings: dropsLarge,
    });
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends after the statement that is running; a round that is left unfinished changes nothing and is done again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#waiting.abort();
    await this.#loop;
    await this.#clickhouse.close();
  }

  /** What was said last, for a reader that has just come; undefined before the first round. */
  presentState(): RefreshedEvent | undefined {
    const { asOfMs, refreshedAt } = this.status;
    if (asOfMs === undefined || !refreshedAt) return undefined;
    return { asOf: new Date(asOfMs).toISOString(), checkedAt: refreshedAt.toISOString() };
  }

  /** @returns a function that ends the subscription */
  onRefreshed(listener: (event: RefreshedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Until the stream says that rows have landed, at most until it is time to look by itself. */
  async #untilNext(): Promise<void> {
    if (this.#hasLanded || this.#stopping.signal.aborted) return;
    const isHeard = performance.now() - this.#heardAt < silenceMs;
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    await pause(isHeard ? heardMs : (this.#options.everyMs ?? 100), undefined, { signal }).catch(() => undefined);
  }

  #listen(pulse: Pulse): () => void {
    let last: string | null = null;
    return pulse.listen(({ asOf }) => {
      this.#heardAt = performance.now();
      if (asOf === last) return;
      last = asOf;
      this.#hasLanded = true;
      this.#waiting.abort();
    });
  }

  async #run(): Promise<void> {
    const { pulse } = this.#options;
    const leave = pulse && this.#listen(pulse);
    try {
      await this.#rounds(this.#stopping.signal);
    } finally {
      leave?.();
    }
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.round();
        if (failures > 0) this.#options.log("info", "refreshing again");
        failures = 0;
        this.status.trouble = undefined;
      } catch (error) {
        if (signal.aborted) return;
        const message = (error as Error).message.slice(0, 300);
        if (failures === 0) this.#options.log("warn", "refresh failed", { message });
        failures += 1;
        this.status.trouble = message;
      }
      if (failures === 0) await this.#untilNext();
      else await pause(Math.min(250 * 2 ** failures, 5_000), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Refreshes everything if the stream's mark has moved since the last whole round. */
  async round(): Promise<void> {
    this.#hasLanded = false;
    const [found] = await this.#clickhouse.query<Mark & { asOfMs: string }>(
      `SELECT toString(as_of_lsn) AS lsn, epoch, toString(toUnixTimestamp64Milli(as_of)) AS asOfMs,
         (SELECT toString(groupBitXor(cityHash64(*))) FROM raw._copied FINAL) AS copied
       FROM staging.stg_applied`,
    );
    if (!found) return;
    const { asOfMs, ...mark } = found;
    if (isSame(mark, this.#done)) return;
    const beganAt = new Date();
    this.status.behindSince ??= beganAt;
    const wasCutOff = this.#isCutOff;
    if (wasCutOff) await dropLeftovers(this.#clickhouse);
    this.#isCutOff = true;
    const [tables] = await Promise.all([
      readKeptTables(this.#clickhouse),
      this.#clickhouse.command("INSERT INTO intermediate.int_applied SELECT * FROM intermediate.int_applied_now"),
    ]);
    this.status.working = { done: [], of: tables.length };
    const since = await readSince(this.#clickhouse, tables);
    const known = [...since.values()];
    const oldest = known.reduce(
      (least, version) => (BigInt(version) < BigInt(least) ? version : least),
      known[0] ?? "0",
    );
    const changes = await readChanges(this.#clickhouse, tables, oldest);
    const round: Round = {
      since,
      changes,
      touched: new Map(),
      comparesRows: !wasCutOff,
      pieces: new Map(),
      times: {},
    };
    await this.#refreshAll(tables, round);
    await claimRefreshed(this.#clickhouse, tables);
    this.#done = mark;
    this.#isCutOff = false;
    Object.assign(this.status, {
      asOfLsn: mark.lsn,
      asOfMs: Number(asOfMs),
      beganAt,
      behindSince: undefined,
      working: undefined,
      refreshedAt: new Date(),
      rounds: this.status.rounds + 1,
      tables: round.times,
    });
    const present = this.presentState();
    if (present) for (const listener of this.#listeners) listener(present);
    this.#options.log("debug", "refreshed", { lsn: mark.lsn, tables: round.times });
  }

  /** Each table as soon as those that it is made of are done. @throws the first failure, when nothing runs any more */
  async #refreshAll(tables: readonly KeptTable[], round: Round): Promise<void> {
    const running = new Map<string, Promise<void>>();
    const start = (table: KeptTable): Promise<void> => {
      const read = tables.filter(({ name }) => table.reads.includes(name));
      const promise =
        running.get(table.name) ?? Promise.all(read.map(start)).then(() => this.#refresh(table, tables, round));
      running.set(table.name, promise);
      return promise;
    };
    const ends = await Promise.allSettled(tables.map(start));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #refresh(table: KeptTable, tables: readonly KeptTable[], round: Round): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    const began = performance.now();
    const touched = await findTouched(this.#clickhouse, table, {
      since: round.since.get(table.name),
      changes: round.changes,
      followed: table.follows ? round.touched.get(table.follows) : undefined,
      pieces: round.pieces.get(table.name),
    });
    round.touched.set(table.name, touched);
    if (touched.parts.length > 0)
      await refreshParts(this.#clickhouse, table, touched, async () => {
        if (!round.comparesRows || touched.since === undefined) return;
        for (const { name, follows, pieces } of tables) {
          const { by, from } = pieces ?? {};
          if (by && from && follows === table.name)
            round.pieces.set(name, await findPieces(this.#clickhouse, { by, from }, table, touched.parts));
        }
      });
    round.times[table.name] = { ms: Math.round(performance.now() - began), parts: touched.parts.length };
    this.status.working?.done.push(table.name);
  }
}

const isSame = (a: Mark, b: Mark | undefined) => a.lsn === b?.lsn && a.epoch === b.epoch && a.copied === b.copied;
