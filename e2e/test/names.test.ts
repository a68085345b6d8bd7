import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openOwner } from "../src/analytics.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";

/**
 * Pages as they go over the network, with everything that is written into them for the browser's scripts: nowhere a name of somebody
 * outside the reader's branch, and a stranger's record looks like none.
 */
const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
let secretary: Person;
let member: Person;
type Row = { id: string; name: string; mine: boolean; org_id: number };
let people: Row[];
let foreign: { person: string; meeting: string; org: number };

beforeAll(async () => {
  owner = await openOwner(platform);
  secretary = await Person.demo(platform, "zhou");
  member = await Person.demo(platform, "zheng");
  const { rows } = await owner.query<Row>(
    `SELECT p.person_id AS id, p.name, m.org_id, m.org_id = mine.org_id AS mine
     FROM person_private p
     JOIN membership m ON m.person_id = p.person_id AND m.superseded_at IS NULL AND m.valid_to IS NULL AND m.kind = 'direct'
     CROSS JOIN (SELECT a.org_id FROM auth_user u JOIN principal r ON r.user_id = u.id
       JOIN role_assignment a ON a.principal_id = r.id JOIN role ON role.id = a.role_id
       WHERE u.username = 'zhou' AND role.code = 'branch_secretary') mine
     WHERE p.tenant_id = 1`,
  );
  people = rows;
  const stranger = people.find((one) => !one.mine);
  const { rows: meetings } = await owner.query<{ id: string }>(
    "SELECT id FROM meeting WHERE org_id = $1 AND state <> 'draft' LIMIT 1",
    [stranger?.org_id],
  );
  foreign = { person: stranger?.id ?? "", meeting: meetings[0]?.id ?? "", org: stranger?.org_id ?? 0 };
});
afterAll(() => owner?.end());

/** Names that only people of other branches have; two characters would be found in ordinary words. */
function strangersIn(text: string): string[] {
  const own = new Set(people.filter((one) => one.mine).map((one) => one.name));
  const others = people.filter((one) => !one.mine && [...one.name].length >= 3 && !own.has(one.name));
  expect(others.length).toBeGreaterThan(100);
  return others.filter((one) => text.includes(one.name)).map((one) => one.id);
}

const nobody = "00000000-0000-4000-8000-000000000000";

test("the secretary's pages name nobody of another branch, and do name the own people", async () => {
  const own = people.find((one) => one.mine);
  const addresses = [
    "/",
    "/members",
    "/members?identity=activist",
    `/members?org=${foreign.org}`,
    `/members/${own?.id}`,
    "/orgs",
    "/meetings",
    `/meetings?org=${foreign.org}`,
    "/insights/ranking",
    "/insights/ranking.data",
    "/insights/reports",
    `/insights/branches/${own?.org_id}`,
    `/insights/branches/${own?.org_id}.data`,
  ];
  for (const address of addresses)
    expect([address, strangersIn((await secretary.get(address)).text)]).toEqual([address, []]);
  const list = (await secretary.get("/members")).text;
  expect(people.filter((one) => one.mine && list.includes(one.name)).length).toBeGreaterThan(5);
});

test("a member's pages name nobody of another branch", async () => {
  for (const address of ["/m", "/m/meetings", "/m/notices", "/m/me", "/insights/mine", "/members", "/orgs"])
    expect([address, strangersIn((await member.get(address)).text)]).toEqual([address, []]);
});

test("a stranger's record, asked for by its number, is a page like that of none", async () => {
  const pairs = [
    [`/members/${foreign.person}`, `/members/${nobody}`],
    [`/meetings/${foreign.meeting}`, `/meetings/${nobody}`],
    [`/meetings/${foreign.meeting}/edit`, `/meetings/${nobody}/edit`],
    [`/meetings/${foreign.meeting}/screen`, `/meetings/${nobody}/screen`],
    [`/insights/branches/${foreign.org}`, "/insights/branches/2000000000"],
    [`/insights/meetings/${foreign.meeting}`, `/insights/meetings/${nobody}`],
    [`/m/meetings/${foreign.meeting}`, `/m/meetings/${nobody}`],
  ] as const;
  const { rows } = await owner.query<{ title: string }>("SELECT title FROM meeting_body WHERE meeting_id = $1", [
    foreign.meeting,
  ]);
  const stranger = people.find((one) => one.id === foreign.person);
  for (const [theirs, none] of pairs) {
    const [one, other] = [await secretary.get(theirs), await secretary.get(none)];
    expect([theirs, one.status]).toEqual([theirs, other.status]);
    expect([theirs, one.text.includes(stranger?.name ?? ""), strangersIn(one.text)]).toEqual([theirs, false, []]);
    const title = rows[0]?.title ?? "";
    // Branches hold meetings of one title; then the page of none would hold it too.
    if (!other.text.includes(title)) expect([theirs, one.text.includes(title)]).toEqual([theirs, false]);
  }
});
