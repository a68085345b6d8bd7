import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mostRows } from "../src/rewrite.ts";
import { more, Present, type Shown } from "./present.ts";
import { randomFrom, seed } from "./random.ts";
import { startWorld, token, type World } from "./world.ts";

type Org = { id: number; parent: number | null; depth: number };
type Meeting = { id: string; org: number };
type College = { tenantId: number; orgs: Org[]; meetings: Meeting[] };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const uuid = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** A random tree of organisations, each with one meeting or two. Ids of tenants never meet. */
function grow(tenantId: number, random: () => number, size: number): College {
  const orgs: Org[] = [{ id: tenantId * 1_000, parent: null, depth: 0 }];
  while (orgs.length < size) {
    const parent = orgs[Math.floor(random() * orgs.length)];
    if (parent && parent.depth < 5)
      orgs.push({ id: tenantId * 1_000 + orgs.length, parent: parent.id, depth: parent.depth + 1 });
  }
  const meetings = orgs.flatMap((org) =>
    Array.from({ length: 1 + Math.floor(random() * 2) }, (_, n) => ({ id: uuid(org.id * 10 + n), org: org.id })),
  );
  return { tenantId, orgs, meetings };
}

const rowsOf = ({ tenantId, orgs, meetings }: College, treeVersion = 1) => ({
  tenant: [{ id: tenantId, code: `t${tenantId}`, root_org_id: tenantId * 1_000, tree_version: treeVersion }],
  party_org: orgs.map(({ id, parent }) => ({
    id,
    tenant_id: tenantId,
    parent_id: parent,
    kind: "branch",
    code: String(id),
  })),
  meeting: meetings.map(({ id, org }) => ({
    id,
    tenant_id: tenantId,
    org_id: org,
    kind: "theme_day",
    state: "closed",
    held_on: "2026-05-05",
  })),
});

const askMeetings = { dimensions: ["meetings.meeting_id"] };
const ids = (rows: Record<string, unknown>[], member = "meetings.meeting_id") =>
  rows.map((row) => String(row[member])).sort();

