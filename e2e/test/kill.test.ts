import { createClickHouse } from "@xianfeng/clickhouse";
import { slotName } from "@xianfeng/clickhouse/landing";
import { seedCollege } from "@xianfeng/seed";
import { reconcile } from "@xianfeng/stream";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { rankedByHand, shownByCube } from "../oracle/shown.ts";
import { openOwner, streamPlace, untilShown } from "../src/analytics.ts";
import { Platform } from "../src/platform.ts";
import { poll } from "../src/poll.ts";
import { Writer } from "../src/writer.ts";

/** One kill of each in `npm test`, thirty in `npm run prove`. */
const rounds = Number(process.env.KILL_ROUNDS ?? 4);
const seed = Number(process.env.SEED ?? 20_261_122);
const victims = ["stream", "engine", "postgres", "warehouse"] as const;
type Victim = (typeof victims)[number];

const platform = Platform.at(inject("stateDir"));
let random = seed >>> 0;
/** Mulberry32: the same moments for the same seed, as far as a machine allows. */
function next(below: number): number {
  random = (random + 0x6d2b79f5) >>> 0;
  let mixed = random;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

let tenantId: number;
let writer: Writer;
let owner: pg.Client;

beforeAll(async () => {
  process.stdout.write(`kill: SEED=${seed}\n`);
  const { DATA_KEY, BLIND_INDEX_KEY, OWNER_DATABASE_URL } = platform.settings;
  const keys = { dataKey: String(DATA_KEY), blindIndexKey: String(BLIND_INDEX_KEY) };
  ({ tenantId } = await seedCollege(String(OWNER_DATABASE_URL), { seed: seed + next(1_000), keys }));
  writer = new Writer(String(OWNER_DATABASE_URL), tenantId, next);
  await writer.start();
});

afterAll(() => writer?.stop().catch(() => undefined));

/** What was under way at a kill: rows decoded by this stream process, and bytes of log that it was sent and had not confirmed. */
type Flight = { rowsDecoded: number; unconfirmed: number; pid: number };

/** Rows that the stream decoded, while the batch with the last of them has not landed; else null. */
async function rowsInFlight(): Promise<number | null> {
  const url = platform.settings.STREAM_HEALTH_URL;
  const ask = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) });
  const metrics = await (await ask("/metrics")).text();
  const health = (await (await ask("/healthz")).json()) as { state: string; caughtUp: boolean };
  const rows = Number(/^xianfeng_stream_rows_total (\d+)/m.exec(metrics)?.[1] ?? 0);
  return health.state === "streaming" && !health.caughtUp && rows > 0 ? rows : null;
}

/** Kills in a batch; the seed says in which one of the next. The stream is held still meanwhile, so that the batch cannot end before. */
async function killInFlight(victim: Victim): Promise<Flight> {
  let spare = next(6);
  return poll("a batch in flight", 120_000, async () => {
    const rowsDecoded = await rowsInFlight();
    if (rowsDecoded === null || spare-- > 0) return null;
    const stream = pidOf("stream");
    process.kill(stream, "SIGSTOP");
    try {
      const { rows } = await owner.query<{ bytes: string }>(
        "SELECT (sent_lsn - flush_lsn)::text AS bytes FROM pg_stat_replication WHERE pid = (SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1)",
        [slotName],
      );
      const unconfirmed = Number(rows[0]?.bytes ?? 0);
      if (unconfirmed <= 0) return null;
      const pid = pidOf(victim);
      process.kill(pid, "SIGKILL");
      return { rowsDecoded, unconfirmed, pid };
    } finally {
      if (isRunning(stream)) process.kill(stream, "SIGCONT");
    }
  });
}

