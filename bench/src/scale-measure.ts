import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { landingTables } from "@xianfeng/clickhouse/generated/landing";
import { DataPlatform, type Memory, type Part } from "./platform.ts";
import { correctMonth, placeNow, refreshEverything, shown } from "./refreshed.ts";
import { copiesAgree, copyTenants } from "./scale-copies.ts";
import { askPages, type Timed } from "./scale-questions.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Seconds, bytes and milliseconds of one size. What is about PostgreSQL and the stream is left out where tenants were copied inside ClickHouse. */
export type ScaleFigures = {
  members: number;
  /** So many members were loaded, and inside ClickHouse their rows are there so many times. */
  copied?: { loaded: number; times: number; seconds: number };
  tenants: number;
  organisations: number;
  /** Rows of all tables, of those that travel, and of attendance alone. */
  rows: { all?: number; published: number; attendance: number };
  load?: { copySeconds: number; keysSeconds: number; rowsPerSecond: number; fingerprint: string };
  disk: { postgres?: number; clickhouse: number };
  stream?: {
    firstCopySeconds: number;
    firstCopyRowsPerSecond: number;
    /** Corrections that were committed while nobody read, by transactions of a thousand. */
    backlog: { rows: number; seconds: number; rowsPerSecond: number };
  };
  marts: {
    /** dbt's deployment and the first build of everything. */
    deploySeconds: number;
    /** Every kept table computed again, by its name; the round is what passes from commit to shown. */
    whole?: { roundMs: number; tables: Record<string, number> };
    /** A hundred corrections of one month of one tenant. */
    touched: { roundMs: Spread; tables: Record<string, Spread> };
    partitions: number;
  };
  pages: Timed[];
  memory: Record<Part | "postgres", Memory>;
  seconds: number;
};

type Options = {
  rounds: number;
  changes: number;
  /** How many times the loaded tenants are there inside ClickHouse. */
  times: number;
};

/**
 * Measures one size on a platform of its own, which is gone afterwards.
 * @param loaded members that are loaded into PostgreSQL
 * @param say told what it is about to do
 * @throws when it takes longer than `withinSeconds`
 */
export async function measureSize(
  loaded: number,
  options: Options & { withinSeconds: number },
  say: (line: string) => void,
): Promise<ScaleFigures> {
  const began = performance.now();
  const platform = await DataPlatform.start({ maintenance_work_mem: "512MB" });
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, refuse) => {
    late = setTimeout(
      () => refuse(new Error(`not done within ${options.withinSeconds} s`)),
      options.withinSeconds * 1000,
    );
  });
  try {
    return await Promise.race([measure(platform, loaded, options, say, began), deadline]);
  } finally {
    clearTimeout(late);
    await platform.stop();
  }
}

