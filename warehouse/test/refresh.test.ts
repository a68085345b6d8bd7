import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClickHouse } from "@xianfeng/clickhouse";
import type { Beat } from "@xianfeng/service";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deployWarehouse } from "../deploy.ts";
import { rowsOf } from "../refresh/compute.ts";
import { type Part, readKeptTables } from "../refresh/kept.ts";
import { Refresher } from "../refresh/refresher.ts";
import { startHealthServer } from "../refresh/server.ts";
import { passwords, type Row, startWarehouse, type TestWarehouse } from "./warehouse.ts";

const seed = Number(process.env.SEED ?? 20261122);
console.log(`SEED=${seed}`);

let warehouse: TestWarehouse;
afterAll(() => warehouse?.stop());

const tenantId = 301;
const neighbour = 302;
const root = 301_000;
const uuid = (kind: number, n: number) => `00000000-0000-7000-8${kind}00-${n.toString(16).padStart(12, "0")}`;
const own = { tenant_id: tenantId };
const person = (n: number, mergedInto: number | null = null): Row => ({
  ...own,
  id: uuid(1, n),
  merged_into_id: mergedInto === null ? null : uuid(1, mergedInto),
});
const meeting = (n: number, month: number, more: Row = {}): Row => ({
  ...own,
  id: uuid(2, n),
  org_id: root + 1 + (n % 3),
  kind: "theme_day",
  state: "closed",
  held_on: `2026-${String(month).padStart(2, "0")}-15`,
  ...more,
});
const attendance = (meetingNo: number, personNo: number, state: string, more: Row = {}): Row => ({
  ...own,
  id: uuid(3, meetingNo * 1000 + personNo),
  meeting_id: uuid(2, meetingNo),
  person_id: uuid(1, personNo),
  org_id_then: root + 1,
  identity_then: "full_member",
  should_attend: true,
  state,
  ...more,
});

beforeAll(async () => {
  warehouse = await startWarehouse();
  await warehouse.commit({
    tenant: [{ id: tenantId, code: "t", root_org_id: root, tree_version: "1" }],
    party_org: [0, 1, 2, 3].map((n) => ({
      ...own,
      id: root + n,
      parent_id: n === 0 ? null : root,
      kind: n === 0 ? "committee" : "branch",
      code: String(n),
    })),
    person: Array.from({ length: 20 }, (_, n) => person(n)),
    meeting: Array.from({ length: 36 }, (_, n) => meeting(n, 1 + (n % 12))),
    attendance: Array.from({ length: 36 }, (_, n) => [0, 1, 2, 3].map((p) => attendance(n, p, "on_time"))).flat(),
    ...evaluated(tenantId),
  });
  // Somebody else, who is not to be computed for what happens here.
  await warehouse.commit({
    tenant: [{ id: neighbour, code: "n", root_org_id: 302_000, tree_version: "1" }],
    party_org: [{ tenant_id: neighbour, id: 302_000, kind: "committee", code: "0" }],
    meeting: [{ ...meeting(900, 3), tenant_id: neighbour, org_id: 302_000 }],
  });
  await warehouse.settled();
});

