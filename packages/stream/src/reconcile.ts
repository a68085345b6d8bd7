import { type ClickHouse, createClickHouse } from "@xianfeng/clickhouse";
import type { LandingTable } from "@xianfeng/clickhouse/landing";
import pg from "pg";
import { readPublication } from "./checks.ts";
import { formatLsn, parseLsn } from "./lsn.ts";
import { bucketSql, readableKey, rowsSql } from "./reconcile-sql.ts";
import { sessionUrl } from "./socket.ts";
import { StateStore } from "./state.ts";

/** `postgres` = only there, `clickhouse` = only here, `both` = other values. */
export type Difference = { key: string; where: "postgres" | "clickhouse" | "both" };

export type ReconcileResult = {
  equal: boolean;
  /** Everything up to this place was compared. */
  lsn: string;
  tables: {
    table: string;
    postgresRows: number;
    clickhouseRows: number;
    differences: number;
    examples: Difference[];
  }[];
};

type Options = {
  databaseUrl: string;
  clickhouse: { url: string; user: string; password: string };
  /** Only this table. */
  table?: string;
  /** How long to wait until the stream has reached the place that PostgreSQL is compared at; default 30,000 ms. */
  waitMs?: number;
};

type Bucket = { bucket: string; rows: string; hash: string };
const mostExamples = 20;
const looks = 4;

/**
 * Compares every published table with its landing table: number of rows and a hash of every row, in bounded memory. Meant for a quiet
 * point; rows that change meanwhile are looked at again, so only a difference that stays is reported.
 * @throws Error when the stream does not reach PostgreSQL's present place in time
 */
export async function reconcile(options: Options): Promise<ReconcileResult> {
  const clickhouse = createClickHouse({ ...options.clickhouse, tag: "stream:reconcile", timeoutMs: 600_000 });
  const client = new pg.Client({ connectionString: sessionUrl(options.databaseUrl, "xianfeng-stream-reconcile") });
  await client.connect();
  try {
    const store = new StateStore(clickhouse);
    const published = await readPublication(client);
    const tables = published.filter(({ name }) => options.table === undefined || name === options.table);
    if (tables.length === 0) throw new Error(`${options.table} is not a published table`);
    const side = { client, clickhouse, store, waitMs: options.waitMs ?? 30_000 };
    const lsn = await caughtUp(side);
    const results: ReconcileResult["tables"] = [];
    for (const { landing } of tables) results.push(await compareTable(side, landing));
    return { equal: results.every((table) => table.differences === 0), lsn: formatLsn(lsn), tables: results };
  } finally {
    await client.end();
    await clickhouse.close();
  }
}

type Side = { client: pg.Client; clickhouse: ClickHouse; store: StateStore; waitMs: number };

/** Waits until ClickHouse has everything that PostgreSQL had when this was called. */
async function caughtUp({ client, store, waitMs }: Side): Promise<bigint> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
  const wanted = parseLsn(rows[0]?.lsn ?? "0/0");
  const deadline = Date.now() + waitMs;
  for (;;) {
    const reached = (await store.applied())?.checkedLsn ?? 0n;
    if (reached >= wanted) return reached;
    if (Date.now() > deadline) {
      throw new Error(
        `The stream is at ${formatLsn(reached)} and did not reach ${formatLsn(wanted)} within ${waitMs} ms. Is it running?`,
      );
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

async function compareTable(side: Side, table: LandingTable): Promise<ReconcileResult["tables"][number]> {
  const sql = bucketSql(table);
  const [mine, theirs] = await Promise.all([
    side.client.query<Bucket>(sql.postgres).then((answer) => answer.rows),
    side.clickhouse.query<Bucket>(sql.clickhouse),
  ]);
  const there = new Map(theirs.map((bucket) => [bucket.bucket, bucket]));
  const here = new Map(mine.map((bucket) => [bucket.bucket, bucket]));
  const suspicious = [...new Set([...here.keys(), ...there.keys()])].filter((bucket) => {
    const [a, b] = [here.get(bucket), there.get(bucket)];
    return a?.rows !== b?.rows || a?.hash !== b?.hash;
  });
  const differences: Difference[] = [];
  let count = 0;
  for (const bucket of suspicious) {
    const found = await compareBucket(side, table, bucket);
    count += found.length;
    differences.push(...found.slice(0, mostExamples - differences.length));
  }
  const total = (buckets: readonly Bucket[]) => buckets.reduce((sum, bucket) => sum + Number(bucket.rows), 0);
  return {
    table: table.name,
    postgresRows: total(mine),
    clickhouseRows: total(theirs),
    differences: count,
    examples: differences,
  };
}

/** Differences of a bucket that are still there after the stream has caught up, several times. */
async function compareBucket(side: Side, table: LandingTable, bucket: string): Promise<Difference[]> {
  let lasting: Map<string, Difference> | undefined;
  for (let look = 0; look < looks; look++) {
    const found = new Map((await lookAtBucket(side, table, bucket)).map((difference) => [difference.key, difference]));
    lasting = lasting === undefined ? found : new Map([...found].filter(([key]) => lasting?.has(key)));
    if (lasting.size === 0) return [];
    await caughtUp(side);
  }
  return [...(lasting ?? new Map<string, Difference>()).values()];
}

async function lookAtBucket(side: Side, table: LandingTable, bucket: string): Promise<Difference[]> {
  type Row = { key: string; hash: string };
  const sql = rowsSql(table);
  const [mine, theirs] = await Promise.all([
    side.client.query<Row>(sql.postgres, [bucket]).then((answer) => answer.rows),
    side.clickhouse.query<Row>(sql.clickhouse, { bucket }),
  ]);
  const there = new Map(theirs.map((row) => [row.key, row.hash]));
  const differences: Difference[] = [];
  for (const row of mine) {
    const hash = there.get(row.key);
    if (hash !== row.hash) {
      differences.push({ key: readableKey(row.key), where: hash === undefined ? "postgres" : "both" });
    }
    there.delete(row.key);
  }
  return [
    ...differences,
    ...[...there.keys()].map((key): Difference => ({ key: readableKey(key), where: "clickhouse" })),
  ];
}
