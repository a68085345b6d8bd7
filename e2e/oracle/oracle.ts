import { add, type Fraction, fraction, rankAll } from "./fraction.ts";
import type { Rows } from "./rows.ts";

/**
 * A second, naive ranking, written from docs/evaluation-rule.md and nothing else: slow, in memory, in the order of the page.
 * It knows neither the SQL nor any code of the product.
 */
export type PersonCell = {
  group: number;
  score: Fraction | null;
  rank: number | null;
  ofN: number;
  isTop: boolean;
  prevRank: number | null;
};
export type BranchCell = { inTop: number; ranked: number; rank: number | null; ofN: number; prevRank: number | null };
export type Ranking = {
  people: Map<string, PersonCell>;
  branches: Map<string, BranchCell>;
  values: Map<string, Fraction | null>;
};

type Run = Rows["runs"][number];

export function rankRuns(rows: Rows): Map<string, Ranking> {
  const rankings = new Map<string, Ranking>();
  for (const run of rows.runs) rankings.set(run.id, rankRun(rows, run));
  for (const run of rows.runs) addPrevious(rows, run, rankings);
  return rankings;
}

const holdsOn = (row: { valid_from: string; valid_to: string | null }, day: string) =>
  row.valid_from <= day && (row.valid_to === null || row.valid_to > day);

/** Who is evaluated, with the branch of record. */
function evaluated(rows: Rows, run: Run): Map<string, number> {
  const branches = new Set(
    rows.branches.filter((branch) => branch.period_id === run.period_id).map((branch) => branch.org_id),
  );
  const groupOf = new Map<string, number>();
  for (const person of rows.people) {
    if (person.merged_into_id !== null) continue;
    const member = rows.statuses.some(
      (status) =>
        status.person_id === person.id &&
        holdsOn(status, run.as_of_on) &&
        ["full_member", "probationary_member"].includes(status.identity),
    );
    const membership = rows.memberships.find((one) => one.person_id === person.id && holdsOn(one, run.as_of_on));
    if (!member || !membership) continue;
    const branch = successor(rows, membership.org_id, run.as_of_on);
    if (branches.has(branch)) groupOf.set(person.id, branch);
  }
  return groupOf;
}

function successor(rows: Rows, org: number, day: string): number {
  const next = rows.successions.find((one) => one.from_org_id === org && one.on_date <= day);
  return next ? successor(rows, next.to_org_id, day) : org;
}

/** The rows of a list by the person for whom they count: a merged person's count for the survivor. */
function byPerson<Row extends { person_id: string }>(rows: Rows, list: readonly Row[]): Map<string, Row[]> {
  const survivorOf = new Map(rows.people.map((person) => [person.id, person.merged_into_id ?? person.id]));
  return Map.groupBy(list, (row) => survivorOf.get(row.person_id) ?? row.person_id);
}

function attendanceRate(rows: Rows, run: Run, attended: readonly Rows["attendance"][number][]): Fraction | null {
  const period = rows.periods.find((one) => one.id === run.period_id);
  if (!period) return null;
  const meetings = new Map<string, boolean>();
  for (const row of attended) {
    if (row.held_on < period.starts_on || row.held_on > period.ends_on) continue;
    const came = row.state === "on_time" || row.state === "late";
    meetings.set(row.meeting_id, came || (meetings.get(row.meeting_id) ?? false));
  }
  if (meetings.size === 0) return null;
  return fraction(BigInt([...meetings.values()].filter(Boolean).length), BigInt(meetings.size));
}

function importedValue(
  run: Run,
  person: string,
  entries: readonly Rows["entries"][number][],
  indicatorId: string,
): Fraction | null {
  const fitting = entries.filter((entry) => entry.period_id === run.period_id && entry.indicator_id === indicatorId);
  const own = fitting.find((entry) => entry.person_id === person);
  const chosen = own ?? fitting.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
  return chosen ? fraction(BigInt(chosen.value_bp), 10_000n) : null;
}

function overall(values: { value: Fraction | null; weight: number }[]): Fraction | null {
  let sum: Fraction = { num: 0n, den: 1n };
  let weights = 0n;
  for (const { value, weight } of values) {
    if (!value) return null;
    sum = add(sum, fraction(value.num * BigInt(weight), value.den));
    weights += BigInt(weight);
  }
  return weights === 0n ? null : fraction(sum.num, sum.den * weights);
}