/** People of the branches, and an evaluation of them by attendance and by an imported value. */
const evaluated = (tenant: number): Record<string, Row[]> => {
  const own = { tenant_id: tenant };
  const members = Array.from({ length: 20 }, (_, n) => ({ ...own, person_id: uuid(1, n) }));
  const id = (n: number) => uuid(4, tenant * 100 + n);
  return {
    membership: members.map((row, n) => ({ ...row, ...membership(n), tenant_id: tenant })),
    person_status: members.map((row, n) => ({
      ...row,
      id: uuid(6, n),
      identity: "full_member",
      valid_from: "2020-01-01",
    })),
    indicator: ["attendance_rate", "study"].map((code, n) => ({
      ...own,
      id: id(n),
      code,
      source: n === 0 ? "derived" : "imported",
    })),
    scheme_version: [{ ...own, id: id(10), top_share_bp: 2000 }],
    scheme_item: [0, 1].map((n) => ({ ...own, scheme_version_id: id(10), indicator_id: id(n), weight: 50 })),
    evaluation_period: [
      { ...own, id: id(20), org_id: root, year: 2026, ordinal: 1, starts_on: "2026-01-01", ends_on: "2026-06-30" },
    ],
    evaluation_branch: [1, 2, 3].map((n) => ({ ...own, period_id: id(20), org_id: root + n })),
    evaluation_run: [
      {
        ...own,
        id: id(30),
        org_id: root,
        period_id: id(20),
        scheme_version_id: id(10),
        as_of_on: "2026-06-30",
        state: "live",
      },
    ],
    evaluation_entry: members.map(({ person_id }, n) => entry(n, 500 * n, person_id)),
  };
};
const membership = (n: number, branch = 1 + (n % 3)): Row => ({
  ...own,
  id: uuid(5, n),
  person_id: uuid(1, n),
  org_id: root + branch,
  kind: "direct",
  valid_from: "2020-01-01",
});
const entry = (n: number, value: number, personId = uuid(1, n)): Row => ({
  ...own,
  id: uuid(7, n),
  period_id: uuid(4, tenantId * 100 + 20),
  person_id: personId,
  indicator_id: uuid(4, tenantId * 100 + 1),
  value_bp: value,
});

const columns =
  "attendance_id, meeting_id, month, org_id, listed_person_id, person_id, state, is_expected, is_present, is_counted";
/** What the table should hold, computed at once and from the landing tables alone. */
const wanted = () =>
  warehouse.askAll<Row>(
    `SELECT ${columns} FROM intermediate.int_attendance__rows(
       parts = ${`[${Array.from({ length: 12 }, (_, m) => `(${tenantId}, '2026-${String(m + 1).padStart(2, "0")}')`).join(", ")}]`}, pieces = [])
     ORDER BY attendance_id`,
  );
/** Tables that do not hold what computing all of them at once gives. */
async function stale(): Promise<string[]> {
  const dbt = createClickHouse({ url: warehouse.url, user: "dbt", password: passwords.dbt, tag: "test-dbt" });
  try {
    const wrong: string[] = [];
    for (const table of await readKeptTables(dbt)) {
      const { name, kept } = table;
      const parts = await dbt.query<Part>(`SELECT tenant_id, month FROM intermediate.int_part_${kept}`);
      const line = "toString(tuple(* EXCEPT _built_at)) AS line";
      const differing = await dbt.query(
        `SELECT line FROM (
           SELECT 1 AS side, ${line} FROM intermediate.${name}
           UNION ALL SELECT -1 AS side, ${line} FROM ${rowsOf(table, parts)}
         ) GROUP BY line HAVING sum(side) <> 0 SETTINGS join_use_nulls = 1`,
      );
      if (differing.length > 0) wrong.push(name);
    }
    return wrong;
  } finally {
    await dbt.close();
  }
}
const kept = () =>
  warehouse.askAll<Row>(
    `SELECT ${columns} FROM intermediate.int_attendance WHERE tenant_id = ${tenantId} ORDER BY attendance_id`,
  );
/** When each month was computed. */
const builtAt = async () =>
  Object.fromEntries(
    (
      await warehouse.askAll<{ month: string; at: string }>(
        `SELECT month, concat(toString(max(_built_at)), ' ', toString(count())) AS at FROM intermediate.int_attendance
         WHERE tenant_id = ${tenantId} GROUP BY month ORDER BY month`,
      )
    ).map(({ month, at }) => [month, at]),
  );

