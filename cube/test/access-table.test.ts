import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Permission, permissions, type RoleCode } from "@xianfeng/auth";
import { access, cubeViews, type OrgRelation, reaches } from "@xianfeng/auth/access-table";
import { describe, expect, it } from "vitest";
import { views } from "../src/access.ts";
import { Refused, rewriteQuery } from "../src/rewrite.ts";
import type { CubeClaims } from "../src/token.ts";

/** Organisations as the marts have them: their ancestors by level. 1 → 2, 3; 2 → 4, 5; 4 → 6, 7; 5 → 8; 3 → 9 → 10. */
const paths = [
  [1],
  [1, 2],
  [1, 3],
  [1, 2, 4],
  [1, 2, 5],
  [1, 2, 4, 6],
  [1, 2, 4, 7],
  [1, 2, 5, 8],
  [1, 3, 9],
  [1, 3, 9, 10],
];
const idOf = (path: readonly number[]) => path.at(-1) ?? 0;
const own = paths[3] ?? [];

/** Where a row's organisation stands, seen from that of the token. */
function relationOf(path: readonly number[]): OrgRelation | "outside" {
  if (idOf(path) === idOf(own)) return "own";
  if (!own.every((id, at) => path[at] === id)) return "outside";
  return path.length === own.length + 1 ? "child" : "grandchild";
}

type Row = Record<string, string>;
type Filter = { member?: string; operator?: string; values?: string[]; or?: Filter[]; and?: Filter[] };
const rowOf = (path: readonly number[], more: Row = {}): Row => ({
  tenant_id: "7",
  tree_version: "3",
  org_id: String(idOf(path)),
  group_org_id: String(idOf(path)),
  subject_kind: "person",
  subject_id: "somebody",
  run_id: "open",
  ...Object.fromEntries(path.map((id, level) => [`scope_l${level}`, String(id)])),
  ...more,
});

/** What Cube makes of a filter, for the operators that a rewrite uses. */
function passes(row: Row, filter: Filter): boolean {
  if (filter.or) return filter.or.some((one) => passes(row, one));
  if (filter.and) return filter.and.every((one) => passes(row, one));
  if (filter.operator !== "equals") throw new Error(`unknown operator ${filter.operator}`);
  return (filter.values ?? []).includes(row[filter.member?.split(".")[1] ?? ""] ?? "");
}

const claimsFor = (permission: string, below: boolean, more: Partial<CubeClaims> = {}): CubeClaims => ({
  tenantId: 7,
  treeVersion: "3",
  permissions: [permission],
  roots: [{ level: own.length - 1, orgId: idOf(own), below }],
  scope: ["data"],
  ...more,
});
const ask = async (view: string, claims: CubeClaims | undefined) => {
  try {
    const query = await rewriteQuery({ dimensions: [`${view}.tenant_id`] }, claims, async () => ["open"]);
    return (query.filters ?? []) as Filter[];
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
};
/** What must never be seen: another tenant, another state of the tree, and a run that is not readable now. */
const elsewhere = (runs: boolean): Row[] => [
  { tenant_id: "8" },
  { tree_version: "2" },
  ...(runs ? [{ run_id: "closed" }] : []),
];
const roles = Object.keys(access) as RoleCode[];
const everything = Object.keys(permissions) as Permission[];
let checks = 0;

describe("every public view", () => {
  it("stands in the table of access with its permission, and has a model", () => {
    const found = Object.fromEntries(
      Object.entries(views).map(([name, rule]) => [
        name,
        {
          permission: rule.permission,
          ...("own" in rule ? { own: rule.own.permission } : {}),
          ...(rule.runs ? { previews: "evaluation.generate" } : {}),
        },
      ]),
    );
    expect(found).toEqual(cubeViews);
    const models = readdirSync(join(import.meta.dirname, "../model/views")).map((file) => file.replace(".yml", ""));
    expect(models.sort()).toEqual(Object.keys(cubeViews).sort());
  });

  it.each(Object.entries(cubeViews))(
    "%s gives a token of each permission the rows of the table",
    async (view, rule) => {
      const wrong: string[] = [];
      for (const permission of everything)
        for (const below of [true, false]) {
          const filters = await ask(
            view,
            claimsFor(permission, below, { personId: "00000000-0000-4000-8000-000000000001" }),
          );
          const wanted = [rule.permission, rule.own, rule.previews].includes(permission);
          if ((filters !== null) !== wanted) wrong.push(`${permission}: ${filters ? "answered" : "refused"}`);
          checks++;
          if (!filters) continue;
          for (const path of paths) {
            const relation = relationOf(path);
            const inside =
              permission !== rule.own &&
              relation !== "outside" &&
              reaches.tree[below ? "below" : "alone"].includes(relation);
            const seen = filters.every((filter) => passes(rowOf(path), filter));
            if (seen !== inside) wrong.push(`${permission} ${below ? "and below" : ""} → ${path.join("/")}: ${seen}`);
            for (const other of elsewhere(rule.previews !== undefined))
              if (filters.every((filter) => passes(rowOf(path, other), filter)))
                wrong.push(`${permission} → ${JSON.stringify(other)}`);
            checks += 3;
          }
        }
      expect(wrong).toEqual([]);
    },
  );

  it.each(Object.keys(cubeViews))("%s gives nothing to a token without place, person or claim", async (view) => {
    const { permission, own: personal } = cubeViews[view] ?? { permission: "me.read" };
    expect(await ask(view, undefined)).toBeNull();
    expect(await ask(view, claimsFor(permission, true, { roots: [] }))).toBeNull();
    if (personal) expect(await ask(view, claimsFor(personal, true, { personId: null }))).toBeNull();
  });
});

describe("every role", () => {
  it.each(roles)("%s can be given a token for no view but those of its own permissions", async (role) => {
    for (const [view, rule] of Object.entries(cubeViews)) {
      const held = Object.keys(access[role]) as Permission[];
      const answered = await Promise.all(
        held.map((permission) =>
          ask(view, claimsFor(permission, true, { personId: "00000000-0000-4000-8000-000000000001" })),
        ),
      );
      const open = [rule.permission, rule.own, rule.previews].some((one) => one && held.includes(one));
      expect([view, answered.some((filters) => filters !== null)]).toEqual([view, open]);
      checks += held.length;
    }
  });

  it("was asked often enough to mean something", () => expect(checks).toBeGreaterThan(1_000));
});

describe("rows of the own person", () => {
  it("are those alone, wherever the person's branch is", async () => {
    const personId = "00000000-0000-4000-8000-000000000001";
    const filters = (await ask("evaluation_report", claimsFor("report.read_own", false, { personId }))) ?? [];
    const seen = (more: Row) => filters.every((filter) => passes(rowOf(own, more), filter));
    expect(seen({ subject_id: personId })).toBe(true);
    expect(seen({ subject_id: personId, group_org_id: "10" })).toBe(true);
    expect(seen({ subject_id: "00000000-0000-4000-8000-000000000002" })).toBe(false);
    expect(seen({ subject_id: personId, subject_kind: "branch" })).toBe(false);
    expect(seen({ subject_id: personId, tenant_id: "8" })).toBe(false);
  });
});

describe("a very wide reach", () => {
  it("stays one condition, however many organisations lie below", async () => {
    const filters = await ask("meetings", claimsFor("meeting.read", true));
    expect(JSON.stringify(filters).length).toBeLessThan(1_000);
  });
});