function pidOf(name: string): number {
  const { pid } = platform.part(name);
  if (!pid) throw new Error(`${name} does not run`);
  return pid;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const readyParts = () =>
  platform
    .status()
    .parts.filter((part) => part.state === "ready")
    .map((part) => part.name);

/** Until the victim lives again under another number and whoever was ready is so again. */
async function recovered(victim: Victim, oldPid: number, wereReady: string[]): Promise<void> {
  await poll(`everything to be ready after the kill of ${victim}`, 300_000, () => {
    const { pid } = platform.part(victim);
    const ready = readyParts();
    return pid !== undefined && pid !== oldPid && wereReady.every((name) => ready.includes(name));
  });
}

test(
  `${rounds} kills of stream, engine, PostgreSQL and warehouse in the middle of batches lose nothing`,
  async () => {
    for (let round = 0; round < rounds; round++) {
      const victim = victims[round % victims.length] ?? "stream";
      await poll("everything to be ready", 300_000, () =>
        [...victims, "cube", "insights"].every((name) => readyParts().includes(name)),
      );
      const wereReady = readyParts();
      const before = writer.transactions;
      owner = await openOwner(platform);
      const killedAt = performance.now();
      const flight = await killInFlight(victim);
      const atKill = writer.transactions;
      await owner.end().catch(() => undefined);
      expect(flight.rowsDecoded).toBeGreaterThan(0);
      expect(flight.unconfirmed).toBeGreaterThan(0);
      await recovered(victim, flight.pid, wereReady);
      const seconds = ((performance.now() - killedAt) / 1000).toFixed(1);
      await poll("writes to go on", 120_000, () => writer.transactions > atKill + 3);
      process.stdout.write(
        `kill ${round + 1}: ${victim} with ${flight.rowsDecoded} rows decoded and ${flight.unconfirmed} bytes not confirmed; ready again after ${seconds} s, ${atKill - before} commits before and ${writer.transactions - atKill} after\n`,
      );
    }
    await writer.stop();
    process.stdout.write(
      `kill: ${writer.transactions} transactions on ${writer.committed.size} rows, ${writer.reconnects} reconnects, ${writer.inDoubt} answers lost\n`,
    );
    expect(writer.transactions).toBeGreaterThan(rounds * 4);
    if (rounds >= victims.length) expect(writer.reconnects).toBeGreaterThan(0);

    const expected = new Map([...writer.committed].sort());
    const place = streamPlace(platform);
    const result = await reconcile({ ...place, waitMs: 240_000 });
    expect(result.tables.filter((table) => table.differences > 0)).toEqual([]);
    expect(result.equal).toBe(true);
    expect(result.tables.find((table) => table.table === "attendance")?.postgresRows).toBeGreaterThan(0);

    // Equal with each other is not enough: both must have every write that was answered.
    type Row = { id: string; state: string; at: string | number };
    const asMap = (rows: Row[]) =>
      new Map(
        rows
          .filter((row) => expected.has(row.id))
          .map((row) => [row.id, { state: row.state, correctedAt: Number(row.at) }] as const)
          .sort(),
      );
    owner = await openOwner(platform);
    const postgres = await owner.query<Row>(
      "SELECT id::text, state, (extract(epoch FROM corrected_at) * 1000)::bigint::text AS at FROM attendance WHERE tenant_id = $1",
      [tenantId],
    );
    expect(asMap(postgres.rows)).toEqual(expected);
    const landing = createClickHouse({ ...place.clickhouse, tag: "e2e:kill" });
    const landed = await landing.query<Row>(
      "SELECT toString(id) AS id, state, toUnixTimestamp64Milli(corrected_at) AS at FROM raw.attendance FINAL WHERE tenant_id = {tenant:Int64} AND _deleted = 0",
      { tenant: tenantId },
    );
    expect(asMap(landed)).toEqual(expected);
    expect(await landing.query("SELECT * FROM raw._dead_letter")).toEqual([]);
    await landing.close();

    await untilShown(platform, owner, tenantId);
    const ranked = await rankedByHand(owner, tenantId);
    expect(Object.keys(ranked).length).toBeGreaterThan(0);
    expect(await shownByCube(platform, owner, tenantId)).toEqual(ranked);
    await owner.end();
  },
  600_000 + rounds * 180_000,
);
