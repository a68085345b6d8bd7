import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@xianfeng/stack/ports";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "@xianfeng/stack/postgres";
import { ensureRoles } from "@xianfeng/stack/roles";
import { testPasswords } from "@xianfeng/stack/testing";
import pg from "pg";
import { reconcile, recover } from "../src/index.ts";
import { chaosTables, type Dice, dice, startWriting } from "./chaos-writes.ts";
import { type CuttingProxy, startProxy } from "./proxy.ts";
import { killed, until, World } from "./world.ts";

export type ChaosOptions = {
  seed: number;
  /** It lasts so long … */
  seconds?: number;
  /** … or until so many faults have struck. */
  faults?: number;
  /** Told of every step as it happens. */
  say?(line: string): void;
};

export type ChaosReport = {
  seed: number;
  transactions: number;
  shapes: number;
  /** Statements that PostgreSQL refused or that died with it. */
  refused: number;
  faults: Record<string, number>;
  cuts: number;
};

/** A run that went wrong: what went wrong, the seed, and every step until then. */
export class ChaosError extends Error {
  override name = "ChaosError";
}

type Health = {
  state?: string;
  ready?: boolean;
  reason?: string;
  message?: string;
  copying?: string[];
  rowsSetAside?: number;
};

const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
/** How long health may take to see a fault, and the stream to mend, on a machine that is busy. */
const patience = 90_000;

/**
 * Random writes, changes of shape and faults against two streams, a PostgreSQL and an engine of its own, all from one seed. Ends when the
 * time is over and everything has come to rest, equal.
 * @throws ChaosError
 */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedAt = Date.now();
  const steps: string[] = [];
  const log = (line: string) => {
    const step = `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`;
    steps.push(step);
    options.say?.(step);
  };
  const storm = await Storm.open(dice(options.seed), log);
  try {
    return await storm.run(options);
  } catch (error) {
    throw new ChaosError(
      `${(error as Error).message}\nseed ${options.seed}\nhealth ${JSON.stringify(await storm.health())}\n${await storm.traces().catch(String)}\n${steps.join("\n")}`,
      { cause: error },
    );
  } finally {
    await storm.close();
  }
}

class Storm {
  readonly #dice: Dice;
  readonly #log: (line: string) => void;
  readonly #folder: string;
  #server: RunningPostgres;
  readonly #world: World;
  readonly #proxy: CuttingProxy;
  readonly #ports: number[];
  readonly #streams: (ChildProcess | undefined)[] = [undefined, undefined];
  readonly #faults: Record<string, number> = {};
  readonly #cutting: { on: boolean };

  private constructor(made: {
    dice: Dice;
    log: (line: string) => void;
    folder: string;
    server: RunningPostgres;
    world: World;
    proxy: CuttingProxy;
    ports: number[];
    cutting: { on: boolean };
  }) {
    this.#dice = made.dice;
    this.#log = made.log;
    this.#folder = made.folder;
    this.#server = made.server;
    this.#world = made.world;
    this.#proxy = made.proxy;
    this.#ports = made.ports;
    this.#cutting = made.cutting;
  }

  static async open(d: Dice, log: (line: string) => void): Promise<Storm> {
    const folder = mkdtempSync(join(tmpdir(), "xianfeng-chaos-"));
    const server = await embeddedPostgres({
      dataDir: join(folder, "data"),
      password: "chaos-superuser-password",
      settings: serverSettings,
    });
    await ensureRoles(server.url, testPasswords);
    await query(server.url, littleMemory);
    const world = await World.open(server.url);
    await world.publish(...chaosTables);
    const ports = [await freePort(), await freePort()];
    const cutting = { on: false };
    const proxy = await startProxy(
      () => world.engine.port,
      (insert) => cutting.on && insert % 2 === 0,
    );
    return new Storm({ dice: d, log, folder, server, world, proxy, ports, cutting });
  }