it("computes only the months that a change touches: where the records stand and where they stood", async () => {
  expect(await kept()).toHaveLength(36 * 4);
  expect(await kept()).toEqual(await wanted());

  const before = await builtAt();
  await warehouse.commit({ attendance: [attendance(4, 2, "absent")] });
  await warehouse.settled();
  expect(await kept()).toEqual(await wanted());
  const touched = (a: Record<string, string>, b: Record<string, string>) =>
    Object.keys({ ...a, ...b }).filter((month) => a[month] !== b[month]);
  const after = await builtAt();
  expect(touched(before, after)).toEqual(["2026-05"]);
  const parts = (name: string) => warehouse.refreshed()?.tables[name]?.parts;
  expect(["int_attendance", "int_attendance_month", "int_evaluation_open"].map(parts)).toEqual([1, 1, 1]);
  expect(["int_person_resolved", "int_org_level", "int_evaluation_subject", "int_count_month"].map(parts)).toEqual([
    0, 0, 0, 0,
  ]);

  // From June to September.
  await warehouse.commit({ meeting: [meeting(5, 9)] });
  await warehouse.settled();
  expect(await kept()).toEqual(await wanted());
  const moved = await builtAt();
  expect(touched(after, moved)).toEqual(["2026-06", "2026-09"]);

  // A deletion carries only the key.
  await warehouse.remove("attendance", [{ id: attendance(6, 1, "on_time").id }]);
  await warehouse.settled();
  expect(await kept()).toHaveLength(36 * 4 - 1);
  const removed = await builtAt();
  expect(touched(moved, removed)).toEqual(["2026-07"]);

  // Person 3 was at every meeting: all of those become person 4's.
  await warehouse.commit({ person: [person(3, 4)] });
  await warehouse.settled();
  expect((await kept()).filter((row) => row.person_id === uuid(1, 4))).toHaveLength(36);
  expect(await kept()).toEqual(await wanted());

  // Nothing that anybody counts: another person comes.
  const merged = await builtAt();
  await warehouse.commit({ person: [person(50)] });
  await warehouse.settled();
  expect(touched(merged, await builtAt())).toEqual([]);
});

it("computes only the meetings that a change touches, and keeps the others of their month as they are", async () => {
  const built = async () => {
    const rows = await warehouse.askAll<{ meeting_id: string; at: string }>(
      `SELECT meeting_id, toString(max(_built_at)) AS at FROM intermediate.int_attendance
       WHERE tenant_id = ${tenantId} AND month = '2026-11' GROUP BY meeting_id`,
    );
    return new Map(rows.map(({ meeting_id, at }) => [meeting_id, at]));
  };
  const before = await built();
  expect(before.size).toBe(3);
  await warehouse.commit({ attendance: [attendance(10, 2, "absent")] });
  await warehouse.settled();
  const after = await built();
  expect([...after].filter(([id, at]) => before.get(id) !== at).map(([id]) => id)).toEqual([uuid(2, 10)]);
  expect(await kept()).toEqual(await wanted());
});

it("is the same as computing everything at once, after any changes", async () => {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
  const states = ["on_time", "late", "leave", "absent", "pending"];
  const changes: (() => Promise<unknown>)[] = [
    () =>
      warehouse.commit({
        attendance: Array.from({ length: 1 + random(5) }, () =>
          attendance(random(36), random(20), states[random(5)] ?? "absent", { should_attend: random(4) > 0 }),
        ),
      }),
    () => warehouse.commit({ meeting: [meeting(random(36), 1 + random(12))] }),
    () =>
      warehouse.commit({ meeting: [meeting(random(36), 1 + random(12), { voided_at: "2026-12-01 00:00:00.000" })] }),
    () => warehouse.commit({ meeting: [meeting(random(36), 1 + random(12), { state: "published" })] }),
    () => warehouse.remove("attendance", [{ id: attendance(random(36), random(20), "").id }]),
    () => warehouse.remove("meeting", [{ id: uuid(2, random(36)) }]),
    () => warehouse.commit({ membership: [membership(random(20), 1 + random(3))] }),
    () => warehouse.remove("membership", [{ id: uuid(5, random(20)) }]),
    () => warehouse.commit({ evaluation_entry: [entry(random(20), random(10_000))] }),
    () => warehouse.remove("evaluation_entry", [{ id: uuid(7, random(20)) }]),
    () =>
      warehouse.commit({
        obligation: [
          {
            ...own,
            id: uuid(8, random(9)),
            org_id: root + 1,
            duty_key: "d",
            due_on: `2026-0${1 + random(9)}-10`,
            state: "open",
          },
        ],
      }),
    () => {
      const [from, to] = [random(10), 10 + random(10)];
      return warehouse.commit({ person: [person(from, random(3) > 0 ? to : null)] });
    },
    // Rows of one transaction that are not all there when the marts look.
    async () => {
      await warehouse.commit({ attendance: [attendance(random(36), random(20), "late")] }, { leaveUnapplied: true });
      await warehouse.land("meeting", [meeting(random(36), 1 + random(12))]);
      await warehouse.applied();
    },
  ];
  for (let round = 0; round < 40; round += 1) {
    await changes[random(changes.length)]?.();
    if (round % 8 === 7) {
      await warehouse.settled();
      expect(await kept(), `round ${round}`).toEqual(await wanted());
      expect(await stale(), `round ${round}`).toEqual([]);
    }
  }
});

