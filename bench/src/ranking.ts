import { performance } from "node:perf_hooks";
import { startTestPostgres } from "@xianfeng/stack/testing";
import { Stream, silent } from "@xianfeng/stream";
import pg from "pg";
import { startWorld, token, type World } from "../../cube/test/world.ts";
import { passwords } from "../../warehouse/test/warehouse.ts";
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

const tenantId = 1;
const committee = 1;

/** `view`: what Cube is asked; `from`: where PostgreSQL has the same. */
type Question = { name: string; view: "attendance" | "meeting_months"; halfYear: boolean; stored: boolean };
const questions: Question[] = [
  { name: "rows, three years", view: "attendance", halfYear: false, stored: false },
  { name: "rows, one half-year", view: "attendance", halfYear: true, stored: false },
  { name: "roll-up by month against the rows, three years", view: "meeting_months", halfYear: false, stored: false },
  { name: "roll-up by month against the rows, one half-year", view: "meeting_months", halfYear: true, stored: false },
  { name: "roll-up on both sides, three years", view: "meeting_months", halfYear: false, stored: true },
];

/** `months`: seven months in a row, YYYY-MM; the last one is the first that is left out. */
function cubeQuery({ view, halfYear }: Question, months: readonly string[]): object {
  const member = (name: string) => `${view}.${name}`;
  return {
    dimensions: [member("org_id")],
    measures: [member("expected"), member("present")],
    filters: halfYear ? [{ member: member("month"), operator: "equals", values: months.slice(0, 6) }] : [],
    order: [[member("org_id"), "asc"]],
  };
}

function sqlQuery({ halfYear, stored }: Question, months: readonly string[]): { sql: string; values: unknown[] } {
  const values = [tenantId, ...(halfYear ? [`${months[0]}-01`, `${months[6]}-01`] : [])];
  if (stored)
    return {
      sql: `SELECT org_id::text AS org_id, sum(expected)::text AS expected, sum(present)::text AS present
            FROM bench_roll_up WHERE tenant_id = $1 GROUP BY org_id`,
      values,
    };
  const within = halfYear ? "AND m.held_on >= $2 AND m.held_on < $3" : "";
  return {
    sql: `SELECT m.org_id::text AS org_id, ${counts} ${facts} AND m.tenant_id = $1 ${within} GROUP BY m.org_id`,
    values,
  };
}

const counts = `count(*) FILTER (WHERE a.should_attend)::text AS expected,
    count(*) FILTER (WHERE a.should_attend AND a.state IN ('on_time', 'late'))::text AS present`;
const facts = `FROM attendance a JOIN meeting m ON m.id = a.meeting_id WHERE m.state = 'closed' AND m.voided_at IS NULL`;

/**
 * Measures a ranking of branches by attendance over the facts of one large college: through Cube over ClickHouse, and as SQL over the
 * same facts in PostgreSQL with an index made for it, its tables vacuumed and its cache warm; and what it costs to keep the marts fresh.
 * @param options attendance rows in thousands (default 1,000), rounds (default 9)
 */
