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
};

const tenantId = 1;
const committee = 1;

type Question = { name: string; query: object; sql: string; values: unknown[] };

const view = (member: string) => `attendance.${member}`;
/** `months`: seven months in a row, YYYY-MM; the last one is the first that is left out. */
const questions = (months: readonly string[]): Question[] => [
  {
    name: "attendance of every branch, three years",
    query: {
      dimensions: [view("org_id")],
      measures: [view("expected"), view("present")],
      order: [[view("org_id"), "asc"]],
    },
    sql: `${select} GROUP BY m.org_id`,
    values: [tenantId],
  },
  {
    name: "attendance of every branch, one half-year",
    query: {
      dimensions: [view("org_id")],
      measures: [view("expected"), view("present")],
      filters: [{ member: view("month"), operator: "equals", values: months.slice(0, 6) }],
      order: [[view("org_id"), "asc"]],
    },
    sql: `${select} AND m.held_on >= $2 AND m.held_on < $3 GROUP BY m.org_id`,
    values: [tenantId, `${months[0]}-01`, `${months[6]}-01`],
  },
];

const select = `SELECT m.org_id::text AS org_id, count(*) FILTER (WHERE a.should_attend)::text AS expected,
    count(*) FILTER (WHERE a.should_attend AND a.state IN ('on_time', 'late'))::text AS present
  FROM attendance a JOIN meeting m ON m.id = a.meeting_id
  WHERE m.tenant_id = $1 AND m.state = 'closed' AND m.voided_at IS NULL`;

/**
 * Measures a ranking of branches over the facts of one large college: through Cube over ClickHouse, and as SQL over the same facts in
 * PostgreSQL with an index made for it, its tables vacuumed and its cache warm.
 * @param options attendance rows in thousands (default 1,000), rounds (default 9)
 */
export async function benchRanking(options: { thousands?: number; rounds?: number } = {}): Promise<RankingFigures> {
  const { thousands = 1_000, rounds = 9 } = options;
  const server = await startTestPostgres({
    shared_buffers: "1GB",
    work_mem: "64MB",
    effective_cache_size: "4GB",
    max_wal_size: "4GB",
  });
  process.env.XF_TEST_POSTGRES_URL = server.url;
  try {
    const world = await startWorld();
    try {
      const branches = await fill(world.owner, thousands);
      await carry(world);
      const queries = [];
      for (const [index, { name }] of questions([]).entries())
        queries.push({ name, ...(await compare(world, index, rounds)) });
      return { rows: thousands * 1_000, branches, queries };
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
     SELECT gen_random_uuid(), ${tenantId}, ${meetingId("g")}, ${personId(`(g % ${branches} * ${members} + k)`)}, 2 + g % ${branches},
       'full_member', CASE WHEN (g * 31 + k * 7) % 100 < 80 THEN 'on_time' WHEN (g * 31 + k * 7) % 100 < 88 THEN 'late' ELSE 'absent' END,
       'code', now()
     FROM generate_series(1, ${meetings}) g, generate_series(1, ${members}) k`,
    "SET session_replication_role = origin",
    "CREATE INDEX bench_attendance ON attendance (meeting_id) INCLUDE (should_attend, state)",
    "CREATE INDEX bench_meeting ON meeting (tenant_id, held_on) INCLUDE (id, org_id, state, voided_at)",
    "VACUUM (ANALYZE) attendance",
    "VACUUM (ANALYZE) meeting",
  ];
  for (const statement of statements) await owner.query(statement);
  return branches;
}

/** Brings everything into the marts by the stream's own first copy. */
async function carry(world: World): Promise<void> {
  const stream = new Stream({
    databaseUrl: world.database.stream,
    clickhouse: { url: world.warehouse.url, user: "landing", password: passwords.landing },
    log: silent,
  });
  stream.start();
  try {
    const { rows } = await world.owner.query<{ n: string }>("SELECT count(*)::text AS n FROM attendance");
    const deadline = performance.now() + 600_000;
    for (;;) {
      // A first copy makes the empty landing tables anew; between the two the marts have nothing to read.
      const [shown] = await world.warehouse
        .askAll<{ n: string }>("SELECT toString(count()) AS n FROM marts.fct_attendance")
        .catch(() => []);
      if (shown?.n === rows[0]?.n) return;
      if (performance.now() > deadline)
        throw new Error(
          `${shown?.n} of ${rows[0]?.n} rows in the mart: ${stream.status.message ?? stream.status.state}`,
        );
      await new Promise((wake) => setTimeout(wake, 500));
    }
  } finally {
    await stream.stop();
  }
}

async function compare(world: World, index: number, rounds: number) {
  const reader = new pg.Client({ connectionString: world.database.admin });
  await reader.connect();
  const [cube, postgres, ratio]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let round = -2; round < rounds; round += 1) {
      // Another half-year each time.
      const months = Array.from({ length: 7 }, (_, at) => monthFrom(round + 2 + at));
      const question = questions(months)[index];
      if (!question) throw new Error("no such question");
      const ours = await timed(() => askCube(world, question, round));
      const theirs = await timed(async () => (await reader.query<Line>(question.sql, question.values)).rows);
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

async function askCube(world: World, { query }: Question, round: number): Promise<Line[]> {
  const permission = await token({ tenantId, roots: [{ level: 0, orgId: committee, below: true }] });
  // Cube keeps answers by their SQL, whatever is asked of its cache: another limit each time makes every question a new one.
  const { status, rows, error } = await world.load(permission, { ...query, cache: "no-cache", limit: 10_000 + round });
  if (status !== 200) throw new Error(`Cube answers ${status}: ${error}`);
  return rows.map((row) => ({
    org_id: String(row[view("org_id")]),
    expected: String(row[view("expected")]),
    present: String(row[view("present")]),
  }));
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const began = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - began };
}