/** Another tenant: two committees with a branch each, two people in each, and a run of their own with nothing but attendance. */
const college = 303;
const committees = [303_001, 303_002];
const member = (n: number) => uuid(1, 303_000 + n);
const checkIn = (n: number, state: string): Row => ({
  ...attendance(n, n, state, { person_id: member(n), meeting_id: uuid(2, 303_000) }),
  id: uuid(3, 303_000_000 + n),
  tenant_id: college,
});
async function twoCommittees(): Promise<void> {
  const own = { tenant_id: college };
  const id = (n: number) => uuid(4, college * 100 + n);
  const people = [0, 1, 2, 3];
  await warehouse.commit({
    tenant: [{ id: college, code: "c", root_org_id: 303_000, tree_version: "1" }],
    party_org: [
      { ...own, id: 303_000, parent_id: null, kind: "committee", code: "0" },
      ...committees.map((org, n) => ({ ...own, id: org, parent_id: 303_000, kind: "committee", code: `c${n}` })),
      ...committees.map((org, n) => ({ ...own, id: org + 10, parent_id: org, kind: "branch", code: `b${n}` })),
    ],
    person: people.map((n) => ({ ...own, id: member(n) })),
    membership: people.map((n) => ({
      ...membership(n),
      ...own,
      id: uuid(5, 303_000 + n),
      person_id: member(n),
      org_id: (committees[n % 2] ?? 0) + 10,
    })),
    person_status: people.map((n) => ({
      ...own,
      id: uuid(6, 303_000 + n),
      person_id: member(n),
      identity: "full_member",
      valid_from: "2020-01-01",
    })),
    meeting: [{ ...meeting(0, 3), ...own, id: uuid(2, 303_000), org_id: 303_011 }],
    attendance: people.map((n) => checkIn(n, n < 2 ? "on_time" : "absent")),
    indicator: [{ ...own, id: id(0), code: "attendance_rate", source: "derived" }],
    scheme_version: [{ ...own, id: id(10), top_share_bp: 2000 }],
    scheme_item: [{ ...own, scheme_version_id: id(10), indicator_id: id(0), weight: 100 }],
    evaluation_period: committees.map((org_id, n) => ({
      ...own,
      id: id(20 + n),
      org_id,
      year: 2026,
      ordinal: 1,
      starts_on: "2026-01-01",
      ends_on: "2026-06-30",
    })),
    evaluation_branch: committees.map((org, n) => ({ ...own, period_id: id(20 + n), org_id: org + 10 })),
    evaluation_run: committees.map((org_id, n) => ({
      ...own,
      id: id(30 + n),
      org_id,
      period_id: id(20 + n),
      scheme_version_id: id(10),
      as_of_on: "2026-06-30",
      state: "live",
    })),
  });
  await warehouse.settled();
}
/** When the ranking of each committee was computed, and who is first in it. */
const ranked = async () =>
  Object.fromEntries(
    (
      await warehouse.askAll<{ org: number; at: string; first: string[] }>(
        `SELECT run_org_id AS org, toString(max(_built_at)) AS at, arraySort(groupUniqArrayIf(subject_id, rank = 1 AND subject_kind = 'person')) AS first
         FROM intermediate.int_evaluation_open WHERE tenant_id = ${college} AND indicator_code = 'overall' AND population_kind = 'college'
         GROUP BY org`,
      )
    ).map(({ org, at, first }) => [org, { at, first }]),
  );