  async run({
    seed,
    seconds = Number.POSITIVE_INFINITY,
    faults: most = Number.POSITIVE_INFINITY,
  }: ChaosOptions): Promise<ChaosReport> {
    const end = Date.now() + seconds * 1_000;
    this.#start(0);
    this.#start(1);
    await this.#ready("at the start");
    const url = this.#world.database.owner;
    const writers = [
      startWriting({ url, seed: seed + 1, changeShapes: 12, log: this.#log }),
      startWriting({ url, seed: seed + 2, changeShapes: 0, log: this.#log }),
    ];
    try {
      for (let struck = 0; Date.now() < end && struck < most; struck++) await this.#fault();
    } finally {
      await Promise.all(writers.map((writer) => writer.stop()));
    }
    this.#log("the writers have stopped");
    await this.#rest();
    const sum = (of: "transactions" | "shapes" | "refused") => writers.reduce((all, writer) => all + writer[of], 0);
    return {
      seed,
      transactions: sum("transactions"),
      shapes: sum("shapes"),
      refused: sum("refused"),
      faults: this.#faults,
      cuts: this.#proxy.cuts,
    };
  }

  async #fault(): Promise<void> {
    const d = this.#dice;
    await wait(300 + d(2_000));
    const kinds = Object.keys(faults);
    const kind = d.pick(kinds);
    this.#log(`fault: ${kind}`);
    await faults[kind]?.(this.#hands());
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    // Most faults hit a stream that has not got over the last one.
    if (d(3) === 0) await this.#ready(`after ${kind}`);
  }

  #hands(): Hands {
    return {
      dice: this.#dice,
      world: this.#world,
      stream: (index) => this.#streams[index],
      startStream: (index) => this.#start(index),
      killStream: async (index) => {
        const child = this.#streams[index];
        if (child) await killed(child);
      },
      notReady: (why) => this.#notReady(why),
      ready: (when) => this.#ready(when),
      stopped: (reason) => this.#stopped(reason),
      cut: (on) => {
        this.#cutting.on = on;
      },
      killPostgres: () => this.#server.kill(),
      startPostgres: async () => {
        this.#server = await embeddedPostgres({
          dataDir: join(this.#folder, "data"),
          password: "chaos-superuser-password",
          port: this.#server.port,
          settings: serverSettings,
        });
      },
    };
  }

  #start(index: number): void {
    this.#streams[index] = this.#world.spawnStream({
      STREAM_PORT: String(this.#ports[index]),
      CLICKHOUSE_HTTP_URL: this.#proxy.url,
      LOG_LEVEL: process.env.LOG_LEVEL ?? "error",
    });
  }

