import type pg from "pg";
import { askCube, type CubeRow, mintWhole } from "../src/analytics.ts";
import type { Platform } from "../src/platform.ts";
import { type Fraction, fraction } from "./fraction.ts";
import { rankRuns } from "./oracle.ts";
import { readRows } from "./rows.ts";

/** Every ranked person of a tenant by run, population, subject and indicator: group, score, rank, of how many, top, rank before. */
export type Cells = Record<string, unknown[]>;

const text = (score: Fraction | null) => (score ? `${score.num}/${score.den}` : null);
const whole = (value: unknown) => (value === null ? null : Number(value));
const reduced = (num: unknown, den: unknown) =>
  num === null || den === null ? null : text(fraction(BigInt(String(num)), BigInt(String(den))));

const members = [
  "run_id",
  "population_kind",
  "population_org_id",
  "subject_kind",
  "subject_id",
  "indicator_code",
  "group_org_id",
  "score_num",
  "score_den",
  "rank",
  "of_n",
  "is_top",
  "prev_rank",
] as const;

/** What Cube says of the people of a tenant. @throws with Cube's words when it refuses */
export async function shownByCube(platform: Platform, owner: pg.Client, tenantId: number): Promise<Cells> {
  const token = await mintWhole(platform, owner, tenantId, "report.read");
  const answer = await askCube(platform, token, {
    dimensions: members.map((member) => `evaluation_report.${member}`),
    limit: 50_000,
  });
  if (answer.status !== 200) throw new Error(answer.text);
  const named = (row: CubeRow) =>
    Object.fromEntries(members.map((member) => [member, row[`evaluation_report.${member}`] ?? null]));
  return Object.fromEntries(
    answer.rows
      .map(named)
      .filter((row) => row.subject_kind === "person")
      .map((row) => [
        `${row.run_id}|${row.population_kind}|${row.population_org_id}|${row.subject_id}|${row.indicator_code}`,
        [
          whole(row.group_org_id),
          reduced(row.score_num, row.score_den),
          whole(row.rank),
          whole(row.of_n),
          row.is_top === true || row.is_top === 1,
          whole(row.prev_rank),
        ],
      ]),
  );
}

/** What the naive ranking makes of the rows in PostgreSQL. */
export async function rankedByHand(owner: pg.Client, tenantId: number): Promise<Cells> {
  const cells: Cells = {};
  for (const [run, ranking] of rankRuns(await readRows(owner, tenantId)))
    for (const [key, cell] of ranking.people)
      cells[`${run}|${key}`] = [cell.group, text(cell.score), cell.rank, cell.ofN, cell.isTop, cell.prevRank];
  return cells;
}
