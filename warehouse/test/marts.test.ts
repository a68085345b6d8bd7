import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployWarehouse } from "../deploy.ts";
import { passwords, type Row, startWarehouse, type TestWarehouse } from "./warehouse.ts";

let warehouse: TestWarehouse;
beforeAll(async () => {
  // With dbt's own tests: grains, keys and the unit tests of the arithmetic, on empty landing tables.
  warehouse = await startWarehouse({ tests: true });
});
afterAll(() => warehouse?.stop());

const uuid = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** A college with a root, `branches` and people, each a full member of a branch since 2020. */
function college(tenantId: number, branches: number, peopleOf: (branch: number) => number) {
  const root = tenantId * 1_000;
  const tenant: Row = { id: tenantId, code: `t${tenantId}`, root_org_id: root, tree_version: "1" };
  const orgs: Row[] = [{ id: root, tenant_id: tenantId, kind: "committee", code: "r" }];
  const people: { id: string; branch: number }[] = [];
  for (let n = 1; n <= branches; n++) {
    orgs.push({ id: root + n, tenant_id: tenantId, parent_id: root, kind: "branch", code: String(n) });
    for (let p = 0; p < peopleOf(n); p++)
      people.push({ id: uuid(tenantId * 100_000 + n * 1_000 + p), branch: root + n });
  }
  const own = { tenant_id: tenantId };
  const since = { valid_from: "2020-01-01" };
  const rows = {
    tenant: [tenant],
    party_org: orgs,
    person: people.map(({ id }) => ({ ...own, id })),
    membership: people.map(({ id, branch }) => ({
      ...own,
      ...since,
      id: `m${id.slice(1)}`,
      person_id: id,
      org_id: branch,
      kind: "direct",
    })),
    person_status: people.map(({ id }) => ({
      ...own,
      ...since,
      id: `s${id.slice(1)}`,
      person_id: id,
      identity: "full_member",
    })),
  };
  return { tenantId, root, people, rows, own };
}

/** A half-year of a college with one imported indicator. */
function evaluation({ tenantId, root, own }: ReturnType<typeof college>, branches: number[]) {
  const id = (n: number) => uuid(tenantId * 100_000 + 90_000 + n);
  const [period, scheme, indicator] = [id(1), id(2), id(3)];
  const run = (n: number, state: string, more: Row = {}): Row => ({
    ...own,
    id: id(10 + n),
    org_id: root,
    period_id: period,
    scheme_version_id: scheme,
    as_of_on: "2026-06-30",
    state,
    ...more,
  });
  const rows = {
    indicator: [{ ...own, id: indicator, code: "study", source: "imported" }],
    scheme_version: [{ ...own, id: scheme, code: "s", formula_key: "score_v1", top_share_bp: 2000 }],
    scheme_item: [{ ...own, scheme_version_id: scheme, indicator_id: indicator, weight: 100 }],
    evaluation_period: [{ ...own, id: period, org_id: root, starts_on: "2026-01-01", ends_on: "2026-06-30" }],
    evaluation_branch: branches.map((branch) => ({ ...own, period_id: period, org_id: branch })),
  };
  const entry = (person: string, valueBp: number): Row => ({
    ...own,
    id: `e${person.slice(1)}`,
    period_id: period,
    person_id: person,
    indicator_id: indicator,
    value_bp: valueBp,
  });
  return { rows, run, entry, period, scheme };
}

describe("deploying", () => {
  const options = () => ({ url: warehouse.url, password: passwords.dbt, stateDir: "/tmp" });

  it("does nothing when this version is deployed already", async () => {
    expect(await deployWarehouse(options())).toBe(false);
  });

  it("waits for the landing tables and says what is missing", async () => {
    await expect(deployWarehouse({ ...options(), url: "http://127.0.0.1:1", waitMs: 300 })).rejects.toThrow(/stream/);
  });
});

