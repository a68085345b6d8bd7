import { type College, type CollegeDirt, seedCollege } from "@xianfeng/seed";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Fraction, fraction } from "../oracle/fraction.ts";
import { type Ranking, rankRuns } from "../oracle/oracle.ts";
import { readRows } from "../oracle/rows.ts";
import { askCube, type CubeRow, mintWhole, openOwner, untilShown } from "../src/analytics.ts";
import { Platform } from "../src/platform.ts";

const firstSeed = Number(process.env.SEED ?? 20_261_122);
const colleges = 20;
const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
const seeded: College[] = [];

beforeAll(async () => {
  process.stdout.write(`oracle: SEED=${firstSeed}\n`);
  owner = await openOwner(platform);
  const { DATA_KEY, BLIND_INDEX_KEY, OWNER_DATABASE_URL } = platform.settings;
  const keys = { dataKey: String(DATA_KEY), blindIndexKey: String(BLIND_INDEX_KEY) };
  for (let index = 0; index < colleges; index++)
    seeded.push(await seedCollege(String(OWNER_DATABASE_URL), { seed: firstSeed + index, keys }));
  const last = seeded.at(-1);
  if (last) await untilShown(platform, owner, last.tenantId);
});

afterAll(() => owner?.end());

const text = (score: Fraction | null) => (score ? `${score.num}/${score.den}` : null);
const reduced = (num: unknown, den: unknown) =>
  num === null || den === null ? null : text(fraction(BigInt(String(num)), BigInt(String(den))));
const whole = (value: unknown) => (value === null ? null : Number(value));

/** Cube's answer for one view, every row of the tenant. */
async function load(tenantId: number, permission: string, view: string, members: string[]): Promise<CubeRow[]> {
  const token = await mintWhole(platform, owner, tenantId, permission);
  const {
    rows,
    status,
    text: said,
  } = await askCube(platform, token, { dimensions: members.map((member) => `${view}.${member}`), limit: 50_000 });
  expect(status, said).toBe(200);
  return rows.map((row) => Object.fromEntries(members.map((member) => [member, row[`${view}.${member}`] ?? null])));
}

const rankMembers = [
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
];
const branchMembers = [
  "run_id",
  "org_id",
  "indicator_code",
  "members_ranked",
  "members_in_top",
  "rank",
  "of_n",
  "prev_rank",
];

function expectedPeople(rankings: Map<string, Ranking>): Map<string, unknown[]> {
  const cells = new Map<string, unknown[]>();
  for (const [run, ranking] of rankings)
    for (const [key, cell] of ranking.people)
      cells.set(`${run}|${key}`, [cell.group, text(cell.score), cell.rank, cell.ofN, cell.isTop, cell.prevRank]);
  return cells;
}

function expectedBranches(rankings: Map<string, Ranking>): Map<string, unknown[]> {
  const cells = new Map<string, unknown[]>();
  for (const [run, ranking] of rankings)
    for (const [key, cell] of ranking.branches)
      if (cell.ranked > 0) cells.set(`${run}|${key}`, [cell.ranked, cell.inTop, cell.rank, cell.ofN, cell.prevRank]);
  return cells;
}

describe("the ranking in Cube equals the naive ranking of the rows in PostgreSQL, cell by cell", () => {
  test.each(Array.from({ length: colleges }, (_, index) => index))("random college %i", async (index) => {
    const college = seeded[index];
    if (!college) throw new Error("not seeded");
    const rankings = rankRuns(await readRows(owner, college.tenantId));
    const people = await load(college.tenantId, "report.read", "evaluation_report", rankMembers);
    const shown = new Map(
      people.map((row) => [
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
    // Branches stand among the ranks too; they are compared with their base below.
    for (const row of people)
      if (row.subject_kind !== "person")
        shown.delete(
          `${row.run_id}|${row.population_kind}|${row.population_org_id}|${row.subject_id}|${row.indicator_code}`,
        );
    const expected = expectedPeople(rankings);
    expect(expected.size).toBeGreaterThan(0);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(expected));

    const branches = await load(college.tenantId, "ranking.read", "branch_ranking", branchMembers);
    const shares = new Map(
      branches
        .filter((row) => Number(row.members_ranked) > 0)
        .map((row) => [
          `${row.run_id}|${row.org_id}|${row.indicator_code}`,
          [
            whole(row.members_ranked),
            whole(row.members_in_top),
            whole(row.rank),
            whole(row.of_n),
            whole(row.prev_rank),
          ],
        ]),
    );
    expect(Object.fromEntries(shares)).toEqual(Object.fromEntries(expectedBranches(rankings)));
  });

  test("each kind of dirt was there in at least five colleges", () => {
    const kinds: (keyof CollegeDirt)[] = [
      "missingValue",
      "tie",
      "transfer",
      "mergedBranch",
      "voided",
      "correctedAfterClose",
    ];
    const counts = Object.fromEntries(
      kinds.map((kind) => [kind, seeded.filter((college) => college.dirt[kind] > 0).length]),
    );
    process.stdout.write(`dirt, colleges of ${colleges}: ${JSON.stringify(counts)}\n`);
    for (const kind of kinds) expect(counts[kind], kind).toBeGreaterThanOrEqual(5);
  });
});
