import { type College, seedCollege } from "@xianfeng/seed";
import type pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { askCube, mint, openOwner, untilShown } from "../src/analytics.ts";
import { Person } from "../src/person.ts";
import { Platform } from "../src/platform.ts";

const seed = Number(process.env.SEED ?? 20_261_122);
const platform = Platform.at(inject("stateDir"));
let owner: pg.Client;
const colleges: College[] = [];

beforeAll(async () => {
  process.stdout.write(`scope: SEED=${seed}\n`);
  owner = await openOwner(platform);
  const { DATA_KEY, BLIND_INDEX_KEY, OWNER_DATABASE_URL } = platform.settings;
  const keys = { dataKey: String(DATA_KEY), blindIndexKey: String(BLIND_INDEX_KEY) };
  for (let index = 0; index < 4; index++)
    colleges.push(await seedCollege(String(OWNER_DATABASE_URL), { seed: seed + 500 + index, keys }));
  for (const college of colleges) await untilShown(platform, owner, college.tenantId);
});
afterAll(() => owner?.end());

/** What a row of each public view belongs to. */
const views = [
  { view: "branch_ranking", permission: "ranking.read", org: "org_id" },
  { view: "evaluation_report", permission: "report.read", org: "group_org_id" },
  { view: "meetings", permission: "meeting.read", org: "org_id" },
  { view: "attendance", permission: "meeting.read", org: "org_id" },
] as const;

type Org = { id: number; depth: number; tenant_id: number };

/** Every organisation at and below another one, by the parent links alone. */
async function subtree(rootId: number): Promise<Set<number>> {
  const { rows } = await owner.query<{ id: number }>(
    "WITH RECURSIVE below AS (SELECT id FROM party_org WHERE id = $1 UNION ALL SELECT child.id FROM party_org child JOIN below ON child.parent_id = below.id) SELECT id FROM below",
    [rootId],
  );
  return new Set(rows.map((row) => row.id));
}

async function orgsOf(tenantId: number): Promise<Org[]> {
  const { rows } = await owner.query<Org>(
    "WITH RECURSIVE tree AS (SELECT id, tenant_id, 0 AS depth FROM party_org WHERE tenant_id = $1 AND parent_id IS NULL UNION ALL SELECT child.id, child.tenant_id, tree.depth + 1 FROM party_org child JOIN tree ON child.parent_id = tree.id) SELECT * FROM tree ORDER BY id",
    [tenantId],
  );
  return rows;
}

const treeVersion = async (tenantId: number): Promise<string> => {
  const { rows } = await owner.query<{ v: string }>("SELECT tree_version::text AS v FROM tenant WHERE id = $1", [
    tenantId,
  ]);
  return rows[0]?.v ?? "";
};

async function idsSeen(
  view: (typeof views)[number],
  tenantId: number,
  roots: { level: number; orgId: number; below: boolean }[],
): Promise<Set<number>> {
  const token = await mint(platform, {
    tenantId,
    treeVersion: await treeVersion(tenantId),
    permissions: [view.permission],
    roots,
  });
  const { status, rows, text } = await askCube(platform, token, {
    dimensions: [`${view.view}.${view.org}`],
    limit: 5_000,
  });
  expect(status, text).toBe(200);
  return new Set(rows.map((row) => Number(row[`${view.view}.${view.org}`])));
}

test("200 random principals see in each Cube view only organisations of their own trees, and those whole", async () => {
  const everything = new Map<string, Set<number>>();
  for (const college of colleges)
    for (const view of views)
      everything.set(
        `${college.tenantId}|${view.view}`,
        await idsSeen(view, college.tenantId, [{ level: 0, orgId: college.committee, below: true }]),
      );
  const counts = { allowed: 0, forbidden: 0, principals: 0 };
  const perView: Record<string, { allowed: number; forbidden: number }> = {};
  let state = seed;
  const pick = (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The low bits of such a generator follow a short cycle.
    return (state >>> 16) % n;
  };
  for (let index = 0; index < 200; index++) {
    const college = colleges[index % colleges.length];
    const view = views[pick(views.length)];
    if (!college || !view) continue;
    const orgs = await orgsOf(college.tenantId);
    const chosen = Array.from({ length: 1 + pick(2) }, () => ({
      org: orgs[pick(orgs.length)],
      below: pick(3) > 0,
    })).filter((one) => one.org !== undefined);
    const roots = chosen.map(({ org, below }) => ({ level: org?.depth ?? 0, orgId: org?.id ?? 0, below }));
    const reach = new Set<number>();
    for (const { orgId, below } of roots) for (const id of below ? await subtree(orgId) : [orgId]) reach.add(id);
    const all = everything.get(`${college.tenantId}|${view.view}`) ?? new Set();
    const expected = [...all].filter((id) => reach.has(id)).sort((a, b) => a - b);
    const seen = [...(await idsSeen(view, college.tenantId, roots))].sort((a, b) => a - b);
    expect(seen).toEqual(expected);
    const tally = perView[view.view] ?? { allowed: 0, forbidden: 0 };
    perView[view.view] = tally;
    tally.allowed += expected.length;
    tally.forbidden += all.size - expected.length;
    counts.allowed += expected.length;
    counts.forbidden += all.size - expected.length;
    counts.principals++;
  }
  process.stdout.write(`scope: ${JSON.stringify({ ...counts, perView })}\n`);
  for (const view of views) {
    expect(perView[view.view]?.allowed, view.view).toBeGreaterThan(0);
    expect(perView[view.view]?.forbidden, view.view).toBeGreaterThan(0);
  }
});

