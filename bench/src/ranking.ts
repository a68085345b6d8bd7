import { performance } from "node:perf_hooks";
import { startTestPostgres } from "@xianfeng/stack/testing";
import { Stream, silent } from "@xianfeng/stream";
import pg from "pg";
import { startWorld, token, type World } from "../../cube/test/world.ts";
import { passwords } from "../../warehouse/test/warehouse.ts";
import { fill } from "./ranking-facts.ts";
import { committee, type Question, questions, tenantId } from "./ranking-questions.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Milliseconds. Every round asks Cube and PostgreSQL the same, one after the other, and compares the answers. */
export type RankingFigures = {
  rows: number;
  branches: number;
  queries: {
    name: string;
    /** Through Cube, its cache off. */
    cube: Spread;
    postgres: Spread;
    /** PostgreSQL ÷ Cube, per round: above 1 Cube is faster. */
    ratio: Spread;
  }[];
  /** After some records of one month have changed. */
  refresh: {
    /** The stored attendance: the touched month, and all of it for comparison. */
    touched: Spread;
    whole: number;
    /** From the commit until every mart claims it, stream included. */
    shown: Spread;
    /** The same roll-up as a materialised view of PostgreSQL, which is always computed whole. */
    postgres: Spread;
  };
};

/**
 * Measures a ranking of branches by attendance over the facts of one large college: through Cube over ClickHouse, and as SQL over the
 * same facts in PostgreSQL with an index made for it, its tables vacuumed and its cache warm; and what it costs to keep the marts fresh.
 * @param options attendance rows in thousands (default 1,000), rounds of questions (default 21) and of refreshes (default 9)
 */
export async function benchRanking(
  options: { thousands?: number; rounds?: number; refreshes?: number } = {},
): Promise<RankingFigures> {
  const { thousands = 1_000, rounds = 21, refreshes = 9 } = options;
  const server = await startTestPostgres({
    shared_buffers: "3GB",
    work_mem: "64MB",
    effective_cache_size: "6GB",
    max_wal_size: "8GB",
  });
  process.env.XF_TEST_POSTGRES_URL = server.url;
  try {
    const world = await startWorld();
    try {
      const branches = await fill(world.owner, thousands);
      const stream = new Stream({
        databaseUrl: world.database.stream,
        clickhouse: { url: world.warehouse.url, user: "landing", password: passwords.landing },
        log: silent,
      });
      stream.start();
      try {
        await carried(world, stream, branches);
        const queries = [];
        for (const question of questions)
          queries.push({ name: question.name, ...(await compare(world, question, rounds)) });
        return { rows: thousands * 1_000, branches, queries, refresh: await refreshing(world, refreshes) };
      } finally {
        await stream.stop();
      }
    } finally {
      await world.stop();
    }
  } finally {
    delete process.env.XF_TEST_POSTGRES_URL;
    await server.stop();
  }
}

/** Waits until the stream's first copy is in the marts. */
async function carried(world: World, stream: Stream, branches: number): Promise<void> {
  const { rows } = await world.owner.query<{ n: string }>("SELECT count(*)::text AS n FROM attendance");
  const deadline = performance.now() + 1_200_000;
  for (;;) {
    // A first copy makes the empty landing tables anew; between the two the marts have nothing to read.
    const [shown] = await world.warehouse
      .askAll<{ n: string; ranked: number }>(
        `SELECT toString(sum(denominator)) AS n, (SELECT toUInt32(uniqExact(org_id)) FROM marts.fct_evaluation_org WHERE rank > 0) AS ranked
         FROM marts.agg_org_month WHERE measure = 'attendance'`,
      )
      .catch(() => []);
    if (shown?.n === rows[0]?.n && shown?.ranked === branches) return;
    if (performance.now() > deadline)
      throw new Error(
        `${shown?.n} of ${rows[0]?.n} rows in the marts: ${stream.status.message ?? stream.status.state}`,
      );
    await new Promise((wake) => setTimeout(wake, 500));
  }
}