it("computes only the committees in which a changed record counts, and keeps the others as they are", async () => {
  await twoCommittees();
  const [one = 0, other = 0] = committees;
  const before = await ranked();
  expect([before[one]?.first, before[other]?.first]).toEqual([[member(0)], [member(1)]]);
  await warehouse.commit({ attendance: [checkIn(0, "absent"), checkIn(2, "late")] });
  await warehouse.settled();
  const after = await ranked();
  expect(after[one]?.first).toEqual([member(2)]);
  expect(after[other]).toEqual(before[other]);
  expect(await stale()).toEqual([]);

  // Nothing that counts is other than before.
  await warehouse.commit({ attendance: [checkIn(2, "on_time")] });
  await warehouse.settled();
  const same = await ranked();
  await warehouse.commit({ attendance: [{ ...checkIn(2, "on_time"), source: "manual" }] });
  await warehouse.settled();
  expect(await ranked()).toEqual(same);
  expect(warehouse.refreshed()?.tables).toMatchObject({
    int_attendance: { parts: 1 },
    int_evaluation_open: { parts: 0 },
  });
  expect(await stale()).toEqual([]);
});

it("computes whole tenants after a round that was cut off between the records and the ranking", async () => {
  await twoCommittees();
  const dbt = createClickHouse({ url: warehouse.url, user: "dbt", password: passwords.dbt, tag: "test-dbt" });
  try {
    // In the way of the table that the refresher would make beside the ranking.
    await dbt.command("CREATE TABLE intermediate.int_evaluation_open__next AS intermediate.int_evaluation_open");
  } finally {
    await dbt.close();
  }
  await warehouse.commit({ attendance: [checkIn(1, "absent"), checkIn(3, "on_time")] });
  await warehouse.settled();
  expect((await ranked())[committees[1] ?? 0]?.first).toEqual([member(3)]);
  expect(await stale()).toEqual([]);
});