describe("freshness", () => {
  it("FA24: a mart never claims a commit that its rows do not hold, and comes to rest at the newest", async () => {
    const { tenantId, root, rows } = college(201, 1, () => 0);
    await warehouse.commit(rows);
    let written = 0;
    const meeting = (n: number): Row => ({
      id: uuid(201_000_000 + n),
      tenant_id: tenantId,
      org_id: root + 1,
      kind: "theme_day",
      state: "closed",
      held_on: "2026-03-03",
    });
    // The end of each commit says how many meetings there were by then.
    const ends: bigint[] = [];
    let isOver = false;
    const writing = (async () => {
      while (!isOver) ends.push(await warehouse.commit({ meeting: [meeting(written++)] }));
    })();
    const problems: string[] = [];
    let reads = 0;
    const upTo = (claim: string) => ends.filter((end) => end <= BigInt(claim)).length;
    const until = performance.now() + 8_000;
    while (performance.now() < until) {
      const [facts] = await warehouse.ask<{ n: number; claim: string }>(
        `SELECT toUInt32(count()) AS n, toString(any(_as_of_lsn)) AS claim FROM marts.fct_meeting WHERE tenant_id = ${tenantId}`,
      );
      const [built] = await warehouse.ask<{ n: number; claim: string }>(
        `SELECT toUInt32(sum(numerator)) AS n, toString(any(_as_of_lsn)) AS claim FROM marts.agg_org_month
         WHERE tenant_id = ${tenantId} AND measure = 'meetings_held'`,
      );
      for (const [name, row] of [
        ["view", facts],
        ["built", built],
      ] as const) {
        reads += 1;
        if (row && row.n > 0 && row.n < upTo(row.claim))
          problems.push(`${name}: ${row.n} rows, ${upTo(row.claim)} claimed`);
      }
    }
    isOver = true;
    await writing;
    expect(reads).toBeGreaterThan(10);
    expect(problems).toEqual([]);
    await warehouse.settled();
    const [rest] = await warehouse.ask<{ n: number }>(
      `SELECT toUInt32(sum(numerator)) AS n FROM marts.agg_org_month WHERE tenant_id = ${tenantId} AND measure = 'meetings_held'`,
    );
    expect(rest?.n).toBe(written);
  });

  it("nothing is built while the stream brings nothing", async () => {
    await warehouse.settled();
    const built = () =>
      warehouse.askAll<{ at: string }>("SELECT toString(max(_built_at)) AS at FROM intermediate.int_evaluation_open");
    const [before] = await built();
    await new Promise((wake) => setTimeout(wake, 2_000));
    expect(await built()).toEqual([before]);
  });

  it("a change of the tree is claimed by nobody until all of it has landed", async () => {
    const { tenantId, root, rows } = college(202, 2, () => 0);
    const before = await warehouse.commit(rows);
    await warehouse.settled();
    const place = () =>
      warehouse.ask<{ v: string; l1: string }>(
        `SELECT tree_version AS v, scope_l1 AS l1 FROM marts.dim_org WHERE tenant_id = ${tenantId} AND org_id = ${root + 2}`,
      );
    expect(await place()).toEqual([{ v: "1", l1: String(root + 2) }]);
    await warehouse.commit({ tenant: [{ ...rows.tenant[0], tree_version: "2" }] }, { leaveUnapplied: true });
    await warehouse.appliedUpTo(before + 1n);
    await expect.poll(place, { timeout: 60_000, interval: 200 }).toEqual([{ v: "", l1: String(root + 2) }]);
    await warehouse.commit({ party_org: [{ ...rows.party_org[2], parent_id: root + 1 }] });
    await warehouse.settled();
    expect(await place()).toEqual([{ v: "2", l1: String(root + 1) }]);
  });
});