/** Corrects a hundred attendance rows of one month, again and again, and watches the marts follow. */
async function refreshing(world: World, rounds: number): Promise<RankingFigures["refresh"]> {
  const [touched, shown, postgres]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const { rows } = await world.owner.query<{ lsn: string }>(
      "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint::text AS lsn",
    );
    const place = BigInt(rows[0]?.lsn ?? 0);
    await world.owner.query(
      `UPDATE attendance SET state = CASE state WHEN 'late' THEN 'on_time' ELSE 'late' END WHERE id IN (
         SELECT a.id FROM attendance a JOIN meeting m ON m.id = a.meeting_id
         WHERE m.held_on >= '2026-06-01' AND m.held_on < '2026-07-01' ORDER BY a.id LIMIT 100)`,
    );
    const began = performance.now();
    for (;;) {
      const [claim] = await world.warehouse.askAll<{ lsn: string }>(
        "SELECT toString(min(_as_of_lsn)) AS lsn FROM marts.mart_freshness",
      );
      // The refresher speaks of a round when it has ended, a moment after the marts claim it.
      if (BigInt(claim?.lsn ?? 0) > place && BigInt(world.warehouse.refreshed()?.asOfLsn ?? 0) > place) break;
      await new Promise((wake) => setTimeout(wake, 20));
    }
    shown.push(performance.now() - began);
    touched.push(world.warehouse.refreshed()?.tables.int_attendance?.ms ?? Number.NaN);
    const rival = performance.now();
    await world.owner.query("REFRESH MATERIALIZED VIEW bench_roll_up");
    postgres.push(performance.now() - rival);
  }
  const whole = await world.warehouse.recomputed();
  return { touched: spreadOf(touched), shown: spreadOf(shown), postgres: spreadOf(postgres), whole };
}

async function compare(world: World, question: Question, rounds: number) {
  const reader = new pg.Client({ connectionString: world.database.admin });
  await reader.connect();
  const [cube, postgres, ratio]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let round = -2; round < rounds; round += 1) {
      // Another half-year each time.
      const months = Array.from({ length: 7 }, (_, at) => monthFrom(round + 2 + at));
      const values = question.takesMonths ? [`${months[0]}-01`, `${months[6]}-01`] : [];
      const ours = await timed(() => askCube(world, question, months, round));
      const theirs = await timed(async () => (await reader.query<Line>(question.sql, values)).rows);
      const plain = (lines: Line[]) =>
        lines.map((line) => question.columns.map((column) => Number(line[column])).join(" ")).sort();
      if (JSON.stringify(plain(ours.answer)) !== JSON.stringify(plain(theirs.answer)) || ours.answer.length === 0)
        throw new Error(
          `Cube and PostgreSQL do not answer the same: ${question.name}: ${plain(ours.answer).slice(0, 3)} / ${plain(theirs.answer).slice(0, 3)}`,
        );
      // The first rounds warm both up.
      if (round < 0) continue;
      cube.push(ours.ms);
      postgres.push(theirs.ms);
      ratio.push(theirs.ms / ours.ms);
    }
  } finally {
    await reader.end();
  }
  return { cube: spreadOf(cube), postgres: spreadOf(postgres), ratio: spreadOf(ratio) };
}

/** The month so many months after January 2024, YYYY-MM. */
const monthFrom = (after: number) => `${2024 + Math.floor(after / 12)}-${String((after % 12) + 1).padStart(2, "0")}`;

type Line = Record<string, unknown>;

async function askCube(world: World, question: Question, months: readonly string[], round: number): Promise<Line[]> {
  const { view, columns } = question;
  const permission = await token({
    tenantId,
    permissions: [question.permission],
    roots: [{ level: 0, orgId: committee, below: true }],
  });
  // Figures of the ranking are dimensions of its view, those of attendance are added up.
  const isSum = (column: string) => column === "expected" || column === "present";
  const query = {
    dimensions: columns.filter((column) => !isSum(column)).map((column) => `${view}.${column}`),
    measures: columns.filter(isSum).map((column) => `${view}.${column}`),
    filters: question.filters(months),
    order: [[`${view}.org_id`, "asc"]],
    cache: "no-cache",
    // Cube keeps answers by their SQL, whatever is asked of its cache: another limit each time makes every question a new one.
    limit: 10_000 + 100 * questions.indexOf(question) + round,
  };
  const { status, rows, error } = await world.load(permission, query);
  if (status !== 200) throw new Error(`Cube answers ${status}: ${error}`);
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[`${view}.${column}`]])));
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const began = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - began };
}
