import {
  can,
  cubeRoots,
  holds,
  initialRoles,
  isPermission,
  orgWhere,
  type Permission,
  permissions,
  type RoleCode,
  type Scope,
  scopeWhere,
} from "@xianfeng/auth";
import { access, personal, reaches, relations } from "@xianfeng/auth/access-table";
import { inTenant } from "@xianfeng/db";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type Holder, type Place, placeNames, places, relationOf, type World } from "./world.ts";

let world: World;
const scopes = new Map<string, { holder: Holder; scope: Scope }>();
const roles = Object.keys(access) as RoleCode[];
const everything = Object.keys(permissions).filter(isPermission);
/** Each role at each level of the tree, with and without everything below. */
const levels: Place[] = ["U", "K1", "G11", "B111", "X"];
const holders: Holder[] = roles.flatMap((role) =>
  levels.flatMap((at) => [true, false].map((below) => ({ role, at, below }))),
);
let checks = 0;

beforeAll(async () => {
  world = await createWorld();
  for (const holder of holders) scopes.set(JSON.stringify(holder), { holder, scope: await world.scopeOf([holder]) });
});
afterAll(() => world?.close());

const expected = ({ role, at, below }: Holder, permission: Permission, target: Place): boolean => {
  const reach = access[role][permission];
  if (!reach) return false;
  return reaches[reach][below ? "below" : "alone"].includes(relationOf(at, target));
};
const placeOf = (target: Place) => {
  const path = places[target].split("/") as Place[];
  const parent = path.at(-2);
  const ids = path.map((name) => world.orgs[name]);
  return { id: world.orgs[target], parentId: parent ? world.orgs[parent] : null, path: `/${ids.join("/")}/` };
};
const say = ({ role, at, below }: Holder, target: string) => `${role} at ${at}${below ? " and below" : ""} → ${target}`;

describe("the table", () => {
  it("grants each role just what the registry starts it with", () => {
    for (const role of roles) expect(Object.keys(access[role]).sort()).toEqual([...initialRoles[role].grants].sort());
    expect(roles.sort()).toEqual(Object.keys(initialRoles).sort());
  });

  it("meets every relation in its tree", () => {
    const met = new Set(placeNames.flatMap((from) => placeNames.map((to) => relationOf(from, to))));
    expect([...met].sort()).toEqual([...relations].sort());
  });

  it("gives the system administrator nothing personal, and nobody else the accounts", () => {
    for (const permission of personal) expect(access.system_admin[permission]).toBeUndefined();
    for (const role of roles.filter((name) => name !== "system_admin"))
      expect(access[role]["account.manage"]).toBeUndefined();
    expect(personal.some((permission) => access.screen[permission])).toBe(false);
  });
});

describe.each(roles)("%s", (role) => {
  it.each(everything)(
    "reaches with %s just the organisations of the table, asked one by one and as a list",
    async (permission) => {
      const wrong: string[] = [];
      for (const { holder, scope } of scopes.values()) {
        if (holder.role !== role) continue;
        const inside = await inTenant(world.app, scope.tenantId, (tx) =>
          tx.partyOrg.findMany({ where: orgWhere(scope, permission), select: { id: true } }),
        );
        const listed = new Set(inside.map((row) => row.id));
        if (holds(scope, permission) !== (access[role][permission] !== undefined)) wrong.push(say(holder, "held"));
        for (const target of placeNames) {
          const wanted = expected(holder, permission, target);
          if (can(scope, permission, placeOf(target)) !== wanted && relationOf(holder.at, target) !== "other_tenant")
            wrong.push(say(holder, `${target} (can)`));
          if (listed.has(world.orgs[target]) !== wanted) wrong.push(say(holder, `${target} (list)`));
          checks += 2;
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe("meetings, read as rows", () => {
  it("lie inside the reach of whoever asks, for every role at every level", async () => {
    const wrong: string[] = [];
    for (const { holder, scope } of scopes.values())
      for (const permission of ["meeting.read", "meeting.edit"] as const) {
        const rows = await inTenant(world.app, scope.tenantId, (tx) =>
          tx.meeting.findMany({ where: scopeWhere(scope, permission, "org"), select: { orgId: true } }),
        );
        const seen = new Set(rows.map((row) => row.orgId));
        for (const target of placeNames) {
          const wanted = expected(holder, permission, target) && world.records[target] !== undefined;
          if (seen.has(world.orgs[target]) !== wanted) wrong.push(say(holder, `${permission} ${target}`));
          checks++;
        }
      }
    expect(wrong).toEqual([]);
  });
});

describe("somebody with two roles", () => {
  const pairs: [Holder, Holder][] = [
    [
      { role: "general_branch_admin", at: "G11", below: true },
      { role: "branch_secretary", at: "B121", below: false },
    ],
    [
      { role: "screen", at: "U", below: true },
      { role: "committee_admin", at: "K1", below: false },
    ],
    [
      { role: "member", at: "B111", below: false },
      { role: "branch_admin", at: "B211", below: true },
    ],
    [
      { role: "system_admin", at: "U", below: true },
      { role: "branch_secretary", at: "B111", below: false },
    ],
  ];
  it.each(pairs)("has the union of both, and never the right of one with the reach of the other", async (one, two) => {
    const scope = await world.scopeOf([one, two]);
    const wrong: string[] = [];
    for (const permission of everything)
      for (const target of placeNames) {
        if (relationOf(one.at, target) === "other_tenant") continue;
        const wanted = expected(one, permission, target) || expected(two, permission, target);
        if (can(scope, permission, placeOf(target)) !== wanted) wrong.push(`${permission} → ${target}`);
        checks++;
      }
    expect(wrong).toEqual([]);
  });
});

describe("roots for Cube", () => {
  it("are the places of the roles that grant the one permission, and none without it", () => {
    const wrong: string[] = [];
    for (const { holder, scope } of scopes.values())
      for (const permission of everything) {
        const depth = places[holder.at].split("/").length - 1;
        const wanted = access[holder.role][permission]
          ? [{ level: depth, orgId: world.orgs[holder.at], below: holder.below }]
          : [];
        if (JSON.stringify(cubeRoots(scope, permission)) !== JSON.stringify(wanted))
          wrong.push(say(holder, permission));
        checks++;
      }
    expect(wrong).toEqual([]);
  });
});

it("looked often enough to mean something", () => {
  expect(checks).toBeGreaterThan(10_000);
  process.stdout.write(`${checks} checks of reach\n`);
});
