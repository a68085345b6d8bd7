import { performance } from "node:perf_hooks";
import type { ClickHouse } from "@xianfeng/clickhouse";
import type pg from "pg";
import { DataPlatform } from "./platform.ts";
import { correctMonth, refreshEverything, shown } from "./refreshed.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Milliseconds. */
export type MartFigures = {
  members: number;
  attendance: number;
  /** The same sums of one tenant, stored on both sides and asked directly. */
  read: { clickhouse: Spread; postgres: Spread; ratio: Spread; rows: number };
  /** What keeping the sums costs after a hundred corrections of one month. */
  refresh: {
    touched: Spread;
    parts: number;
    whole: number;
    /** From commit to shown: everything that is kept, stream included. */
    round: { touched: Spread; whole: number };
    postgres: Spread;
    postgresConcurrently: Spread;
  };
  /** The same question of rows of which some were corrected; median of the mart is 1. */
  corrected: {
    share: number;
    rows: number;
    parts: number;
    ways: { name: string; spread: Spread; ratio: Spread }[];
  };
};

const counted = "count(*) FILTER (WHERE a.should_attend)";
const came = "count(*) FILTER (WHERE a.should_attend AND a.state IN ('on_time', 'late'))";
const rollUp = [
  `CREATE MATERIALIZED VIEW bench_roll_up AS SELECT m.tenant_id, m.org_id, m.kind, to_char(m.held_on, 'YYYY-MM') AS month, ${counted} AS expected, ${came} AS present
   FROM attendance a JOIN meeting m ON m.id = a.meeting_id WHERE m.state = 'closed' AND m.voided_at IS NULL GROUP BY 1, 2, 3, 4`,
  "CREATE UNIQUE INDEX ON bench_roll_up (tenant_id, org_id, month, kind) INCLUDE (expected, present)",
  "VACUUM (ANALYZE) bench_roll_up",
];

/**
 * Measures the stored marts over scale data: reading a roll-up against the same roll-up as a materialised view of PostgreSQL, refreshing a
 * touched month against everything and against PostgreSQL's refresh, and reading rows after many were corrected.
 */
export async function benchMarts(options: { members?: number; rounds?: number } = {}): Promise<MartFigures> {
  const { members = 34_000, rounds = 9 } = options;
  const platform = await DataPlatform.start({ work_mem: "64MB" });
  try {
    const loaded = JSON.parse(await platform.seed(["scale", "--members", String(members)], () => undefined)) as {
      tables: { attendance: number };
    };
    await platform.run("engine");
    await platform.run("stream", 3_600);
    await platform.run("warehouse", 3_600);
    await platform.owner.query("VACUUM (ANALYZE) attendance, meeting");
    for (const sql of rollUp) await platform.owner.query(sql);
    const read = await readStored(platform, rounds);
    const refresh = await refreshStored(platform, rounds);
    const corrected = await readCorrected(platform, rounds);
    return { members, attendance: loaded.tables.attendance, read, refresh, corrected };
  } finally {
    await platform.stop();
  }
}

type Line = { org_id: number; expected: string; present: string };
const plain = (lines: readonly Line[]) =>
  lines.map((line) => `${line.org_id} ${line.expected} ${line.present}`).join("\n");

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> {
  const began = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - began };
}

const stored = (clickhouse: ClickHouse) =>
  clickhouse.query<Line>(
    `SELECT org_id, toString(sum(denominator)) AS expected, toString(sum(numerator)) AS present FROM marts.agg_org_month
     WHERE tenant_id = 1 AND measure = 'attendance' GROUP BY org_id ORDER BY org_id`,
  );
const storedInPostgres = async (client: pg.Client) =>
  (
    await client.query<Line>(
      `SELECT org_id, sum(expected)::text AS expected, sum(present)::text AS present FROM bench_roll_up WHERE tenant_id = 1
       GROUP BY org_id HAVING sum(expected) > 0 ORDER BY org_id`,
    )
  ).rows;

async function readStored({ clickhouse, owner }: DataPlatform, rounds: number): Promise<MartFigures["read"]> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  let rows = 0;
  for (let round = -2; round < rounds; round += 1) {
    const one = await timed(() => stored(clickhouse));
    const other = await timed(() => storedInPostgres(owner));
    if (one.answer.length === 0 || plain(one.answer) !== plain(other.answer))
      throw new Error("the stored roll-ups of ClickHouse and PostgreSQL do not say the same");
    rows = one.answer.length;
    if (round < 0) continue;
    ours.push(one.ms);
    theirs.push(other.ms);
  }
  const ratio = spreadOf(ours.map((ms, round) => (theirs[round] ?? Number.NaN) / ms));
  return { clickhouse: spreadOf(ours), postgres: spreadOf(theirs), ratio, rows };
}