describe("what a caller reaches", () => {
  const random = randomFrom(seed);
  const colleges = [1, 2, 3].map((tenant) => grow(100 + tenant, random, 14));

  beforeAll(async () => {
    for (const college of colleges) await world.warehouse.commit(rowsOf(college));
    await world.warehouse.settled();
  });

  /** The naive answer: climb from each meeting's organisation. */
  const reached = ({ orgs, meetings }: College, roots: { orgId: number; below: boolean }[]) => {
    const parentOf = new Map(orgs.map(({ id, parent }) => [id, parent]));
    return meetings
      .filter(({ org }) =>
        roots.some(({ orgId, below }) => {
          for (let at: number | null = org; at !== null; at = below ? (parentOf.get(at) ?? null) : null)
            if (at === orgId) return true;
          return false;
        }),
      )
      .map(({ id }) => id)
      .sort();
  };

  it(`is what climbing the tree says, for random trees and random roots (seed ${seed})`, async () => {
    for (let round = 0; round < 30; round++) {
      const college = colleges[Math.floor(random() * colleges.length)];
      if (!college) throw new Error("no college");
      const roots = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
        const org = college.orgs[Math.floor(random() * college.orgs.length)];
        return { level: org?.depth ?? 0, orgId: org?.id ?? 0, below: random() < 0.6 };
      });
      const answer = await world.load(await token({ tenantId: college.tenantId, roots }), askMeetings);
      expect(answer.status).toBe(200);
      expect(ids(answer.rows), JSON.stringify({ tenant: college.tenantId, roots })).toEqual(reached(college, roots));
    }
  });

  it("is nothing of another tenant, even with that tenant's organisations as roots", async () => {
    const [one, other] = colleges;
    const roots = [{ level: 0, orgId: (other?.tenantId ?? 0) * 1_000, below: true }];
    const answer = await world.load(await token({ tenantId: one?.tenantId ?? 0, roots }), askMeetings);
    expect(answer).toMatchObject({ status: 200, rows: [] });
  });

  it("is not widened by filters of the caller's own", async () => {
    const college = colleges[0];
    const leaf = college?.orgs.findLast((org) => org.depth > 0);
    if (!college || !leaf) throw new Error("no leaf");
    const roots = [{ level: leaf.depth, orgId: leaf.id, below: true }];
    const expected = reached(college, roots);
    const always = { member: "meetings.tenant_id", operator: "set" };
    const elsewhere = { member: "meetings.org_id", operator: "equals", values: [String(college.orgs[0]?.id)] };
    const mint = () => token({ tenantId: college.tenantId, roots });
    const wide = await world.load(await mint(), { ...askMeetings, filters: [{ or: [elsewhere, always] }] });
    expect(ids(wide.rows)).toEqual(expected);
    const foreign = await world.load(await mint(), { ...askMeetings, filters: [elsewhere] });
    expect(foreign.rows).toEqual([]);
  });

  it.each([
    ["no roots", { roots: [] }],
    ["another permission", { permissions: ["ranking.read"] }],
  ])("is refused with %s", async (_name, claims) => {
    const roots = [{ level: 0, orgId: 101_000, below: true }];
    const answer = await world.load(await token({ tenantId: 101, roots, ...claims }), askMeetings);
    expect(answer).toMatchObject({ status: 403, rows: [] });
  });

  it("follows a move: nothing while it lands, then the new superior and never the old one", async () => {
    const tenantId = 150;
    const orgs: Org[] = [
      { id: 150_000, parent: null, depth: 0 },
      { id: 150_001, parent: 150_000, depth: 1 },
      { id: 150_002, parent: 150_000, depth: 1 },
      { id: 150_003, parent: 150_001, depth: 2 },
    ];
    const college = { tenantId, orgs, meetings: [{ id: uuid(150), org: 150_003 }] };
    const before = await world.warehouse.commit(rowsOf(college));
    await world.warehouse.settled();
    const see = async (superior: number, treeVersion: string) =>
      ids(
        (
          await world.load(
            await token({ tenantId, treeVersion, roots: [{ level: 1, orgId: superior, below: true }] }),
            askMeetings,
          )
        ).rows,
      );
    expect(await see(150_001, "1")).toEqual([uuid(150)]);

    // The tenant's row is there, the tree's rows are still on their way, and something makes the marts look again.
    const moved = { ...college, orgs: orgs.map((org) => (org.id === 150_003 ? { ...org, parent: 150_002 } : org)) };
    await world.warehouse.commit({ tenant: rowsOf(moved, 2).tenant }, { leaveUnapplied: true });
    await world.warehouse.appliedUpTo(before + 1n);
    await expect.poll(() => see(150_001, "1"), { timeout: 20_000 }).toEqual([]);
    for (const superior of [150_001, 150_002]) expect(await see(superior, "2")).toEqual([]);

    await world.warehouse.commit({ party_org: rowsOf(moved).party_org });
    await world.warehouse.settled();
    // Cube looks whether its answer is still good once a second.
    await expect.poll(() => see(150_002, "2"), { timeout: 20_000 }).toEqual([uuid(150)]);
    expect(await see(150_001, "2")).toEqual([]);
    expect(await see(150_001, "1"), "a token from before the move").toEqual([]);
  });
});