describe("the evaluation", () => {
  it("follows a void, a move and a merger, and ranks as the rule says", async () => {
    const one = college(203, 3, (branch) => (branch === 1 ? 3 : 1));
    const [a, b, c, d, e] = one.people.map(({ id }) => id);
    if (!a || !b || !c || !d || !e) throw new Error("five people");
    const period = evaluation(one, [one.root + 1, one.root + 2]);
    const run = period.run(1, "live");
    await warehouse.commit({
      ...one.rows,
      ...period.rows,
      evaluation_run: [run],
      evaluation_entry: [period.entry(a, 9000), period.entry(b, 9000), period.entry(d, 4000), period.entry(e, 7000)],
      // The third branch was merged into the second before the as-of day.
      org_succession: [
        { ...one.own, from_org_id: one.root + 3, to_org_id: one.root + 2, kind: "merge", on_date: "2026-05-01" },
      ],
    });
    await warehouse.settled();
    const ranks = await warehouse.ask<{ s: string; g: number; r: number | null; n: number; t: boolean }>(
      `SELECT subject_id AS s, group_org_id AS g, rank AS r, of_n AS n, is_top AS t FROM marts.fct_evaluation_rank
       WHERE run_id = '${run.id}' AND population_kind = 'college' AND indicator_code = 'overall' AND subject_kind = 'person' ORDER BY s`,
    );
    const branch = (n: number) => one.root + n;
    expect(ranks).toEqual([
      { s: a, g: branch(1), r: 1, n: 4, t: true },
      { s: b, g: branch(1), r: 1, n: 4, t: true },
      { s: c, g: branch(1), r: null, n: 4, t: false },
      { s: d, g: branch(2), r: 4, n: 4, t: false },
      { s: e, g: branch(2), r: 3, n: 4, t: false },
    ]);
    const orgs = await warehouse.ask<Row>(
      `SELECT org_id, members_evaluated AS n, members_missing AS missing, share_num, share_den, rank, of_n FROM marts.fct_evaluation_org
       WHERE run_id = '${run.id}' AND indicator_code = 'overall' ORDER BY org_id`,
    );
    expect(orgs).toEqual([
      { org_id: branch(1), n: 3, missing: 1, share_num: "2", share_den: "2", rank: 1, of_n: 2 },
      { org_id: branch(2), n: 2, missing: 0, share_num: "0", share_den: "2", rank: 2, of_n: 2 },
    ]);
  });

  it("FA24: hands a run over from computed to sealed without a read that has it twice or not at all", async () => {
    const one = college(204, 1, () => 4);
    const period = evaluation(one, [one.root + 1]);
    const run = period.run(1, "preview");
    await warehouse.commit({
      ...one.rows,
      ...period.rows,
      evaluation_run: [run],
      evaluation_entry: one.people.map(({ id }, n) => period.entry(id, 1000 * n)),
    });
    await warehouse.settled();
    const count = async () => {
      const [row] = await warehouse.ask<{ n: number; state: string }>(
        `SELECT toUInt32(count()) AS n, any(run_state) AS state FROM marts.fct_evaluation_rank
         WHERE run_id = '${run.id}' AND population_kind = 'college' AND subject_kind = 'person'`,
      );
      return row ?? { n: 0, state: "" };
    };
    expect(await count()).toEqual({ n: 8, state: "preview" });
    const computed = await warehouse.ask<Row>(`SELECT * FROM marts.fct_evaluation_rank WHERE run_id = '${run.id}'`);
    const stored = computed.map((row) =>
      Object.fromEntries(
        [
          "tenant_id",
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
        ].map((name) => [name, row[name]]),
      ),
    );
    const values = await warehouse.ask<Row>(`SELECT * FROM marts.fct_evaluation_value WHERE run_id = '${run.id}'`);
    const seen = new Set<string>();
    let isOver = false;
    const reading = (async () => {
      while (!isOver) {
        const { n, state } = await count();
        seen.add(`${n} ${state}`);
      }
    })();
    // The run's row lands first; its results are still on their way.
    await warehouse.commit({ evaluation_run: [{ ...run, state: "sealed" }] }, { leaveUnapplied: true });
    await new Promise((wake) => setTimeout(wake, 300));
    await warehouse.land("evaluation_result", stored);
    await warehouse.land(
      "evaluation_value",
      values.map(
        ({ tenant_id, run_id, subject_kind, subject_id, indicator_code, group_org_id, value_num, value_den }) => ({
          tenant_id,
          run_id,
          subject_kind,
          subject_id,
          indicator_code,
          group_org_id,
          value_num,
          value_den,
        }),
      ),
    );
    await warehouse.applied();
    await warehouse.settled();
    await expect.poll(async () => (await count()).state, { timeout: 30_000 }).toBe("sealed");
    isOver = true;
    await reading;
    expect([...seen].sort()).toEqual(["8 preview", "8 sealed"]);
  });

  it("compares with a sealed run of the same scheme, not of another", async () => {
    const one = college(205, 1, () => 2);
    const period = evaluation(one, [one.root + 1]);
    const [a, b] = one.people.map(({ id }) => id);
    if (!a || !b) throw new Error("two people");
    const other = uuid(205_999_999);
    const sealed = period.run(1, "sealed");
    const foreign = period.run(2, "sealed", { scheme_version_id: other });
    const live = period.run(3, "live", { previous_run_id: sealed.id });
    const unlike = period.run(4, "preview", { previous_run_id: foreign.id });
    const result = (run: Row, subject: string, rank: number): Row => ({
      ...one.own,
      run_id: run.id,
      population_kind: "college",
      population_org_id: one.root,
      subject_kind: "person",
      subject_id: subject,
      indicator_code: "overall",
      group_org_id: one.root + 1,
      score_num: "1",
      score_den: "2",
      rank,
      of_n: 2,
    });
    await warehouse.commit({
      ...one.rows,
      ...period.rows,
      scheme_version: [
        ...period.rows.scheme_version,
        { ...one.own, id: other, code: "o", formula_key: "score_v1", top_share_bp: 2000 },
      ],
      evaluation_run: [sealed, foreign, live, unlike],
      evaluation_result: [result(sealed, a, 2), result(sealed, b, 1), result(foreign, a, 2)],
      evaluation_entry: [period.entry(a, 9000), period.entry(b, 100)],
    });
    await warehouse.settled();
    const change = (run: Row) =>
      warehouse.ask<Row>(
        `SELECT subject_id AS s, rank, prev_rank FROM marts.fct_evaluation_rank
         WHERE run_id = '${run.id}' AND population_kind = 'college' AND indicator_code = 'overall' AND subject_kind = 'person' ORDER BY s`,
      );
    expect(await change(live)).toEqual([
      { s: a, rank: 1, prev_rank: 2 },
      { s: b, rank: 2, prev_rank: 1 },
    ]);
    expect(await change(unlike)).toEqual([
      { s: a, rank: 1, prev_rank: null },
      { s: b, rank: 2, prev_rank: null },
    ]);
  });
});

