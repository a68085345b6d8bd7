import { isDeepStrictEqual } from "node:util";
import { type ClickHouse, createClickHouse, dropsLarge } from "@xianfeng/clickhouse";
import { ensureControlTables, publicationName, slotName } from "@xianfeng/clickhouse/landing";
import type { Log } from "@xianfeng/service";
import pg from "pg";
import { checkHistory, checkServer, readPublication, readSlot } from "./checks.ts";
import { type Session as CopySession, copyTables, type Place } from "./copier.ts";
import { Aborted, DriftError, messageOf, StopError, UnstreamableError } from "./errors.ts";
import { dropLeftovers, readFences } from "./fresh.ts";
import { History } from "./history.ts";
import type { Lane } from "./lane.ts";
import { Lease } from "./lease.ts";
import { Look } from "./look.ts";
import { formatLsn, parseLsn } from "./lsn.ts";
import { Operations } from "./operations.ts";
import { prepareTable } from "./prepare.ts";
import { Reader } from "./reader.ts";
import type { TableState } from "./relation.ts";
import { pause, Sink } from "./sink.ts";
import { endClient, ReplicationConnection, sessionUrl } from "./socket.ts";
import { type Applied, type Source, StateStore } from "./state.ts";
import { Status } from "./status.ts";

export type StreamOptions = {
  databaseUrl: string;
  clickhouse: { url: string; user: string; password: string };
  log: Log;
  /** How often the catalog is read again; default 2,000 ms. */
  pollMs?: number;
  /** How often a quiet stream says that it is still up to date; default 5,000 ms. */
  heartbeatMs?: number;
};

/** Told after every batch that has landed; `tables` is empty when only time has passed. */
export type AppliedEvent = { asOf: string | undefined; lsn: string; checkedAt: string; tables: string[] };

/** What lasts as long as one connection to PostgreSQL. */
type Session = {
  control: pg.Client;
  connection: ReplicationConnection;
  lease: Lease;
  lost: Promise<never>;
  /** What must have ended before the next session begins. */
  background: Promise<unknown>[];
  signal: AbortSignal;
};

const wholeMs = 10 * 60_000;

type Copy = (
  tables: readonly TableState[],
  how: { place?: Place; lane?: Lane },
) => Promise<{ lsn: bigint; at: Date } | undefined>;