async function refreshStored(platform: DataPlatform, rounds: number): Promise<MartFigures["refresh"]> {
  const [touched, round, postgres, concurrently]: number[][] = [[], [], [], []];
  let parts = 0;
  await shown(platform);
  for (let at = 0; at < rounds; at += 1) {
    const refreshed = await correctMonth(platform);
    round?.push(refreshed.ms);
    touched?.push(refreshed.tables.int_attendance?.ms ?? Number.NaN);
    parts = Math.max(parts, refreshed.tables.int_attendance?.parts ?? 0);
    postgres?.push((await timed(() => platform.owner.query("REFRESH MATERIALIZED VIEW bench_roll_up"))).ms);
    concurrently?.push(
      (await timed(() => platform.owner.query("REFRESH MATERIALIZED VIEW CONCURRENTLY bench_roll_up"))).ms,
    );
  }
  const whole = await refreshEverything(platform);
  return {
    touched: spreadOf(touched ?? []),
    parts,
    whole: whole.tables.int_attendance?.ms ?? Number.NaN,
    round: { touched: spreadOf(round ?? []), whole: whole.ms },
    postgres: spreadOf(postgres ?? []),
    postgresConcurrently: spreadOf(concurrently ?? []),
  };
}

const question = (from: string, where: string) =>
  `SELECT org_id_then AS org_id, toString(countIf(should_attend)) AS expected, toString(countIf(should_attend AND state IN ('on_time', 'late'))) AS present
   FROM ${from} WHERE ${where} GROUP BY org_id ORDER BY org_id`;

/** Corrects every twentieth row, in transactions of a thousand, and asks for the same sums in four ways. */
async function readCorrected(platform: DataPlatform, rounds: number): Promise<MartFigures["corrected"]> {
  const { rows: ids } = await platform.owner.query<{ id: string }>(
    "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM attendance) a WHERE n % 20 = 0",
  );
  const landing = platform.landing();
  try {
    for (let at = 0; at < ids.length; at += 1_000)
      await platform.owner.query(
        "UPDATE attendance SET state = CASE state WHEN 'on_time' THEN 'late' ELSE 'on_time' END, updated_at = now() WHERE id = ANY ($1)",
        [ids.slice(at, at + 1_000).map(({ id }) => id)],
      );
    await shown(platform);
    const [parts] = await landing.query<{ n: number }>(
      "SELECT toUInt32(count()) AS n FROM system.parts WHERE active AND database = 'raw' AND table = 'attendance'",
    );
    await landing.command("CREATE TABLE raw.bench_merged AS raw.attendance ENGINE = MergeTree ORDER BY id");
    await landing.command("INSERT INTO raw.bench_merged SELECT * FROM raw.attendance FINAL WHERE _deleted = 0");
    const all: { name: string; ask: () => Promise<Line[]> }[] = [
      {
        name: "the mart",
        ask: () => platform.clickhouse.query<Line>(question("intermediate.int_attendance", "true")),
      },
      { name: "merged beforehand, without FINAL", ask: () => landing.query<Line>(question("raw.bench_merged", "1")) },
      { name: "bare FINAL", ask: () => landing.query<Line>(question("raw.attendance FINAL", "_deleted = 0")) },
      {
        name: "argMax of each column by key",
        ask: () =>
          landing.query<Line>(
            question(
              "(SELECT id, argMax(org_id_then, _version) AS org_id_then, argMax(should_attend, _version) AS should_attend, argMax(state, _version) AS state, argMax(_deleted, _version) AS _deleted FROM raw.attendance GROUP BY id)",
              "_deleted = 0",
            ),
          ),
      },
    ];
    const times = all.map((): number[] => []);
    for (let round = -1; round < rounds; round += 1) {
      const answers: string[] = [];
      for (const [index, { ask }] of all.entries()) {
        const { answer, ms } = await timed(ask);
        answers.push(plain(answer));
        if (round >= 0) times[index]?.push(ms);
      }
      if (new Set(answers).size !== 1 || answers[0] === "")
        throw new Error("corrected rows do not give the same sums in every way");
    }
    const mart = times[0] ?? [];
    return {
      share: ids.length / Math.max(1, await total(platform.owner)),
      rows: ids.length,
      parts: parts?.n ?? 0,
      ways: all.map(({ name }, index) => ({
        name,
        spread: spreadOf(times[index] ?? []),
        ratio: spreadOf((times[index] ?? []).map((ms, round) => ms / (mart[round] ?? Number.NaN))),
      })),
    };
  } finally {
    await landing.close();
  }
}

const total = async (owner: pg.Client): Promise<number> =>
  Number((await owner.query<{ n: string }>("SELECT count(*) AS n FROM attendance")).rows[0]?.n);
