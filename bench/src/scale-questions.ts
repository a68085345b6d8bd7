import { performance } from "node:perf_hooks";
import { signCubeToken } from "../../cube/src/token.ts";
import type { DataPlatform } from "./platform.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** A committee whose branches are compared, and its open run. */
export type Committee = { tenantId: number; orgId: number; root: number; runId: string };

export type Timed = { name: string; spread: Spread; rows: number };

type Question = {
  name: string;
  permission: string;
  at: (one: Committee) => { level: number; orgId: number };
  /** Asked together. */
  queries: (one: Committee) => { dimensions: string[]; measures?: string[]; filters: object[] }[];
};

const equals = (member: string, ...values: string[]) => ({ member, operator: "equals", values });
const columns = (view: string, names: string) => names.split(" ").map((name) => `${view}.${name}`);

/** What pages of the analytics app ask, in the words of their queries. */
const questions: Question[] = [
  {
    name: "the ranking page of a committee: its branches, all indicators",
    permission: "ranking.read",
    at: ({ orgId }) => ({ level: 1, orgId }),
    queries: ({ runId }) => [
      {
        dimensions: columns(
          "branch_ranking",
          "run_id org_id indicator_code rank of_n prev_rank share_num share_den members_evaluated members_ranked members_missing as_of as_of_lsn",
        ),
        filters: [equals("branch_ranking.run_id", runId)],
      },
    ],
  },
  {
    name: "the members of a committee by their rank",
    permission: "report.read",
    at: ({ orgId }) => ({ level: 1, orgId }),
    queries: ({ runId }) => [
      {
        dimensions: columns(
          "evaluation_report",
          "subject_id group_org_id rank of_n is_top score_num score_den as_of as_of_lsn",
        ),
        filters: [
          equals("evaluation_report.run_id", runId),
          equals("evaluation_report.population_kind", "college"),
          equals("evaluation_report.subject_kind", "person"),
          equals("evaluation_report.indicator_code", "overall"),
        ],
      },
    ],
  },
  {
    name: "the cockpit of a committee: a year of all figures, duties by branch",
    permission: "cockpit.read",
    at: ({ orgId }) => ({ level: 1, orgId }),
    queries: () => wall,
  },
  {
    name: "the same of the whole tenant",
    permission: "cockpit.read",
    at: ({ root }) => ({ level: 0, orgId: root }),
    queries: () => wall,
  },
  {
    name: "attendance of all branches of the tenant over two years, added up from the rows",
    permission: "meeting.read",
    at: ({ root }) => ({ level: 0, orgId: root }),
    queries: () => [
      { dimensions: ["attendance.org_id"], measures: ["attendance.expected", "attendance.present"], filters: [] },
    ],
  },
];

/** What is asked, as the tables and the picture call it. */
export const pageNames = questions.map(({ name }) => name);

// The last twelve months that there are.
const months = Array.from({ length: 12 }, (_, at) =>
  at < 6 ? `2025-${String(at + 7).padStart(2, "0")}` : `2026-0${at - 5}`,
);
const year = equals("wall_overview.month", ...months);
const sums = columns("wall_overview", "numerator denominator");
const wall = [
  {
    dimensions: columns("wall_overview", "month measure category as_of as_of_lsn"),
    measures: sums,
    filters: [year, equals("wall_overview.measure", "members", "meetings_held", "attendance")],
  },
  {
    dimensions: columns("wall_overview", "month org_id as_of as_of_lsn"),
    measures: sums,
    filters: [year, equals("wall_overview.measure", "duties")],
  },
];

export async function findCommittees(platform: DataPlatform, count: number): Promise<Committee[]> {
  const { rows } = await platform.owner.query<{ tenant_id: number; org_id: number; root: number; run: string }>(
    `SELECT r.tenant_id, r.org_id, t.root_org_id AS root, r.id AS run FROM evaluation_run r JOIN evaluation_period p ON p.id = r.period_id
     JOIN tenant t ON t.id = r.tenant_id WHERE p.year = 2026 AND p.ordinal = 1 ORDER BY md5(r.id::text) LIMIT $1`,
    [count],
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, orgId: row.org_id, root: row.root, runId: row.run }));
}

/** Asks Cube what the pages ask, each time for another committee, no answer from its cache. Two rounds warm up. */
export async function askPages(platform: DataPlatform, rounds: number): Promise<Timed[]> {
  const committees = await findCommittees(platform, rounds + 2);
  const timed: Timed[] = [];
  let limit = 50_000;
  for (const { name, permission, at, queries } of questions) {
    const times: number[] = [];
    let rows = 0;
    for (let round = -2; round < rounds; round += 1) {
      const one = committees[(round + 2) % committees.length];
      if (!one) throw new Error("no committee has an open run");
      const token = await signCubeToken(
        {
          tenantId: one.tenantId,
          treeVersion: "1",
          permissions: [permission],
          roots: [{ ...at(one), below: true }],
          scope: ["data"],
        },
        platform.cubeSecret,
        new Date(),
      );
      // Another limit each time makes every question a new one: Cube keeps answers by their SQL, whatever is asked of its cache.
      limit -= 1;
      const began = performance.now();
      const answers = await Promise.all(
        queries(one).map((query) => load(platform, token, { ...query, limit, cache: "no-cache" })),
      );
      if (answers.some((answer) => answer.length === 0)) throw new Error(`nothing answers: ${name}`);
      if (round < 0) continue;
      times.push(performance.now() - began);
      rows = Math.max(rows, answers.flat().length);
    }
    timed.push({ name, spread: spreadOf(times), rows });
  }
  return timed;
}

async function load(platform: DataPlatform, token: string, query: object): Promise<unknown[]> {
  for (;;) {
    const response = await fetch(`${platform.address("cube")}/cubejs-api/v1/load`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: token },
      body: JSON.stringify({ query }),
    });
    const body = (await response.json()) as { data?: unknown[]; error?: string };
    if (body.error === "Continue wait") continue;
    if (!body.data) throw new Error(`Cube answers ${response.status}: ${body.error}`);
    return body.data;
  }
}