  async health(): Promise<Health[]> {
    return Promise.all(
      this.#ports.map(async (port) => {
        const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
          () => undefined,
        );
        return answer ? ((await answer.json()) as Health) : {};
      }),
    );
  }

  #ready(when: string): Promise<void> {
    return until(`ready ${when}`, async () => (await this.health()).some(({ ready }) => ready === true), patience);
  }

  #notReady(why: string): Promise<void> {
    return until(
      `health says that ${why}`,
      async () => (await this.health()).every(({ ready }) => ready !== true),
      patience,
    );
  }

  #stopped(reason: string): Promise<void> {
    return until(
      `stopped for ${reason}`,
      async () => (await this.health()).some((one) => one.reason === reason),
      patience,
    );
  }

  /** Everything mended: one leads, nothing is copied any more, both hold the same rows, nothing was set aside. */
  async #rest(): Promise<void> {
    for (const [index, child] of this.#streams.entries()) {
      if (!child || child.exitCode !== null || child.signalCode !== null) this.#start(index);
    }
    await until(
      "at rest",
      async () => (await this.health()).some(({ ready, copying }) => ready === true && copying?.length === 0),
      patience,
    );
    await this.#world.reconnect();
    await this.#world.expectEqual(patience);
    await this.#ready("at rest");
    // A copy that was still to come would bring a difference.
    await this.#world.expectEqual(patience);
    const letters = await this.#world.clickhouse.query(
      "SELECT `table`, error, code, toString(commit_lsn) AS lsn FROM raw._dead_letter FINAL",
    );
    if (letters.length > 0) throw new Error(`rows were set aside: ${JSON.stringify(letters.slice(0, 5))}`);
    this.#log("equal");
  }

  /** What ClickHouse knows of keys that differ: every version of the first of them, and when each table was copied. */
  async traces(): Promise<string> {
    const { clickhouse } = this.#world;
    const copied = await clickhouse.query(
      "SELECT `table`, epoch, state, toString(copied_lsn) AS lsn FROM raw._copied FINAL",
    );
    const applied = await clickhouse.query("SELECT toString(checked_lsn) AS lsn, epoch FROM raw._applied FINAL");
    const { tables } = await reconcile({ ...this.#world.place, waitMs: patience });
    const rows = [];
    for (const { table, examples } of tables.filter(({ differences }) => differences > 0)) {
      const keys = examples.slice(0, 4).map(({ key }) => `'${key}'`);
      const id = table === "pair" ? "concat(toString(a), ', ', toString(b))" : "toString(id)";
      const found = await clickhouse.query(
        `SELECT ${id} AS key, _part, _deleted, toString(bitShiftRight(_version, 96)) AS epoch,
           toString(toUInt64(bitAnd(bitShiftRight(_version, 32), toUInt128('18446744073709551615')))) AS lsn,
           toString(bitAnd(_version, toUInt128(4294967295))) AS ordinal FROM raw.\`${table}\` WHERE key IN (${keys.join(", ")}) ORDER BY key, _version`,
      );
      rows.push(`${table}: ${JSON.stringify(found)}`);
    }
    return `applied ${JSON.stringify(applied)}\ncopied ${JSON.stringify(copied)}\n${rows.join("\n")}`;
  }

  async close(): Promise<void> {
    await this.#world.close().catch(() => undefined);
    await this.#proxy.close();
    await this.#server.stop().catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true });
    removeElsewhere(join(this.#folder, "data"));
  }
}

/** Every larger transaction is sent while it runs. */
const littleMemory = "alter role xf_stream set logical_decoding_work_mem = '64kB'";

async function query(url: string, sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  admin.on("error", () => undefined);
  try {
    await admin.connect();
    await admin.query(sql);
  } finally {
    await admin.end().catch(() => undefined);
  }
}

const serverSettings = { fsync: "off", shared_buffers: "32MB", max_wal_senders: "10", max_replication_slots: "10" };

/** What a fault can do. */
type Hands = {
  dice: Dice;
  world: World;
  stream(index: number): ChildProcess | undefined;
  startStream(index: number): void;
  killStream(index: number): Promise<void>;
  /** Waits until health tells the truth about something that blocks. */
  notReady(why: string): Promise<void>;
  ready(when: string): Promise<void>;
  stopped(reason: string): Promise<void>;
  cut(on: boolean): void;
  killPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
};

const faults: Record<string, (hands: Hands) => Promise<void>> = {
  "a stream is killed": async ({ dice: d, killStream, startStream }) => {
    const index = d(2);
    await killStream(index);
    await wait(d(1_000));
    startStream(index);
  },
  "both streams are killed": async ({ dice: d, killStream, startStream, notReady }) => {
    await Promise.all([killStream(0), killStream(1)]);
    await notReady("nobody reads");
    await wait(d(1_500));
    startStream(0);
    startStream(1);
  },
  "a stream freezes": async ({ dice: d, stream }) => {
    const child = stream(d(2));
    child?.kill("SIGSTOP");
    await wait(d(7_000));
    child?.kill("SIGCONT");
  },
  "the engine is killed": async ({ dice: d, world, notReady }) => {
    await world.stopEngine("SIGKILL");
    await notReady("ClickHouse is away");
    await wait(d(1_500));
    await world.startEngine();
  },
  "the engine freezes": async ({ dice: d, world, notReady }) => {
    process.kill(world.engine.pid, "SIGSTOP");
    if (d(4) === 0) await notReady("ClickHouse does not answer");
    else await wait(d(4_000));
    process.kill(world.engine.pid, "SIGCONT");
  },
  "PostgreSQL is killed": async ({ dice: d, killPostgres, startPostgres, notReady }) => {
    await killPostgres();
    await notReady("PostgreSQL is away");
    await wait(d(1_000));
    await startPostgres();
  },
  "answers are cut": async ({ dice: d, cut }) => {
    cut(true);
    await wait(500 + d(3_000));
    cut(false);
  },
  "connections are cut": async ({ world }) => {
    await query(
      world.database.admin,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'xianfeng-stream%'",
    );
  },
  "the slot is dropped": async ({ world, killStream, startStream, stopped, ready }) => {
    await ready("before the slot is dropped");
    await Promise.all([killStream(0), killStream(1)]);
    await until("the slot is dropped", () =>
      query(
        world.database.admin,
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'xianfeng_cdc'",
      ).then(
        () => true,
        () => false,
      ),
    );
    startStream(0);
    startStream(1);
    await stopped("slot_missing");
    await recover(world.place);
    await ready("after recovery");
  },
};
