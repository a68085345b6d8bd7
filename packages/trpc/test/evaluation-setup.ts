import type { Db, Prisma } from "@xianfeng/db";
import { expect, vi } from "vitest";
import * as calendar from "../src/kernel/calendar.ts";
import type { RunResult, RunRows, RunValue, SealReader } from "../src/kernel/index.ts";
import type { Fixture } from "./fixture.ts";

type Tenant = "one" | "two";

/** What one tenant's evaluation consists of. */
export type Setup = {
  periodId: string;
  indicatorId: string;
  derivedId: string;
  schemeVersionId: string;
  liveRunId: string;
};

/** The second half-year of 2026 with every branch of the tenant, one derived and one imported indicator, and the live run. */
export async function addEvaluation({ owner, orgs, tenants }: Fixture, tenant: Tenant = "one"): Promise<Setup> {
  const tenantId = tenants[tenant];
  const orgId = tenant === "one" ? orgs.K1 : orgs.K2;
  const branches = tenant === "one" ? [orgs.B1, orgs.B2, orgs.B3, orgs.B4] : [orgs.X1];
  const indicator = (code: string, title: string, source: string) =>
    owner.indicator.create({ data: { tenantId, code, title, source } });
  const derived = await indicator("attendance_rate", "组织生活", "derived");
  const imported = await indicator("theory_learning", "理论学习", "imported");
  const scheme = await owner.schemeVersion.create({ data: { tenantId, code: "2026.2版" } });
  await owner.schemeItem.createMany({
    data: [
      { tenantId, schemeVersionId: scheme.id, indicatorId: derived.id, weight: 6000 },
      { tenantId, schemeVersionId: scheme.id, indicatorId: imported.id, weight: 4000 },
    ],
  });
  const period = await owner.evaluationPeriod.create({
    data: {
      tenantId,
      orgId,
      year: 2026,
      ordinal: 2,
      startsOn: calendar.toColumn("2026-07-01"),
      endsOn: calendar.toColumn("2026-12-31"),
      branches: { create: branches.map((branch) => ({ tenantId, orgId: branch })) },
    },
  });
  const live = await owner.evaluationRun.create({
    data: {
      tenantId,
      orgId,
      periodId: period.id,
      schemeVersionId: scheme.id,
      asOfOn: period.endsOn,
      state: "live",
    },
  });
  return {
    periodId: period.id,
    indicatorId: imported.id,
    derivedId: derived.id,
    schemeVersionId: scheme.id,
    liveRunId: live.id,
  };
}

/** Position after everything that a test has written. */
export const farAhead = String(2n ** 60n);

/** Rows as the warehouse might answer them, by hand: two people of each branch ranked in college and branch, and the branches. */
export function handmadeRows({ orgs, person }: Fixture, asOfLsn = farAhead): RunRows {
  const branches = ["B1", "B2", "B3", "B4"] as const;
  const values: RunValue[] = [];
  const results: RunResult[] = [];
  for (const [place, branch] of branches.entries()) {
    const group = orgs[branch];
    for (const no of [0, 1]) {
      const subject = { subjectKind: "person", subjectId: person(branch, no).id, groupOrgId: group };
      const missing = branch === "B4" && no === 1;
      const score = missing
        ? [null, null]
        : [String(9_007_199_254_740_993n - BigInt(place * 2 + no)), "9007199254740993"];
      const [num = null, den = null] = score;
      values.push({ ...subject, indicatorCode: "theory_learning", valueNum: num, valueDen: den });
      const result = { ...subject, indicatorCode: "overall", scoreNum: num, scoreDen: den, prevRank: null };
      results.push(
        {
          ...result,
          populationKind: "college",
          populationOrgId: orgs.K1,
          rank: missing ? null : place * 2 + no + 1,
          ofN: 7,
          isTop: place === 0,
        },
        {
          ...result,
          populationKind: "branch",
          populationOrgId: group,
          rank: missing ? null : no + 1,
          ofN: missing ? 1 : 2,
          isTop: no === 0,
        },
      );
    }
    results.push({
      populationKind: "college",
      populationOrgId: orgs.K1,
      subjectKind: "branch",
      subjectId: String(group),
      indicatorCode: "overall",
      groupOrgId: group,
      scoreNum: place === 0 ? "2" : "0",
      scoreDen: "2",
      rank: place === 0 ? 1 : 2,
      ofN: 4,
      isTop: false,
      prevRank: place === 0 ? 2 : null,
    });
  }
  return { asOfLsn, asOf: "2026-11-20T02:00:00.000Z", values, results };
}

/** A reader with these rows, whatever run is asked for; `gate` holds every answer back until it is opened. */
export const readerOf = (rows: RunRows | null, gate: Promise<void> = Promise.resolve()): SealReader => ({
  readRun: async () => {
    await gate;
    return rows;
  },
});

/** The analytics side, away. */
export const brokenReader: SealReader = {
  readRun: () => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:8123")),
};

/** How many sessions of this database wait for a lock. */
const waitingSessions = async (owner: Db): Promise<number> => {
  const [row] = await owner.$queryRaw<{ n: number }[]>`
    SELECT count(DISTINCT waiting.pid)::int AS n FROM pg_locks waiting
    WHERE NOT waiting.granted AND EXISTS (
      SELECT FROM pg_locks held JOIN pg_database ON pg_database.oid = held.database
      WHERE held.pid = waiting.pid AND datname = current_database())`;
  return row?.n ?? 0;
};

/** Starts works that need the locked row, lets go of it once all of them wait, and answers what they answered. */
export async function releasedTogether<Answer>(
  owner: Db,
  lock: Prisma.Sql,
  works: (() => Promise<Answer>)[],
): Promise<PromiseSettledResult<Answer>[]> {
  let started: Promise<PromiseSettledResult<Answer>[]> | null = null;
  await owner.$transaction(
    async (tx) => {
      await tx.$queryRaw(lock);
      started = Promise.allSettled(works.map((work) => work()));
      await vi.waitFor(async () => expect(await waitingSessions(owner)).toBe(works.length), { timeout: 20_000 });
    },
    { timeout: 30_000 },
  );
  return started ?? [];
}

/** The kind of refusal, or "went through". */
export const kindOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "went through",
    (error: unknown) =>
      error instanceof Error && error.cause && typeof error.cause === "object" && "kind" in error.cause
        ? String(error.cause.kind)
        : error instanceof Error && "kind" in error
          ? String(error.kind)
          : String(error),
  );
