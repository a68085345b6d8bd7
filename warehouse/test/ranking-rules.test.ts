import { afterAll, beforeAll, expect, it } from "vitest";
import { startWarehouse, type TestWarehouse } from "./warehouse.ts";

/*
 * One college, small enough to rank by hand. Six members: two tie at 90, one has 80, one lacks a value, one has 70 and one, whose branch
 * was merged and who is still on its books, has 60. The top share is a half of the five who are ranked.
 */
const tenant_id = 900;
const [committee, first, second, merged] = [900_000, 900_001, 900_002, 900_003];
const uuid = (n: number) => `00000000-0000-7000-8000-${(900_000 + n).toString(16).padStart(12, "0")}`;
const people = { tiedA: uuid(1), tiedB: uuid(2), third: uuid(3), missing: uuid(4), fourth: uuid(5), moved: uuid(6) };
const branchOf: Record<string, number> = {
  [people.tiedA]: first,
  [people.tiedB]: first,
  [people.third]: first,
  [people.missing]: first,
  [people.fourth]: second,
  [people.moved]: merged,
};
const values: [string, number][] = [
  [people.tiedA, 9_000],
  [people.tiedB, 9_000],
  [people.third, 8_000],
  [people.fourth, 7_000],
  [people.moved, 6_000],
];
const period = uuid(100);
const scheme = { study: uuid(110), attendance: uuid(111) };
const indicator = { study: uuid(120), attendance: uuid(121) };
const run = { study: uuid(130), attendance: uuid(131) };
const meeting = { held: uuid(140), voided: uuid(141) };

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await startWarehouse();
  const everybody = Object.values(people);
  const heldOn = { held_on: "2026-05-05", kind: "theme_day", state: "closed", org_id: first };
  await warehouse.commit(
    Object.fromEntries(
      Object.entries({
        party_org: [committee, first, second, merged].map((id) => ({
          id,
          parent_id: id === committee ? null : committee,
          kind: id === committee ? "committee" : "branch",
          code: String(id),
          opened_on: "2015-01-01",
          dissolved_on: id === merged ? "2026-03-01" : null,
        })),
        org_succession: [
          { id: uuid(150), from_org_id: merged, to_org_id: second, kind: "merge", on_date: "2026-03-01" },
        ],
        person: everybody.map((id) => ({ id })),
        membership: everybody.map((id, n) => ({
          id: uuid(200 + n),
          person_id: id,
          org_id: branchOf[id],
          kind: "direct",
          valid_from: "2020-01-01",
        })),
        person_status: everybody.map((id, n) => ({
          id: uuid(300 + n),
          person_id: id,
          identity: "full_member",
          valid_from: "2020-01-01",
        })),
        evaluation_period: [{ id: period, org_id: committee, starts_on: "2026-01-01", ends_on: "2026-06-30" }],
        evaluation_branch: [first, second].map((org_id) => ({ period_id: period, org_id })),
        indicator: [
          { id: indicator.study, code: "study", source: "imported" },
          { id: indicator.attendance, code: "attendance_rate", source: "derived" },
        ],
        scheme_version: Object.values(scheme).map((id) => ({ id, top_share_bp: 5_000 })),
        scheme_item: (["study", "attendance"] as const).map((name) => ({
          scheme_version_id: scheme[name],
          indicator_id: indicator[name],
          weight: 100,
        })),
        evaluation_run: (["study", "attendance"] as const).map((name) => ({
          id: run[name],
          org_id: committee,
          period_id: period,
          scheme_version_id: scheme[name],
          as_of_on: "2026-06-30",
          state: "live",
        })),
        evaluation_entry: values.map(([person_id, value_bp], n) => ({
          id: uuid(400 + n),
          period_id: period,
          person_id,
          indicator_id: indicator.study,
          value_bp,
        })),
        meeting: [
          { id: meeting.held, ...heldOn },
          { id: meeting.voided, ...heldOn, voided_at: "2026-05-06 08:00:00.000" },
        ],
        attendance: [
          { id: uuid(500), meeting_id: meeting.held, person_id: people.tiedA, state: "on_time", should_attend: true },
          { id: uuid(501), meeting_id: meeting.voided, person_id: people.tiedA, state: "absent", should_attend: true },
        ],
        tenant: [{ id: tenant_id, code: "rules", root_org_id: committee, tree_version: 1 }],
      }).map(([name, rows]) => [name, rows.map((row) => (name === "tenant" ? row : { tenant_id, ...row }))]),
    ),
  );
  await warehouse.settled();
});
afterAll(() => warehouse?.stop());

type Line = {
  subject_id: string;
  group_org_id: number;
  score: string;
  rank: number | null;
  of_n: number;
  is_top: boolean;
};
const overall = async (run_id: string): Promise<Map<string, Line>> => {
  const rows = await warehouse.askAll<Line>(
    `SELECT subject_id, group_org_id, concat(toString(score_num), '/', toString(score_den)) AS score, rank, of_n, is_top
     FROM marts.fct_evaluation_rank
     WHERE run_id = '${run_id}' AND indicator_code = 'overall' AND population_kind = 'college' AND subject_kind = 'person'`,
  );
  return new Map(rows.map((row) => [row.subject_id, row]));
};

it("gives those who tie one rank, and the next one the rank after all of them", async () => {
  const ranks = await overall(run.study);
  const order = [people.tiedA, people.tiedB, people.third, people.fourth, people.moved];
  expect(order.map((id) => ranks.get(id)?.rank)).toEqual([1, 1, 3, 4, 5]);
});

it("gives no rank to somebody without a value, and does not count him", async () => {
  const ranks = await overall(run.study);
  expect(ranks.get(people.missing)).toMatchObject({ rank: null, of_n: 5, is_top: false });
});

it("rounds the top share up: half of five is three", async () => {
  const ranks = await overall(run.study);
  const top = [...ranks.values()].filter((line) => line.is_top).map((line) => line.subject_id);
  expect(top.sort()).toEqual([people.tiedA, people.tiedB, people.third].sort());
});

it("counts members of a merged branch for the branch that took it over", async () => {
  expect((await overall(run.study)).get(people.moved)).toMatchObject({ group_org_id: second, rank: 5 });
});

it("does not count a voided meeting", async () => {
  expect((await overall(run.attendance)).get(people.tiedA)).toMatchObject({ score: "1/1", rank: 1, of_n: 1 });
});