describe("what is refused", () => {
  const whole = { tenantId: 101, roots: [{ level: 0, orgId: 101_000, below: true }] };

  it("everybody without a valid token, with 403, though the surroundings ask for development mode", async () => {
    const signed = await token(whole);
    const [head, body] = signed.split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    const cases = [
      undefined,
      "",
      "Bearer x",
      `${head}.${body}.AAAA`,
      `${none}.${body}.`,
      await token(whole, new Date(Date.now() - 120_000)),
    ];
    for (const bad of cases) expect((await world.load(bad, askMeetings)).status, String(bad)).toBe(403);
    expect((await world.load(signed, askMeetings)).status).toBe(200);
  });

  it.each([
    "/cubejs-api/v1/meta",
    "/cubejs-api/v1/meta?extended",
    "/cubejs-api/v1/sql",
    "/cubejs-api/v1/dry-run",
    "/cubejs-api/graphql",
    "/cubejs-api/v1/cubesql",
    "/cubejs-api/v1/pre-aggregations/jobs",
    "/cubejs-system/v1/context",
    "/",
    "/playground",
  ])("%s, with a valid token", async (path) => {
    for (const method of ["GET", "POST"]) {
      const init = method === "POST" ? { body: JSON.stringify({ query: askMeetings }) } : {};
      const answer = await fetch(`${world.url}${path}`, {
        method,
        headers: { authorization: await token(whole), "content-type": "application/json" },
        ...init,
      });
      expect(answer.status, `${method} ${path}`).toBe(403);
      expect(await answer.text()).not.toContain("scope_l");
    }
  });

  it.each<[string, object, number]>([
    ["two views at once", { dimensions: ["meetings.meeting_id", "attendance.attendance_id"] }, 403],
    ["a private cube", { dimensions: ["meeting_facts.meeting_id"] }, 403],
    ["sorting by another view", { ...askMeetings, order: [["attendance.attendance_id", "asc"]] }, 403],
    [
      "an expression",
      {
        dimensions: [
          JSON.stringify({ expr: { type: "SqlFunction", sql: "1" }, cubeName: "meetings", name: "x", alias: "x" }),
        ],
      },
      400,
    ],
    ["single rows", { ...askMeetings, ungrouped: true }, 403],
    ["no members at all", { dimensions: [] }, 400],
    ["more rows than any answer may have", { ...askMeetings, limit: mostRows + 2 }, 400],
  ])("a query for %s", async (_name, query, status) => {
    const answer = await world.load(await token(whole), query);
    expect(answer.rows).toEqual([]);
    if (status === 403) expect(answer.status).toBe(403);
    else expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it("an answer that would be cut", async () => {
    const tenantId = 160;
    const meetings = Array.from({ length: mostRows + 1 }, (_, n) => ({ id: uuid(16_000_000 + n), org: 160_000 }));
    await world.warehouse.commit(rowsOf({ tenantId, orgs: [{ id: 160_000, parent: null, depth: 0 }], meetings }));
    await world.warehouse.settled();
    const mint = () => token({ tenantId, roots: [{ level: 0, orgId: 160_000, below: true }] });
    const cut = await world.load(await mint(), askMeetings);
    expect(cut.status).not.toBe(200);
    expect(cut.error).toMatch(/more than 50000 rows/);
    const counted = await world.load(await mint(), { measures: ["meetings.count"] });
    expect(counted.rows).toEqual([{ "meetings.count": String(mostRows + 1) }]);
  });
});

describe("walls", () => {
  const mint = () =>
    token({ tenantId: 101, permissions: ["cockpit.read"], roots: [{ level: 0, orgId: 101_000, below: true }] });
  const cells = {
    dimensions: ["org_id", "month", "measure", "category"].map((name) => `wall_overview.${name}`),
    measures: ["wall_overview.numerator", "wall_overview.denominator"],
  };

  it("show whole cells picked by their key", async () => {
    const filters = [{ member: "wall_overview.month", operator: "equals", values: ["2026-05"] }];
    const answer = await world.load(await mint(), { ...cells, filters });
    expect(answer.status).toBe(200);
    expect(answer.rows.length).toBeGreaterThan(0);
  });

  it.each<[string, object]>([
    ["single rows", { ...cells, ungrouped: true }],
    ["a range", { ...cells, filters: [{ member: "wall_overview.org_id", operator: "notEquals", values: ["101001"] }] }],
    [
      "an alternative",
      { ...cells, filters: [{ or: [{ member: "wall_overview.month", operator: "equals", values: ["2026-05"] }] }] },
    ],
    [
      "a filter on the figure",
      { ...cells, filters: [{ member: "wall_overview.numerator", operator: "gt", values: ["3"] }] },
    ],
  ])("refuse %s", async (_name, query) => {
    expect(await world.load(await mint(), query)).toMatchObject({ status: 403, rows: [] });
  });
});

describe("computations", () => {
  const tenantId = 170;
  const org = 170_000;
  const branch = 170_001;
  const period = uuid(170_900);
  const scheme = uuid(170_901);
  const run = { live: uuid(170_001), preview: uuid(170_002), sealed: uuid(170_003), retracted: uuid(170_004) };
  const person = uuid(170_800);
  const other = uuid(170_801);
  const roots = [{ level: 0, orgId: org, below: true }];
  const ask = (view: string) => ({ dimensions: [`${view}.run_id`] });
  const seen = async (view: string, claims: object, query: object = ask(view)) =>
    ids((await world.load(await token({ tenantId, roots, ...claims }), query)).rows, `${view}.run_id`);

  beforeAll(async () => {
    const common = { tenant_id: tenantId };
    const result = (run_id: string, subject_id: string) => ({
      ...common,
      run_id,
      subject_id,
      population_kind: "college",
      population_org_id: org,
      subject_kind: "person",
      indicator_code: "overall",
      group_org_id: branch,
      score_num: "1",
      score_den: "2",
      rank: 1,
      of_n: 2,
    });
    const runRow = (id: string, state: string) => ({
      ...common,
      id,
      org_id: org,
      period_id: period,
      scheme_version_id: scheme,
      as_of_on: "2026-06-30",
      state,
    });
    const members = [person, other];
    const branchResult = (run_id: string) => ({ ...result(run_id, String(branch)), subject_kind: "branch" });
    await world.warehouse.commit({
      ...rowsOf({
        tenantId,
        orgs: [
          { id: org, parent: null, depth: 0 },
          { id: branch, parent: org, depth: 1 },
        ],
        meetings: [],
      }),
      person: members.map((id) => ({ ...common, id })),
      membership: members.map((id, n) => ({
        ...common,
        id: uuid(170_700 + n),
        person_id: id,
        org_id: branch,
        kind: "direct",
        valid_from: "2020-01-01",
      })),
      person_status: members.map((id, n) => ({
        ...common,
        id: uuid(170_600 + n),
        person_id: id,
        identity: "full_member",
        valid_from: "2020-01-01",
      })),
      evaluation_period: [{ ...common, id: period, org_id: org, starts_on: "2026-01-01", ends_on: "2026-06-30" }],
      evaluation_branch: [{ ...common, period_id: period, org_id: branch }],
      indicator: [{ ...common, id: uuid(170_500), code: "study", source: "imported" }],
      scheme_version: [{ ...common, id: scheme, top_share_bp: 2000 }],
      scheme_item: [{ ...common, scheme_version_id: scheme, indicator_id: uuid(170_500), weight: 100 }],
      evaluation_run: [
        runRow(run.live, "live"),
        runRow(run.preview, "preview"),
        runRow(run.sealed, "sealed"),
        runRow(run.retracted, "sealed"),
      ],
      evaluation_result: [run.sealed, run.retracted].flatMap((id) => [
        ...members.map((subject) => result(id, subject)),
        branchResult(id),
      ]),
    });
    const { owner } = world;
    await owner.query("INSERT INTO tenant (id, code) VALUES ($1, 'c')", [tenantId]);
    await owner.query(
      "INSERT INTO party_org (id, tenant_id, kind, code, short_name, full_name, opened_on) VALUES ($1, $2, 'committee', 'r', 'r', 'r', '2000-01-01')",
      [org, tenantId],
    );
    await owner.query(
      "INSERT INTO evaluation_period (id, tenant_id, org_id, year, ordinal, starts_on, ends_on) VALUES ($1, $2, $3, 2026, 1, '2026-01-01', '2026-06-30')",
      [period, tenantId, org],
    );
    await owner.query("INSERT INTO scheme_version (id, tenant_id, code) VALUES ($1, $2, 's')", [scheme, tenantId]);
    for (const [id, state] of [
      [run.live, "live"],
      [run.preview, "preview"],
      [run.sealed, "sealed"],
      [run.retracted, "sealed"],
    ]) {
      await owner.query(
        "INSERT INTO evaluation_run (id, tenant_id, org_id, period_id, scheme_version_id, as_of_on, state) VALUES ($1, $2, $3, $4, $5, '2026-06-30', $6)",
        [id, tenantId, org, period, scheme, state],
      );
    }
    for (const [id, state] of [
      [run.sealed, "published"],
      [run.retracted, "retracted"],
    ]) {
      await owner.query("INSERT INTO evaluation_report (tenant_id, run_id, state) VALUES ($1, $2, $3)", [
        tenantId,
        id,
        state,
      ]);
    }
    await world.warehouse.settled();
  });

  it("are the live one and the published ones; previews only for those who generate", async () => {
    const readers = [run.live, run.sealed].sort();
    expect(await seen("evaluation_report", { permissions: ["report.read"] })).toEqual(readers);
    expect(await seen("branch_ranking", { permissions: ["ranking.read"] })).toEqual(readers);
    const maker = { permissions: ["evaluation.generate"] };
    expect(await seen("evaluation_report", maker)).toEqual([run.live, run.preview, run.sealed].sort());
  });

  it("that were retracted are like missing ones, asked by id, too", async () => {
    for (const id of [run.retracted, uuid(999)]) {
      const filters = [{ member: "evaluation_report.run_id", operator: "equals", values: [id] }];
      const answer = await world.load(await token({ tenantId, roots, permissions: ["report.read"] }), {
        ...ask("evaluation_report"),
        filters,
      });
      expect(answer).toMatchObject({ status: 200, rows: [] });
    }
  });

  it("give a member the own rows only", async () => {
    const claims = { permissions: ["report.read_own"], roots: [], personId: person };
    const query = { dimensions: ["evaluation_report.run_id", "evaluation_report.subject_id"] };
    const { rows } = await world.load(await token({ tenantId, ...claims }), query);
    expect(new Set(ids(rows, "evaluation_report.subject_id"))).toEqual(new Set([person]));
    const nobody = await world.load(await token({ tenantId, permissions: ["report.read_own"], roots: [] }), query);
    expect(nobody).toMatchObject({ status: 403, rows: [] });
  });

  it("disappear the moment they are retracted, for a token and a cache from before", async () => {
    const before = await token({ tenantId, roots, permissions: ["report.read"] });
    const query = ask("evaluation_report");
    expect(ids((await world.load(before, query)).rows, "evaluation_report.run_id")).toContain(run.sealed);
    await world.owner.query("UPDATE evaluation_report SET state = 'retracted' WHERE run_id = $1", [run.sealed]);
    expect(ids((await world.load(before, query)).rows, "evaluation_report.run_id")).toEqual([run.live]);
    await world.owner.query("UPDATE evaluation_report SET state = 'published' WHERE run_id = $1", [run.sealed]);
  });

  it("keep a missing score missing, never 0", async () => {
    const query = {
      dimensions: ["score_num", "rank", "of_n", "is_top"].map((name) => `evaluation_report.${name}`),
      filters: [
        { member: "evaluation_report.run_id", operator: "equals", values: [run.live] },
        { member: "evaluation_report.indicator_code", operator: "equals", values: ["overall"] },
        { member: "evaluation_report.subject_id", operator: "equals", values: [person] },
        { member: "evaluation_report.population_kind", operator: "equals", values: ["college"] },
      ],
    };
    const { rows } = await world.load(await token({ tenantId, roots, permissions: ["report.read"] }), query);
    expect(rows).toEqual([
      {
        "evaluation_report.score_num": null,
        "evaluation_report.rank": null,
        "evaluation_report.of_n": expect.anything(),
        "evaluation_report.is_top": false,
      },
    ]);
    expect(Number(rows[0]?.["evaluation_report.of_n"])).toBe(0);
  });

  it("wait for nobody when PostgreSQL cannot be asked: no rows", async () => {
    await world.owner.query(`ALTER ROLE xf_app CONNECTION LIMIT 0`);
    try {
      await world.owner.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'xf_app' AND datname = current_database()",
      );
      const answer = await world.load(
        await token({ tenantId, roots, permissions: ["report.read"] }),
        ask("evaluation_report"),
      );
      expect(answer.rows).toEqual([]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    } finally {
      await world.owner.query(`ALTER ROLE xf_app CONNECTION LIMIT -1`);
    }
  });
});

describe("health", () => {
  it("answers, and readiness stands on both engines", async () => {
    expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
  });
});

describe("figures of the analytics app", () => {
  let present: Present;
  beforeAll(async () => {
    present = new Present(world);
    await present.start();
  });
  const tell = (task: { meta: object }, measured: string) => {
    console.log(measured);
    Object.assign(task.meta, { measured });
  };

  it("FA26: the first answer after a change is in the marts shows it and says so, however warm Cube's cache is", async ({
    task,
  }) => {
    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      const began = performance.now();
      const end = await present.comes();
      const now = await present.shown();
      waits.push(performance.now() - began);
      expect(now.present).toBe(round + 1);
      expect(now.asOfLsn).toBeGreaterThanOrEqual(end);
      // What a cache could hold: the same question, asked again.
      for (const again of [1, 2]) expect([again, (await present.shown()).present]).toEqual([again, round + 1]);
    }
    tell(task, `commit to the answer that shows it: ${waits.map((ms) => Math.round(ms)).join(", ")} ms`);
  }, 120_000);

  it("FA25: while Cube is killed and started again under load an answer is right or there is none, and afterwards it is equal", async ({
    task,
  }) => {
    let isRunning = true;
    const answers: Shown[] = [];
    const wrong: Shown[] = [];
    const refusals: unknown[] = [];
    const reader = async () => {
      while (isRunning) {
        try {
          const answer = await present.shown();
          answers.push(answer);
          if (present.isWrong(answer)) wrong.push(answer);
        } catch (error) {
          refusals.push(error);
          await new Promise((wake) => setTimeout(wake, 20));
        }
      }
    };
    const writer = async () => {
      while (isRunning) await present.comes();
    };
    const working = [writer(), ...[1, 2, 3, 4].map(reader)];
    try {
      await more(answers, 20);
      await world.killed(() => more(refusals, 8));
      await more(answers, 20);
    } finally {
      isRunning = false;
      await Promise.all(working);
    }
    expect(wrong).toEqual([]);
    expect(refusals.map((error) => (error instanceof Error && "kind" in error ? error.kind : error))).toEqual(
      refusals.map(() => "away"),
    );
    expect((await present.shown()).present).toBe(present.begun);
    tell(task, `${answers.length} right answers, ${refusals.length} refusals, ${present.begun} changes`);
  }, 240_000);
});