/** Carries committed changes from PostgreSQL to ClickHouse until it is stopped; mends what it can, says what it cannot. */
export class Stream {
  readonly status = new Status();
  /** What a person may ask of it while it flows. */
  readonly operations: Operations;
  readonly #options: StreamOptions;
  readonly #clickhouse: ClickHouse;
  readonly #store: StateStore;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<(event: AppliedEvent) => void>();
  /** Until then no transaction is taken before it has ended. */
  #streamsAgainAt = 0;
  #running: Promise<void> | undefined;
  #operating: Promise<void> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#clickhouse = createClickHouse({
      ...options.clickhouse,
      tag: "stream",
      timeoutMs: 30_000,
      settings: dropsLarge,
    });
    this.#store = new StateStore(this.#clickhouse);
    this.operations = new Operations(options.log, (tables) => {
      const present = this.presentState();
      if (present) for (const listener of this.#listeners) listener({ ...present, tables });
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#operating;
    await this.#clickhouse.close();
    this.status.state = "ended";
  }

  /** What the last event said, for a reader that has just come. */
  presentState(): AppliedEvent | undefined {
    const { asOf, checkedAt, checkedLsn } = this.status;
    if (!checkedAt) return undefined;
    return { asOf: asOf?.toISOString(), lsn: formatLsn(checkedLsn), checkedAt: checkedAt.toISOString(), tables: [] };
  }

  /** @returns a function that ends the subscription */
  onApplied(listener: (event: AppliedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = Date.now();
      try {
        await this.#session();
      } catch (error) {
        if (signal.aborted) break;
        failures = Date.now() - startedAt > 10_000 ? 0 : failures + 1;
        await pause(this.#afterFailure(error, failures), signal);
      }
    }
  }

  #afterFailure(error: unknown, failures: number): number {
    const { status } = this;
    const { log } = this.#options;
    const message = messageOf(error);
    status.caughtUp = false;
    status.copying = [];
    if (error instanceof StopError) {
      if (status.reason !== error.reason) log("error", "stopped", { reason: error.reason, message });
      status.state = "stopped";
      status.reason = error.reason;
      status.message = message;
      return this.#options.pollMs ?? 2_000;
    }
    // It has to be sent as a whole now, however long it still runs.
    if (error instanceof UnstreamableError) this.#streamsAgainAt = Date.now() + wholeMs;
    status.state = "retrying";
    status.reason = undefined;
    status.message = message;
    status.reconnects += 1;
    const isPlanned = error instanceof DriftError || error instanceof UnstreamableError;
    log(isPlanned ? "info" : "warn", "reconnecting", { message });
    return isPlanned ? 50 : Math.min(100 * 2 ** failures, 5_000);
  }

  async #session(): Promise<void> {
    const signals = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, signals.signal]);
    const control = await this.#connect();
    const gone = new Promise<never>((_, reject) => {
      control.on("error", reject);
      control.on("end", () => reject(new Error("PostgreSQL closed the connection")));
    });
    gone.catch(() => undefined);
    const replication: ReplicationConnection[] = [];
    const background: Promise<unknown>[] = [];
    let lease: Lease | undefined;
    try {
      lease = await Lease.take(this.#options.databaseUrl, signal, () => {
        this.status.state = "standby";
        this.status.message = "another stream process reads the slot; this one takes over when it ends";
      });
      const lost = Promise.race([gone, lease.lost]);
      lost.catch(() => undefined);
      await lease.freeSlot(control, slotName, signal);
      const connection = await ReplicationConnection.open(this.#options.databaseUrl);
      replication.push(connection);
      lost.catch(() => connection.cut("the session has ended"));
      await this.#flow({ control, connection, lease, lost, background, signal });
    } finally {
      signals.abort();
      await Promise.allSettled([
        endClient(control),
        ...replication.map((connection) => connection.close()),
        ...background,
      ]);
      // The lock goes last: until here something of this session may still have been on its way to ClickHouse.
      await lease?.end();
      this.status.postgres = "down";
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: sessionUrl(this.#options.databaseUrl, "xianfeng-stream-control"),
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    client.on("error", () => undefined);
    await client.connect();
    this.status.postgres = "up";
    await checkServer(client);
    return client;
  }

  async #flow(session: Session): Promise<void> {
    const { status } = this;
    const { control, connection, lease, lost, signal } = session;
    // It may still be dropping tables that this session would make.
    await this.#operating;
    await ensureControlTables(this.#clickhouse);
    status.clickhouseTrouble = undefined;
    const identity = await connection.identify();
    const look = await Look.take(control);
    const tables = new Map((await readPublication(control)).map((table) => [table.name, table]));
    const [slot, before, applied] = [await readSlot(control), await this.#store.source(), await this.#store.applied()];
    checkHistory(identity, slot, before, applied);
    status.reason = undefined;
    status.message = undefined;
    status.refused = await this.#store.deadLetters();

    const epoch = before?.epoch ?? 1;
    const sink = this.#sink(epoch, lease, signal);
    const { missing, isHeld } = await this.#prepare(control, tables, epoch, () => lease.sure());
    const copy = this.#copier({ sink, epoch, signal }, control);
    const isFirst = applied?.epoch !== epoch;
    let source = before;
    let holdUntil = 0n;
    let asOf = isFirst ? undefined : applied?.asOf;
    if (!source || source.slotLsn === 0n || isFirst) {
      status.state = "copying";
      const made = slot ? undefined : await connection.createSlot(slotName, false);
      const slotLsn = made?.lsn ?? parseLsn(slot?.confirmed_flush_lsn ?? "0/0");
      source = { epoch, ...identity, slot: slotName, slotLsn };
      await lease.sure();
      await this.#store.saveSource(source);
      const copying = copy(missing.splice(0), { place: made });
      session.background.push(copying);
      const copied = await Promise.race([copying, lost]);
      // One that was copied by a session that ended before it could say so may lie behind the others.
      holdUntil = slotLsn;
      for (const { copiedLsn } of tables.values()) if (copiedLsn > holdUntil) holdUntil = copiedLsn;
      if (holdUntil !== slotLsn) await this.#store.saveSource({ ...source, slotLsn: holdUntil });
      asOf = copied?.at;
    }
    // What the copies brought is no transaction that could be met again.
    const mark =
      !isFirst && applied?.asOf && applied.asOfLsn !== source.slotLsn
        ? { lsn: applied.asOfLsn, time: applied.asOf }
        : undefined;
    await this.#read({
      ...session,
      history: new History(parseLsn(slot?.confirmed_flush_lsn ?? "0/0"), mark),
      look,
      tables,
      sink,
      copy,
      missing,
      isHeld,
      source,
      holdUntil,
      applied: { asOf, isFirst, applied },
    });
  }

  async #read(
    flow: Session & {
      look: Look;
      history: History;
      tables: Map<string, TableState>;
      sink: Sink;
      copy: Copy;
      missing: TableState[];
      isHeld: boolean;
      source: Source;
      holdUntil: bigint;
      applied: { asOf: Date | undefined; isFirst: boolean; applied: Applied | undefined };
    },
  ): Promise<void> {
    const { status } = this;
    const { epoch, slotLsn } = flow.source;
    const known = flow.applied.isFirst ? undefined : flow.applied.applied;
    let { isHeld } = flow;
    const reader = new Reader({
      epoch,
      tables: flow.tables,
      sink: flow.sink,
      store: this.#store,
      status,
      look: flow.look,
      history: flow.history,
      holdUntil: flow.holdUntil,
      isHeld: () => isHeld,
      heartbeatMs: this.#options.heartbeatMs ?? 5_000,
      start: {
        asOf: flow.applied.asOf,
        asOfLsn: known?.asOfLsn ?? flow.holdUntil,
        checkedLsn: known?.checkedLsn ?? slotLsn,
      },
      signal: flow.signal,
      onApplied: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
    });
    status.state = "streaming";
    this.#options.log("info", "streaming", {
      from: formatLsn(slotLsn),
      tables: flow.tables.size,
      copying: flow.missing.length,
    });
    const copying = flow.copy(flow.missing, { lane: reader.lane }).then(() => {
      isHeld = false;
    });
    flow.background.push(copying);
    this.#operating = this.operations.work({
      ...this.#copySession({ sink: flow.sink, epoch, signal: flow.signal }),
      tables: flow.tables,
      lane: reader.lane,
    });
    const work = [
      reader.run(flow.connection, slotName, publicationName, Date.now() >= this.#streamsAgainAt),
      copying.then(() => new Promise<never>(() => undefined)),
      this.#watch(flow.control, flow.tables, flow.signal),
      flow.lost,
    ];
    try {
      await Promise.race(work);
    } finally {
      reader.close();
      await Promise.allSettled([reader.finished]);
    }
  }

  #sink(epoch: number, lease: Lease, signal: AbortSignal): Sink {
    const { status } = this;
    const sink: Sink = new Sink(this.#clickhouse, epoch, signal, {
      sure: () => lease.sure(),
      onTrouble: (trouble) => {
        if (trouble && !status.clickhouseTrouble) this.#options.log("warn", "clickhouse", { message: trouble });
        status.clickhouseTrouble = trouble;
        status.retries = sink.retries;
      },
      onRefused: (count) => {
        status.refused += count;
        this.#options.log("warn", "rows set aside", { count });
      },
    });
    return sink;
  }

  #copySession(own: Pick<CopySession, "sink" | "epoch" | "signal">): CopySession {
    const { databaseUrl, log } = this.#options;
    return { databaseUrl, log, clickhouse: this.#clickhouse, store: this.#store, status: this.status, ...own };
  }

  /** Copies tables that have just joined, and says so meanwhile. */
  #copier(own: Pick<CopySession, "sink" | "epoch" | "signal">, control: pg.Client): Copy {
    return async (tables, { place, lane }) => {
      if (tables.length === 0) return undefined;
      this.status.copying = tables.map(({ name }) => name);
      // A slot that has just been made has waited for them itself.
      const writers = place ? undefined : control;
      const copied = await copyTables(this.#copySession(own), tables, { place, lane, writers });
      this.status.copying = [];
      return copied;
    };
  }

  /**
   * Gives the landing tables their shape.
   * @returns those that have to be copied; held when one of them was whole and takes no rows until it is
   */
  async #prepare(
    control: pg.Client,
    tables: ReadonlyMap<string, TableState>,
    epoch: number,
    sure: () => Promise<void>,
  ): Promise<{ missing: TableState[]; isHeld: boolean }> {
    await sure();
    await dropLeftovers(this.#clickhouse);
    const [all, fences] = [await this.#store.copied(), await readFences(this.#clickhouse)];
    for (const { table, state } of all) {
      if (tables.has(table) || state !== "copied") continue;
      await sure();
      await this.#store.saveStale(table);
    }
    const known = new Map(all.map((row) => [row.table, row]));
    const missing: TableState[] = [];
    let isHeld = false;
    for (const table of tables.values()) {
      const copied = known.get(table.name);
      const fence = fences.get(table.name);
      const isMissing = await prepareTable(this.#clickhouse, control, table, { epoch, copied, fence, sure });
      if (isMissing && table.targets.length === 0 && copied?.state === "copied") isHeld = true;
      if (isMissing) missing.push(table);
      else if (!isDeepStrictEqual(copied?.shape, table.shape)) {
        await sure();
        await this.#store.saveShape(table);
      }
    }
    return { missing, isHeld };
  }

  /** Looks again and again whether what is published can still arrive exactly. Ends only by an error. */
  async #watch(control: pg.Client, tables: ReadonlyMap<string, TableState>, signal: AbortSignal): Promise<never> {
    const { status } = this;
    const shape = (list: Iterable<TableState>) =>
      JSON.stringify(
        [...list]
          .map((t) => [t.name, t.landing, t.relationOid, t.membershipOid, t.shape.columns, t.shape.published])
          .sort(),
      );
    const started = shape(tables.values());
    while (!signal.aborted) {
      const { rows } = await control.query<
        Record<"wal" | "slot" | "safe" | "keep" | "kept" | "spilled" | "times", string | null>
      >(
        `select pg_current_wal_lsn()::text as wal, s.wal_status as slot, s.safe_wal_size::text as safe,
           (select setting from pg_settings where name = 'max_slot_wal_keep_size') as keep,
           pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::text as kept, t.spill_bytes::text as spilled, t.spill_txns::text as times
         from (select 1) one left join pg_replication_slots s on s.slot_name = $1
         left join pg_stat_replication_slots t on t.slot_name = s.slot_name`,
        [slotName],
      );
      status.walLsn = parseLsn(rows[0]?.wal ?? "0/0");
      status.slotStatus = rows[0]?.slot ?? "missing";
      status.safeWalBytes = rows[0]?.safe ? Number(rows[0].safe) : undefined;
      status.keptWalBytes = Number(rows[0]?.keep ?? -1) * 1024 * 1024;
      status.retainedWalBytes = rows[0]?.kept ? Number(rows[0].kept) : undefined;
      status.spilledBytes = rows[0]?.spilled ? Number(rows[0].spilled) : undefined;
      status.spilledTransactions = rows[0]?.times ? Number(rows[0].times) : undefined;
      // Not waited for: what watches the slot may not depend on ClickHouse.
      void this.#store.disk().then(
        (disk) => {
          status.engineDisk = disk;
        },
        () => undefined,
      );
      if (shape(await readPublication(control)) !== started) throw new DriftError("the published tables have changed");
      await pause(this.#options.pollMs ?? 2_000, signal);
    }
    throw new Aborted("stopping");
  }
}