test("forged, expired and foreign tokens are refused; one of another tenant shows nothing of this one", async () => {
  const [first, second] = colleges;
  if (!first || !second) throw new Error("no colleges");
  const claims = {
    tenantId: first.tenantId,
    treeVersion: await treeVersion(first.tenantId),
    permissions: ["ranking.read"],
    roots: [{ level: 0, orgId: first.committee, below: true }],
  };
  const query = { dimensions: ["branch_ranking.org_id"], limit: 100 };
  const good = await mint(platform, claims);
  expect((await askCube(platform, good, query)).rows.length).toBeGreaterThan(0);
  const [head, body, sign] = good.split(".");
  const payload = JSON.parse(Buffer.from(body ?? "", "base64url").toString()) as Record<string, unknown>;
  const forged = [
    head,
    Buffer.from(JSON.stringify({ ...payload, tenantId: second.tenantId })).toString("base64url"),
    sign,
  ].join(".");
  const unsigned = [Buffer.from('{"alg":"none"}').toString("base64url"), body, ""].join(".");
  const expired = await mint(platform, claims, new Date(Date.now() - 120_000));
  for (const token of [null, "", "abc", forged, unsigned, expired])
    expect((await askCube(platform, token, query)).status).toBe(403);
  const foreign = await mint(platform, { ...claims, tenantId: second.tenantId });
  expect((await askCube(platform, foreign, query)).rows).toEqual([]);
  const stale = await mint(platform, { ...claims, treeVersion: String(BigInt(claims.treeVersion) + 1n) });
  expect((await askCube(platform, stale, query)).rows).toEqual([]);
});

test("lists of the operational app hold no marker of a foreign branch or tenant", async () => {
  for (const college of colleges.slice(0, 2)) {
    const secretary = await Person.signIn(platform, {
      username: college.accounts.secretary0 ?? "",
      password: college.password,
    });
    const own = `标记-${college.seed}-B0`;
    const bodies: string[] = [];
    for (const [path, input] of [
      ["meeting.list", {}],
      ["member.list", {}],
      ["org.tree", {}],
      ["workbench.get", undefined],
      ["evaluation.periods", undefined],
    ] as const) {
      const { status, text } = await secretary.call(path, input);
      expect(status, `${path}: ${text.slice(0, 300)}`).toBe(200);
      bodies.push(text);
    }
    const markers = bodies.flatMap((text) => text.match(/标记-\d+-B[M\d]+/g) ?? []);
    expect(markers.length).toBeGreaterThan(0);
    expect([...new Set(markers)]).toEqual([own]);
  }
});

test("after a subtree moves its former superior sees nothing of it, and nothing at all until the marts know the new tree", async () => {
  const college = colleges[3];
  if (!college) throw new Error("no college");
  const orgs = await orgsOf(college.tenantId);
  const general = orgs.find((org) => org.depth === 1 && !college.branches.includes(org.id));
  const moved = (
    await owner.query<{ id: number }>(
      "SELECT id FROM party_org WHERE parent_id = $1 AND dissolved_on IS NULL ORDER BY id LIMIT 1",
      [general?.id],
    )
  ).rows[0];
  if (!general || !moved) throw new Error("nothing to move");
  const admin = await Person.signIn(platform, { username: college.accounts.admin ?? "", password: college.password });
  const rootsOfGeneral = [{ level: 1, orgId: general.id, below: true }];
  const oldToken = await mint(platform, {
    tenantId: college.tenantId,
    treeVersion: await treeVersion(college.tenantId),
    permissions: ["meeting.read"],
    roots: rootsOfGeneral,
  });
  const { updatedAt: seenAt } = await admin.ask<{ updatedAt: Date }>("org.detail", { id: moved.id });
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());
  const answer = await admin.call("org.move", { id: moved.id, parentId: college.committee, on: today, seenAt });
  expect(answer.status, answer.text).toBe(200);
  const query = { dimensions: ["meetings.org_id"], limit: 1_000 };
  const seenNow = (
    await askCube(
      platform,
      await mint(platform, {
        tenantId: college.tenantId,
        treeVersion: await treeVersion(college.tenantId),
        permissions: ["meeting.read"],
        roots: rootsOfGeneral,
      }),
      query,
    )
  ).rows;
  expect(seenNow.map((row) => Number(row["meetings.org_id"]))).not.toContain(moved.id);
  await untilShown(platform, owner, college.tenantId, "meetings", "meeting.read");
  const later = (
    await askCube(
      platform,
      await mint(platform, {
        tenantId: college.tenantId,
        treeVersion: await treeVersion(college.tenantId),
        permissions: ["meeting.read"],
        roots: rootsOfGeneral,
      }),
      query,
    )
  ).rows;
  expect(later.map((row) => Number(row["meetings.org_id"]))).not.toContain(moved.id);
  expect((await askCube(platform, oldToken, query)).rows.map((row) => Number(row["meetings.org_id"]))).not.toContain(
    moved.id,
  );
});