it("a ranking over another formula is computed anew when that is deployed, though its own text is the same", async () => {
  await twoCommittees();
  const folder = mkdtempSync(join(tmpdir(), "xianfeng-project-"));
  const project = join(folder, "warehouse");
  try {
    cpSync(join(import.meta.dirname, ".."), project, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const formula = join(project, "models/intermediate/int_indicator__attendance_rate.sql");
    const text = readFileSync(formula, "utf8");
    const presence = "toInt64(countIf(a.is_present))";
    expect(text).toContain(presence);
    writeFileSync(formula, text.replace(presence, "toInt64(count())"));
    const options = { url: warehouse.url, password: passwords.dbt, stateDir: folder };
    await deployWarehouse({ ...options, project });
    expect((await ranked())[committees[0] ?? 0]?.first).toEqual([member(0), member(2)]);
    await deployWarehouse(options);
    expect((await ranked())[committees[0] ?? 0]?.first).toEqual([member(0)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("starts over when a landing table has been made anew, without its old rows", async () => {
  const landing = createClickHouse({
    url: warehouse.url,
    user: "landing",
    password: passwords.landing,
    tag: "test-landing",
  });
  try {
    await landing.command("CREATE TABLE raw.fresh AS raw.attendance");
    await landing.command(
      `INSERT INTO raw.fresh SELECT * FROM raw.attendance WHERE tenant_id = ${tenantId} ORDER BY id, _version LIMIT 7`,
    );
    await landing.command("EXCHANGE TABLES raw.fresh AND raw.attendance");
    await landing.command("DROP TABLE raw.fresh SYNC");
  } finally {
    await landing.close();
  }
  await warehouse.commit({ person: [person(51)] });
  await warehouse.settled();
  expect((await kept()).length).toBeLessThanOrEqual(7);
  expect(await kept()).toEqual(await wanted());
});

it("takes up rows that were put in later with an old version, on a quiet database, when the stream has said so", async () => {
  const landing = createClickHouse({
    url: warehouse.url,
    user: "landing",
    password: passwords.landing,
    tag: "test-landing",
  });
  try {
    const late = uuid(3, 999_999);
    await landing.command(
      `INSERT INTO raw.attendance SELECT * REPLACE ('${late}' AS id, toUInt128('${(1n << 96n) | 1n}') AS _version)
       FROM raw.attendance FINAL WHERE tenant_id = ${tenantId} AND _deleted = 0 LIMIT 1`,
    );
    await landing.insert("raw._copied", [
      {
        table: "attendance",
        epoch: 1,
        relation: 1,
        membership: 1,
        copied_lsn: "1",
        rows: 1,
        state: "copied",
        _version: "1",
      },
    ]);
    await expect.poll(kept, { timeout: 60_000 }).toContainEqual(expect.objectContaining({ attendance_id: late }));
    expect(await kept()).toEqual(await wanted());
  } finally {
    await landing.close();
  }
});

it("every source is watched: no landing table is behind a kept table whose changes would not touch it", async () => {
  const models = new Map((await warehouse.models()).map((model) => [model.id, model]));
  const dbt = createClickHouse({ url: warehouse.url, user: "dbt", password: passwords.dbt, tag: "test-dbt" });
  const kept = new Map((await readKeptTables(dbt).finally(() => dbt.close())).map((table) => [table.name, table]));
  expect([...kept.keys()]).toEqual(
    expect.arrayContaining(["int_attendance", "int_evaluation_open", "int_evaluation_subject", "int_count_month"]),
  );
  // How far the stream has come is asked in each round, and decides nothing about rows by itself.
  const marks = ["_applied", "int_applied", "int_claim", "int_part_tenant", "int_part_month"];
  const behind = (id: string): string[] => {
    const model = models.get(id);
    if (!model || marks.includes(model.name)) return [];
    return model.isLanding ? [model.name] : model.reads.flatMap(behind);
  };
  const watched = (name: string): string[] => {
    const table = kept.get(name);
    if (!table) return [];
    const asked = [...models.values()].find((model) => model.name === table.asks);
    return [...table.changes, ...(asked ? behind(asked.id) : []), ...(table.follows ? watched(table.follows) : [])];
  };
  for (const model of [...models.values()].filter(({ name }) => kept.has(name))) {
    const needed = [...new Set(model.reads.flatMap(behind))].sort();
    expect(needed.length, model.name).toBeGreaterThan(0);
    expect([model.name, needed.filter((name) => !watched(model.name).includes(name))]).toEqual([model.name, []]);
  }
});

it("FA24: while a meeting moves between months again and again, every read finds each of its records once", async () => {
  const total = async () => {
    const [row] = await warehouse.askAll<{ n: number; ids: number }>(
      `SELECT toUInt32(count()) AS n, toUInt32(uniqExact(attendance_id)) AS ids FROM marts.fct_attendance WHERE tenant_id = ${tenantId}`,
    );
    return `${row?.n} rows of ${row?.ids}`;
  };
  await warehouse.commit({
    meeting: [meeting(10, 2)],
    attendance: [0, 1, 2, 3].map((n) => attendance(10, n, "on_time")),
  });
  await warehouse.settled();
  const before = await total();
  const seen = new Set<string>();
  let isOver = false;
  const reading = (async () => {
    while (!isOver) seen.add(await total());
  })();
  try {
    for (let round = 0; round < 6; round += 1) {
      await warehouse.commit({ meeting: [meeting(10, round % 2 === 0 ? 11 : 2)] });
      await warehouse.settled();
    }
  } finally {
    isOver = true;
    await reading;
  }
  expect([...seen]).toEqual([before]);
});

it("FA23: a refresh that fails half-way claims nothing, says what is wrong, and is done when it can be", async () => {
  const dbt = createClickHouse({ url: warehouse.url, user: "dbt", password: passwords.dbt, tag: "test-dbt" });
  const claimed = () =>
    warehouse.askAll<Row>(
      "SELECT name, toString(max(_as_of_lsn)) AS lsn FROM intermediate.int_claim GROUP BY name ORDER BY name",
    );
  try {
    await warehouse.settled();
    const before = await claimed();
    await dbt.command(
      "RENAME TABLE intermediate.int_attendance_month__rows TO intermediate.int_attendance_month__away",
    );
    await warehouse.commit({ attendance: [attendance(7, 1, "absent")] });
    await expect
      .poll(() => warehouse.refreshed()?.trouble ?? "", { timeout: 60_000 })
      .toContain("int_attendance_month__rows");
    expect(await claimed()).toEqual(before);
    await dbt.command(
      "RENAME TABLE intermediate.int_attendance_month__away TO intermediate.int_attendance_month__rows",
    );
    await warehouse.settled();
    expect(warehouse.refreshed()?.trouble).toBeUndefined();
    expect(await stale()).toEqual([]);
  } finally {
    await dbt.close();
  }
});

it("says after a round up to which commit the marts hold everything, and at once to who comes", async () => {
  const server = await startHealthServer(() => warehouse.refresher, 0);
  const said: number[] = [];
  const listen = async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/events`);
    let text = "";
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^event: refreshed\ndata: (.*)$/m.exec(block)?.[1];
        if (data) said.push(Date.parse((JSON.parse(data) as { asOf: string }).asOf));
      }
    }
  };
  const listening = listen().catch(() => undefined);
  try {
    await expect.poll(() => said.length, { timeout: 10_000 }).toBe(1);
    const at = "2027-01-01 00:00:00.123";
    const lsn = await warehouse.commit({ attendance: [attendance(7, 2, "absent")] }, { at });
    await expect.poll(() => said.at(-1), { timeout: 60_000 }).toBe(Date.parse(`${at}Z`));
    // What was said is true the moment it is said.
    const [claim] = await warehouse.askAll<{ least: string }>(
      "SELECT toString(min(_as_of_lsn)) AS least FROM intermediate.int_claim FINAL",
    );
    expect(BigInt(claim?.least ?? 0)).toBeGreaterThanOrEqual(lsn);
  } finally {
    await server.close();
    await listening;
  }
});

// The last test: one refresher works at a time, and this one takes the place of the other.
it("looks as soon as the stream says that rows have landed", async () => {
  await warehouse.refresher?.stop();
  const ears = new Set<(beat: Beat) => void>();
  const refresher = new Refresher({
    url: warehouse.url,
    password: passwords.dbt,
    log: () => undefined,
    everyMs: 3_600_000,
    pulse: {
      listen(hear) {
        ears.add(hear);
        return () => ears.delete(hear);
      },
      close: () => undefined,
    },
  });
  refresher.start();
  try {
    await expect.poll(() => refresher.status.rounds, { timeout: 60_000 }).toBe(1);
    const lsn = await warehouse.commit({ attendance: [attendance(7, 3, "absent")] });
    for (const hear of ears) hear({ asOf: new Date().toISOString(), checkedAt: new Date().toISOString() });
    await expect.poll(() => BigInt(refresher.status.asOfLsn ?? 0) >= lsn, { timeout: 60_000 }).toBe(true);
    expect(await stale()).toEqual([]);
  } finally {
    await refresher.stop();
  }
  expect(ears.size).toBe(0);
});
