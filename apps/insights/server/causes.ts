import { compareFractions, fraction } from "@xianfeng/ui/format";
import type { SealedReport, SealedValue } from "./domain.ts";

/** Where a branch stood in a sealed run. */
export type Stood = { rank: number | null; num: string | null; den: string | null };

/** Why a branch's figures may differ between two sealed runs: counts of its people, from the sealed rows. */
export type BranchCauses = {
  orgId: number;
  name: string;
  now: Stood | null;
  before: Stood | null;
  /** People of the branch in both runs, of whom some sealed input differs. */
  corrected: number;
  /** People of both runs who were in another branch before, or are now. */
  movedIn: number;
  movedOut: number;
  /** People who are in one of the runs only. */
  entered: number;
  left: number;
};

export type RunCauses = {
  now: { runId: string; versionNo: number };
  before: { runId: string; versionNo: number };
  /** Whole schemes: another version of the formula, weights or top share moves everybody. */
  scheme: { now: string; before: string } | null;
  asOfOn: { now: string; before: string } | null;
  /** Branches whose rank or share differs, or whose people do. The others are alike in every sealed row. */
  branches: BranchCauses[];
  alike: number;
};

type Person = { orgId: number; values: Map<string, SealedValue> };

function peopleOf(report: SealedReport): Map<string, Person> {
  const people = new Map<string, Person>();
  for (const value of report.values) {
    if (value.subjectKind !== "person") continue;
    const person = people.get(value.subjectId) ?? { orgId: value.groupOrgId, values: new Map() };
    person.values.set(value.indicatorCode, value);
    people.set(value.subjectId, person);
  }
  return people;
}

/** Values are quotients: 2/6 and 3/9 are the same input. A value that is missing differs from every other. */
function sameValue(one: SealedValue | undefined, other: SealedValue | undefined): boolean {
  const [a, b] = [one, other].map((value) => fraction(value?.valueNum, value?.valueDen));
  return a && b ? compareFractions(a, b) === 0 : !a && !b;
}

function isCorrected(now: Person, before: Person): boolean {
  const codes = new Set([...now.values.keys(), ...before.values.keys()]);
  return [...codes].some((code) => !sameValue(now.values.get(code), before.values.get(code)));
}

function standings(report: SealedReport): Map<number, Stood> {
  return new Map(
    report.results
      .filter(
        (row) => row.subjectKind === "branch" && row.populationKind === "college" && row.indicatorCode === "overall",
      )
      .map((row) => [row.groupOrgId, { rank: row.rank, num: row.scoreNum, den: row.scoreDen }]),
  );
}

const sameStand = (one: Stood | null, other: Stood | null): boolean =>
  one?.rank === other?.rank && one?.num === other?.num && one?.den === other?.den;

/** What sealed rows say about why two versions of a report differ. What they do not say is not guessed. */
export function causesOf(now: SealedReport, before: SealedReport): RunCauses {
  const [people, earlier] = [peopleOf(now), peopleOf(before)];
  const [stand, stood] = [standings(now), standings(before)];
  const causes = new Map<number, BranchCauses>();
  const of = (orgId: number): BranchCauses => {
    const found = causes.get(orgId) ?? {
      orgId,
      name: now.orgNames[orgId] ?? before.orgNames[orgId] ?? `#${orgId}`,
      now: stand.get(orgId) ?? null,
      before: stood.get(orgId) ?? null,
      corrected: 0,
      movedIn: 0,
      movedOut: 0,
      entered: 0,
      left: 0,
    };
    causes.set(orgId, found);
    return found;
  };
  for (const orgId of [...stand.keys(), ...stood.keys()]) of(orgId);
  for (const [id, person] of people) {
    const was = earlier.get(id);
    if (!was) of(person.orgId).entered++;
    else {
      if (isCorrected(person, was)) of(person.orgId).corrected++;
      if (person.orgId !== was.orgId) {
        of(person.orgId).movedIn++;
        of(was.orgId).movedOut++;
      }
    }
  }
  for (const [id, was] of earlier) if (!people.has(id)) of(was.orgId).left++;
  const all = [...causes.values()];
  const branches = all.filter(
    (one) => !sameStand(one.now, one.before) || one.corrected + one.movedIn + one.movedOut + one.entered + one.left > 0,
  );
  const differs = <Value extends string>(one: Value, other: Value) =>
    one === other ? null : { now: one, before: other };
  return {
    now: { runId: now.run.id, versionNo: now.run.versionNo },
    before: { runId: before.run.id, versionNo: before.run.versionNo },
    scheme:
      now.run.schemeVersionId === before.run.schemeVersionId
        ? null
        : { now: now.run.schemeCode, before: before.run.schemeCode },
    asOfOn: differs(now.run.asOfOn, before.run.asOfOn),
    branches: branches.sort(
      (a, b) =>
        (a.now?.rank ?? Number.MAX_SAFE_INTEGER) - (b.now?.rank ?? Number.MAX_SAFE_INTEGER) || a.orgId - b.orgId,
    ),
    alike: all.length - branches.length,
  };
}