async function measure(
  platform: DataPlatform,
  members: number,
  { rounds, changes, times }: Options,
  say: (line: string) => void,
  began: number,
): Promise<ScaleFigures> {
  say("loading");
  const loaded = JSON.parse(await platform.seed(["scale", "--members", String(members)], say)) as {
    tenants: number;
    organisations: number;
    rows: number;
    tables: Record<string, number>;
    fingerprint: string;
    seconds: { copy: number; keys: number };
  };
  const published = landingTables.reduce((sum, { name }) => sum + (loaded.tables[name] ?? 0), 0);
  const attendance = loaded.tables.attendance ?? 0;
  say("first copy");
  await platform.run("engine");
  const firstCopySeconds = await platform.run("stream", 3_600);
  await matches(platform, "attendance", attendance);
  const copying = performance.now();
  if (times > 1) {
    say(`${times} times the tenants, inside ClickHouse`);
    await copyTenants(platform, times);
    await matches(platform, "attendance", attendance * times);
  }
  const copied = { loaded: members, times, seconds: (performance.now() - copying) / 1000 };
  say("deploying and building the marts");
  const deploySeconds = await platform.run("warehouse", 3_600);
  if (times > 1) await copiesAgree(platform, times);
  await platform.run("cube");
  say("pages");
  const pages = await askPages(platform, rounds);
  say("refreshing touched months");
  const touched = await refreshTouched(platform, changes);
  // The first build has computed all copies once already.
  if (times === 1) say("refreshing everything");
  const whole = times === 1 ? await refreshAll(platform) : undefined;
  const refresher = platform.memory("warehouse");
  const [parts] = await platform.clickhouse.query<{ n: number }>(
    "SELECT toUInt32(uniqExact(partition)) AS n FROM system.parts WHERE active AND database = 'intermediate' AND table = 'int_attendance'",
  );
  const common = {
    members: members * times,
    tenants: loaded.tenants * times,
    organisations: loaded.organisations * times,
    marts: { deploySeconds, whole, touched, partitions: parts?.n ?? 0 },
    pages,
  };
  const memory = () =>
    Object.fromEntries(
      (["postgres", "engine", "stream", "warehouse", "cube"] as const).map((part) => [
        part,
        part === "warehouse" ? refresher : platform.memory(part),
      ]),
    ) as ScaleFigures["memory"];
  const disk = await platform.disk();
  if (times > 1)
    return {
      ...common,
      copied,
      rows: { published: published * times, attendance: attendance * times },
      disk: { clickhouse: disk.clickhouse },
      memory: memory(),
      seconds: (performance.now() - began) / 1000,
    };
  say("a backlog");
  const backlog = await drainBacklog(platform, Math.min(50_000, Math.floor(attendance / 4)));
  const { copy, keys } = loaded.seconds;
  return {
    ...common,
    rows: { all: loaded.rows, published, attendance },
    load: {
      copySeconds: copy,
      keysSeconds: keys,
      rowsPerSecond: loaded.rows / (copy + keys),
      fingerprint: loaded.fingerprint,
    },
    disk,
    stream: { firstCopySeconds, firstCopyRowsPerSecond: published / firstCopySeconds, backlog },
    memory: memory(),
    seconds: (performance.now() - began) / 1000,
  };
}

/** @throws when the copy does not hold what PostgreSQL holds */
async function matches(platform: DataPlatform, table: string, wanted: number): Promise<void> {
  const [row] = await platform.clickhouse.query<{ n: string }>(`SELECT toString(count()) AS n FROM raw.${table} FINAL`);
  if (Number(row?.n) !== wanted) throw new Error(`${row?.n} rows of ${table} have been copied, not ${wanted}`);
}

async function refreshTouched(platform: DataPlatform, changes: number): Promise<ScaleFigures["marts"]["touched"]> {
  const rounds: number[] = [];
  const tables: Record<string, number[]> = {};
  await shown(platform);
  for (let change = 0; change < changes; change += 1) {
    const round = await correctMonth(platform);
    rounds.push(round.ms);
    for (const [name, { ms }] of Object.entries(round.tables)) {
      const times = tables[name] ?? [];
      times.push(ms);
      tables[name] = times;
    }
  }
  return {
    roundMs: spreadOf(rounds),
    tables: Object.fromEntries(Object.entries(tables).map(([name, times]) => [name, spreadOf(times)])),
  };
}

async function refreshAll(platform: DataPlatform): Promise<NonNullable<ScaleFigures["marts"]["whole"]>> {
  const round = await refreshEverything(platform);
  const tables = Object.fromEntries(Object.entries(round.tables).map(([name, { ms }]) => [name, ms]));
  return { roundMs: round.ms, tables };
}

/** Commits corrections while the stream is away, and lets it catch up. */
async function drainBacklog(
  platform: DataPlatform,
  rows: number,
): Promise<NonNullable<ScaleFigures["stream"]>["backlog"]> {
  await platform.end("warehouse");
  await platform.end("stream");
  const { rows: ids } = await platform.owner.query<{ id: string }>("SELECT id FROM attendance ORDER BY id LIMIT $1", [
    rows,
  ]);
  for (let at = 0; at < ids.length; at += 1_000)
    await platform.owner.query("UPDATE attendance SET corrected_at = now(), updated_at = now() WHERE id = ANY ($1)", [
      ids.slice(at, at + 1_000).map(({ id }) => id),
    ]);
  const place = await placeNow(platform);
  await platform.owner.query("UPDATE rule_parameter SET updated_at = now() WHERE tenant_id = 1");
  const began = performance.now();
  await platform.run("stream");
  for (;;) {
    const { checkedLsn } = await platform.health<{ checkedLsn: string }>("stream");
    const [high = "0", low = "0"] = checkedLsn.split("/");
    if ((BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`) >= place) break;
    await pause(10);
  }
  const seconds = (performance.now() - began) / 1000;
  return { rows: ids.length, seconds, rowsPerSecond: ids.length / seconds };
}