export async function benchRanking(options: { thousands?: number; rounds?: number } = {}): Promise<RankingFigures> {
  const { thousands = 1_000, rounds = 9 } = options;
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
        await carried(world, stream);
        const queries = [];
        for (const question of questions)
          queries.push({ name: question.name, ...(await compare(world, question, rounds)) });
        return { rows: thousands * 1_000, branches, queries, refresh: await refreshing(world, rounds) };
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

/** One committee, 100 branches, 50 members in each, and meetings of 50 over three years until there are enough rows. */
async function fill(owner: pg.Client, thousands: number): Promise<number> {
  const [branches, members] = [100, 50];
  const meetings = (thousands * 1_000) / members;
  const meetingId = (from: string) => `md5('m' || ${from})::uuid`;
  const personId = (from: string) => `md5('p' || ${from})::uuid`;
  const statements = [
    "SET session_replication_role = replica",
    `INSERT INTO tenant (id, code, tree_version, root_org_id, updated_at) VALUES (${tenantId}, 'bench', 1, ${committee}, now())`,
    `INSERT INTO party_org (id, tenant_id, parent_id, kind, code, short_name, full_name, opened_on, updated_at)
     SELECT 1 + g, ${tenantId}, CASE WHEN g > 0 THEN ${committee} END, CASE WHEN g > 0 THEN 'branch' ELSE 'committee' END, g::text,
       g || '支部', g || '支部', '2010-01-01', now() FROM generate_series(0, ${branches}) g`,
    `INSERT INTO person (id, tenant_id, updated_at) SELECT ${personId("g")}, ${tenantId}, now()
     FROM generate_series(1, ${branches * members}) g`,
    `INSERT INTO meeting (id, tenant_id, org_id, kind, held_on, starts_at, ends_at, check_in_opens_at, late_after, state, closed_at, created_by, updated_at)
     SELECT ${meetingId("g")}, ${tenantId}, 2 + g % ${branches}, 'theme_day', day, day + time '07:00', day + time '08:30',
       day + time '06:40', day + time '07:10', 'closed', day + time '09:00', gen_random_uuid(), now()
     FROM generate_series(1, ${meetings}) g, LATERAL (SELECT date '2024-01-01' + (g * 1096 / ${meetings})::int AS day) d`,
    `INSERT INTO attendance (id, tenant_id, meeting_id, person_id, org_id_then, identity_then, state, source, updated_at)
     SELECT uuidv7(g * interval '1 minute'), ${tenantId}, ${meetingId("g")}, ${personId(`(g % ${branches} * ${members} + k)`)}, 2 + g % ${branches},
       'full_member', CASE WHEN (g * 31 + k * 7) % 100 < 80 THEN 'on_time' WHEN (g * 31 + k * 7) % 100 < 88 THEN 'late' ELSE 'absent' END,
       'code', now()
     FROM generate_series(1, ${meetings}) g, generate_series(1, ${members}) k`,
    "SET session_replication_role = origin",
    "CREATE INDEX bench_attendance ON attendance (meeting_id) INCLUDE (should_attend, state)",
    "CREATE INDEX bench_meeting ON meeting (tenant_id, held_on) INCLUDE (id, org_id, state, voided_at)",
    "VACUUM (ANALYZE) attendance",
    "VACUUM (ANALYZE) meeting",
    `CREATE MATERIALIZED VIEW bench_roll_up AS SELECT m.tenant_id, m.org_id, m.kind, to_char(m.held_on, 'YYYY-MM') AS month,
       count(*) FILTER (WHERE a.should_attend) AS expected,
       count(*) FILTER (WHERE a.should_attend AND a.state IN ('on_time', 'late')) AS present
     ${facts} GROUP BY 1, 2, 3, 4`,
    "CREATE INDEX ON bench_roll_up (tenant_id, org_id) INCLUDE (expected, present)",
    "VACUUM (ANALYZE) bench_roll_up",
  ];
  for (const statement of statements) await owner.query(statement);
  return branches;
}

/** Waits until the stream's first copy is in the marts. */
async function carried(world: World, stream: Stream): Promise<void> {
  const { rows } = await world.owner.query<{ n: string }>("SELECT count(*)::text AS n FROM attendance");
  const deadline = performance.now() + 1_200_000;
  for (;;) {
    // A first copy makes the empty landing tables anew; between the two the marts have nothing to read.
    const [shown] = await world.warehouse
      .askAll<{ n: string }>(
        `SELECT toString(sum(denominator)) AS n FROM marts.agg_org_month WHERE measure = 'attendance'`,
      )
      .catch(() => []);
    if (shown?.n === rows[0]?.n) return;
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
    await world.owner.query(
      `UPDATE attendance SET state = CASE state WHEN 'late' THEN 'on_time' ELSE 'late' END WHERE id IN (
         SELECT a.id FROM attendance a JOIN meeting m ON m.id = a.meeting_id
         WHERE m.held_on >= '2026-06-01' AND m.held_on < '2026-07-01' ORDER BY a.id LIMIT 100)`,
    );
    const { rows } = await world.owner.query<{ lsn: string }>(
      "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint::text AS lsn",
    );
    const began = performance.now();
    // Something after it, so that the stream's mark passes that place.
    await world.owner.query("UPDATE tenant SET updated_at = now()");
    for (;;) {
      const [claim] = await world.warehouse.askAll<{ lsn: string }>(
        "SELECT toString(min(_as_of_lsn)) AS lsn FROM marts.mart_freshness",
      );
      if (BigInt(claim?.lsn ?? 0) >= BigInt(rows[0]?.lsn ?? 0)) break;
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
      const { sql, values } = sqlQuery(question, months);
      const ours = await timed(() => askCube(world, question, months, round));
      const theirs = await timed(async () => (await reader.query<Line>(sql, values)).rows);
      const plain = (lines: Line[]) => lines.map((line) => `${line.org_id} ${line.present}/${line.expected}`).sort();
      if (JSON.stringify(plain(ours.answer)) !== JSON.stringify(plain(theirs.answer)))
        throw new Error(`Cube and PostgreSQL do not answer the same: ${question.name}`);
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

type Line = { org_id: string; expected: string; present: string };

async function askCube(world: World, question: Question, months: readonly string[], round: number): Promise<Line[]> {
  const permission = await token({ tenantId, roots: [{ level: 0, orgId: committee, below: true }] });
  // Cube keeps answers by their SQL, whatever is asked of its cache: another limit each time makes every question a new one.
  const query = {
    ...cubeQuery(question, months),
    cache: "no-cache",
    limit: 10_000 + 100 * questions.indexOf(question) + round,
  };
  const { status, rows, error } = await world.load(permission, query);
  if (status !== 200) throw new Error(`Cube answers ${status}: ${error}`);
  return rows.map((row) => ({
    org_id: String(row[`${question.view}.org_id`]),
    expected: String(row[`${question.view}.expected`]),
    present: String(row[`${question.view}.present`]),
  }));
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const began = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - began };
}
