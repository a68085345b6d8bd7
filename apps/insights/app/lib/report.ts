import { compareFractions, type Fraction, fraction, type RankChange, rankChange } from "@xianfeng/ui/format";
import type { OrgName, OwnReport, SealedReport, SealedResult } from "../../server/domain.ts";
import type { BranchLine, BranchRanking } from "../../server/query/branch-ranking.ts";

export const overall = "overall";

/** A sealed report in the shape of the live ranking, so that both are drawn by the same parts. Nothing is ranked here. */
export function sealedRanking(
  report: SealedReport,
  orgs: Record<number, OrgName>,
  overallTitle: string,
): BranchRanking {
  const indicators = [
    { code: overall, title: overallTitle },
    ...report.run.items.map(({ indicatorCode, title }) => ({ code: indicatorCode, title })),
  ];
  const people = report.results.filter((row) => row.subjectKind === "person" && row.populationKind === "college");
  const branches = new Map<number, BranchLine>();
  for (const row of report.results) {
    if (row.subjectKind !== "branch" || row.populationKind !== "college") continue;
    const org = orgs[row.groupOrgId];
    const line = branches.get(row.groupOrgId) ?? {
      orgId: row.groupOrgId,
      shortName: nameThen(report.orgNames[row.groupOrgId], org, row.groupOrgId),
      category: org?.category ?? "",
      cells: {},
      history: {},
    };
    const own = people.filter(
      (person) => person.groupOrgId === row.groupOrgId && person.indicatorCode === row.indicatorCode,
    );
    const ranked = own.filter((person) => person.rank !== null).length;
    line.cells[row.indicatorCode] = {
      rank: row.rank,
      ofN: row.ofN,
      prevRank: row.prevRank,
      num: row.scoreNum,
      den: row.scoreDen,
      evaluated: own.length,
      ranked,
      missing: own.length - ranked,
    };
    branches.set(row.groupOrgId, line);
  }
  return {
    runId: report.run.id,
    indicators,
    periods: [{ id: report.run.period.id, title: report.run.period.title }],
    branches: [...branches.values()],
  };
}

/** Names are those of the report's day; where nothing was renamed since, the short form of today says the same in less room. */
const nameThen = (then: string | undefined, org: OrgName | undefined, id: number): string =>
  then !== undefined && then !== org?.fullName ? then : (org?.shortName ?? then ?? `#${id}`);

export type HeatRow = { category: string; ranked: number; cells: (Fraction | null)[] };

/** Share of each kind of branch's members in the top, by indicator. */
export function composition(data: BranchRanking): HeatRow[] {
  const categories = [...new Set(data.branches.map(({ category }) => category))].sort();
  return categories.map((category) => {
    const lines = data.branches.filter((line) => line.category === category);
    const sum = (code: string, part: "num" | "den") =>
      lines.reduce((total, line) => total + BigInt(line.cells[code]?.[part] ?? 0), 0n);
    return {
      category,
      ranked: Number(sum(overall, "den")),
      cells: data.indicators.map(({ code }) => fraction(sum(code, "num"), sum(code, "den"))),
    };
  });
}

export type TopPerson = { id: string; orgId: number; change: RankChange; score: Fraction | null };
/** All who share one rank. */
export type TopPlace = { rank: number; people: TopPerson[] };

/** The first `most` places of an indicator, each with all who share it. */
export function topPlaces(
  results: readonly SealedResult[],
  indicator: string,
  comparable: boolean,
  most = 10,
): TopPlace[] {
  const places = new Map<number, TopPerson[]>();
  for (const row of results) {
    if (row.subjectKind !== "person" || row.populationKind !== "college" || row.indicatorCode !== indicator) continue;
    if (row.rank === null || row.rank > most) continue;
    const person = {
      id: row.subjectId,
      orgId: row.groupOrgId,
      change: rankChange(row.rank, row.prevRank, comparable),
      score: fraction(row.scoreNum, row.scoreDen),
    };
    places.set(row.rank, [...(places.get(row.rank) ?? []), person]);
  }
  return [...places]
    .map(([rank, people]) => ({ rank, people: people.sort((a, b) => a.id.localeCompare(b.id)) }))
    .sort((a, b) => a.rank - b.rank);
}

/** Whether anything in the report was compared with an earlier one. */
export const isComparable = (results: readonly SealedResult[]): boolean => results.some((row) => row.prevRank !== null);

export type Place = { rank: number | null; ofN: number; change: RankChange };
export type PersonLine = { id: string; orgId: number; score: Fraction | null; college: Place; branch: Place };

const placeOf = (row: SealedResult | undefined, comparable: boolean): Place =>
  row
    ? { rank: row.rank, ofN: row.ofN, change: rankChange(row.rank, row.prevRank, comparable) }
    : { rank: null, ofN: 0, change: { kind: "none" } };

/** Members of the reader's branches by one indicator, with their places in the college and in the branch, best first. */
export function branchMembers(results: readonly SealedResult[], indicator: string, comparable: boolean): PersonLine[] {
  const rows = results.filter((row) => row.subjectKind === "person" && row.indicatorCode === indicator);
  const inBranch = new Map(rows.filter((row) => row.populationKind === "branch").map((row) => [row.subjectId, row]));
  return rows
    .filter((row) => row.populationKind === "college")
    .map((row) => ({
      id: row.subjectId,
      orgId: row.groupOrgId,
      score: fraction(row.scoreNum, row.scoreDen),
      college: placeOf(row, comparable),
      branch: placeOf(inBranch.get(row.subjectId), comparable),
    }))
    .sort(
      (a, b) =>
        (a.college.rank ?? Number.MAX_SAFE_INTEGER) - (b.college.rank ?? Number.MAX_SAFE_INTEGER) ||
        a.id.localeCompare(b.id),
    );
}

export type OwnLine = {
  code: string;
  title: string;
  weight: number | null;
  score: Fraction | null;
  college: Place;
  branch: Place;
};

/** The caller's own lines: overall first, then by weight. */
export function ownLines(report: OwnReport, overallTitle: string): OwnLine[] {
  const comparable = isComparable(report.results);
  const items = [
    { indicatorCode: overall, title: overallTitle, weight: null },
    ...[...report.run.items].sort((a, b) => b.weight - a.weight),
  ];
  return items.map(({ indicatorCode, title, weight }) => {
    const find = (population: string) =>
      report.results.find(
        (row) =>
          row.indicatorCode === indicatorCode && row.populationKind === population && row.subjectKind === "person",
      );
    const college = find("college");
    return {
      code: indicatorCode,
      title,
      weight,
      score: college ? fraction(college.scoreNum, college.scoreDen) : null,
      college: placeOf(college, comparable),
      branch: placeOf(find("branch"), comparable),
    };
  });
}

/** The largest of some shares, for the depth of a colour. */
export const largestShare = (values: readonly (Fraction | null)[]): Fraction | null =>
  values.reduce<Fraction | null>(
    (best, value) => (value && (!best || compareFractions(value, best) > 0) ? value : best),
    null,
  );