describe("monthly figures", () => {
  it("count members at the end of each month and add subordinates to superiors", async () => {
    const one = college(206, 2, (branch) => branch);
    const [first] = one.people;
    if (!first) throw new Error("a person");
    const meeting = (n: number, more: Row = {}): Row => ({
      ...one.own,
      id: uuid(206_000_000 + n),
      org_id: one.root + 1,
      kind: "theme_day",
      state: "closed",
      held_on: "2026-05-05",
      ...more,
    });
    const meetings = [
      meeting(1),
      meeting(2, { voided_at: "2026-05-06 00:00:00.000" }),
      meeting(3, { state: "published" }),
      meeting(4, { org_id: one.root + 2 }),
    ];
    const attendance = meetings.map(
      ({ id }, n): Row => ({
        ...one.own,
        id: uuid(206_100_000 + n),
        meeting_id: id,
        person_id: first.id,
        should_attend: true,
        state: n === 0 ? "late" : "leave",
      }),
    );
    await warehouse.commit({
      ...one.rows,
      meeting: meetings,
      attendance,
      obligation: [
        {
          ...one.own,
          id: uuid(1),
          duty_key: "theme_day",
          org_id: one.root + 1,
          due_on: "2026-05-31",
          state: "fulfilled",
          fulfilled_on: "2026-05-31",
        },
        {
          ...one.own,
          id: uuid(2),
          duty_key: "theme_day",
          org_id: one.root + 1,
          due_on: "2026-05-31",
          state: "fulfilled",
          fulfilled_on: "2026-06-01",
        },
        { ...one.own, id: uuid(3), duty_key: "theme_day", org_id: one.root + 2, due_on: "2026-05-31", state: "open" },
        { ...one.own, id: uuid(4), duty_key: "theme_day", org_id: one.root + 2, due_on: "2026-05-31", state: "waived" },
      ],
    });
    await warehouse.settled();
    const figures = (mart: string, org: number) =>
      warehouse.ask<Row>(
        `SELECT measure, toString(sum(numerator)) AS n, toString(sum(denominator)) AS d FROM marts.${mart}
         WHERE tenant_id = ${one.tenantId} AND org_id = ${org} AND month = '2026-05' GROUP BY measure ORDER BY measure`,
      );
    expect(await figures("agg_org_month", one.root + 1)).toMatchObject([
      { measure: "attendance", n: "1", d: "1" },
      { measure: "duties", n: "1", d: "2" },
      { measure: "meetings_held", n: "1" },
      { measure: "members", n: "1" },
    ]);
    expect(await figures("agg_subtree_month", one.root)).toMatchObject([
      { measure: "attendance", n: "1", d: "2" },
      { measure: "duties", n: "1", d: "3" },
      { measure: "meetings_held", n: "2" },
      { measure: "members", n: "3" },
    ]);
  });
});

describe("walls", () => {
  it("count small numbers of people at the superior, with a partner where one is needed, and keep the totals", async () => {
    // Two people in the first branch, ten in the second, twelve in the third; a meeting gives the month.
    const one = college(207, 3, (branch) => [0, 2, 10, 12][branch] ?? 0);
    await warehouse.commit({
      ...one.rows,
      meeting: [
        {
          ...one.own,
          id: uuid(207_000_000),
          org_id: one.root + 1,
          kind: "theme_day",
          state: "closed",
          held_on: "2026-05-05",
        },
      ],
    });
    await warehouse.settled();
    const members = (mart: string) =>
      warehouse.ask<{ org: number; n: string }>(
        `SELECT org_id AS org, toString(numerator) AS n FROM marts.${mart}
         WHERE tenant_id = ${one.tenantId} AND measure = 'members' ORDER BY org`,
      );
    const [second, third] = [one.root + 2, one.root + 3];
    expect(await members("agg_org_month")).toEqual([
      { org: one.root + 1, n: "2" },
      { org: second, n: "10" },
      { org: third, n: "12" },
    ]);
    expect(await members("wall_org_month")).toEqual([
      { org: one.root, n: "12" },
      { org: third, n: "12" },
    ]);
  });
});