const topRank = (shareBp: number, n: number) => Math.ceil((shareBp * n) / 10_000);

function rankRun(rows: Rows, run: Run): Ranking {
  const groupOf = evaluated(rows, run);
  const items = rows.items.filter((item) => item.scheme_version_id === run.scheme_version_id);
  const shareBp = rows.schemes.find((scheme) => scheme.id === run.scheme_version_id)?.top_share_bp ?? 0;
  const ranking: Ranking = { people: new Map(), branches: new Map(), values: new Map() };
  const scores = new Map<string, Map<string, Fraction | null>>(
    [...items.map((item) => item.code), "overall"].map((code) => [code, new Map()]),
  );
  const attendance = byPerson(rows, rows.attendance);
  const entries = byPerson(rows, rows.entries);
  for (const person of groupOf.keys()) {
    const values = items.map((item) => ({
      code: item.code,
      weight: item.weight,
      value:
        item.source === "derived"
          ? attendanceRate(rows, run, attendance.get(person) ?? [])
          : importedValue(run, person, entries.get(person) ?? [], item.indicator_id),
    }));
    for (const { code, value } of values) {
      scores.get(code)?.set(person, value);
      ranking.values.set(`${person}|${code}`, value);
    }
    scores.get("overall")?.set(person, overall(values));
  }
  for (const [code, byPerson] of scores) {
    const everybody = rankPopulation(ranking, byPerson, groupOf, shareBp, `college|${run.org_id}`, code);
    const groups = new Set(groupOf.values());
    for (const group of groups) {
      const own = new Map([...byPerson].filter(([person]) => groupOf.get(person) === group));
      rankPopulation(ranking, own, groupOf, shareBp, `branch|${group}`, code);
    }
    rankBranches(rows, run, ranking, everybody, groupOf, code);
  }
  return ranking;
}

type Placed = { ranks: Map<string, number>; threshold: number };

function rankPopulation(
  ranking: Ranking,
  scores: Map<string, Fraction | null>,
  groupOf: Map<string, number>,
  shareBp: number,
  population: string,
  code: string,
): Placed {
  const present = new Map([...scores].flatMap(([person, score]) => (score ? [[person, score] as const] : [])));
  const ranks = rankAll(present);
  const threshold = topRank(shareBp, present.size);
  for (const [person, score] of scores) {
    const rank = ranks.get(person) ?? null;
    const isTop = rank !== null && rank <= threshold;
    ranking.people.set(`${population}|${person}|${code}`, {
      group: groupOf.get(person) ?? 0,
      score,
      rank,
      ofN: present.size,
      isTop,
      prevRank: null,
    });
  }
  return { ranks, threshold };
}

function rankBranches(
  rows: Rows,
  run: Run,
  ranking: Ranking,
  college: Placed,
  groupOf: Map<string, number>,
  code: string,
): void {
  const counts = new Map<number, { inTop: number; ranked: number }>();
  for (const branch of rows.branches.filter((one) => one.period_id === run.period_id))
    counts.set(branch.org_id, { inTop: 0, ranked: 0 });
  for (const [person, rank] of college.ranks) {
    const count = counts.get(groupOf.get(person) ?? 0);
    if (!count) continue;
    count.ranked++;
    if (rank <= college.threshold) count.inTop++;
  }
  const shares = new Map(
    [...counts].flatMap(([branch, { inTop, ranked }]) =>
      ranked > 0 ? [[branch, fraction(BigInt(inTop), BigInt(ranked))] as const] : [],
    ),
  );
  const ranks = rankAll(shares);
  for (const [branch, count] of counts)
    ranking.branches.set(`${branch}|${code}`, {
      ...count,
      rank: ranks.get(branch) ?? null,
      ofN: shares.size,
      prevRank: null,
    });
}

/** Change is told only against a run of the same scheme. */
function addPrevious(rows: Rows, run: Run, rankings: Map<string, Ranking>): void {
  const previous = rows.runs.find((other) => other.id === run.previous_run_id);
  const [before, now] = [rankings.get(previous?.id ?? ""), rankings.get(run.id)];
  if (!previous || !before || !now || previous.scheme_version_id !== run.scheme_version_id) return;
  for (const [key, cell] of now.people) cell.prevRank = before.people.get(key)?.rank ?? null;
  for (const [key, cell] of now.branches) cell.prevRank = before.branches.get(key)?.rank ?? null;
}
