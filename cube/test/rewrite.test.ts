import { describe, expect, it } from "vitest";
import { mostRows, type Query, type ReadableRuns, Refused, rewriteQuery } from "../src/rewrite.ts";
import type { CubeClaims } from "../src/token.ts";

const claims: CubeClaims = {
  tenantId: 7,
  treeVersion: "12",
  permissions: ["meeting.read"],
  roots: [
    { level: 1, orgId: 30, below: true },
    { level: 2, orgId: 44, below: false },
  ],
  scope: ["data"],
};
const meetings: Query = { dimensions: ["meetings.meeting_id"] };
const report: Query = { dimensions: ["evaluation_report.run_id"] };
const reader = { ...claims, permissions: ["report.read"] };

/** Runs as PostgreSQL would name them for the call, and what it was asked. */
const runs = (...ids: string[]) => {
  const asked: unknown[] = [];
  const readable: ReadableRuns = async (...call) => {
    asked.push(call);
    return ids;
  };
  return { asked, readable };
};
const filtersOf = async (query: Query, who: CubeClaims | undefined = claims, readable = runs().readable) =>
  (await rewriteQuery(query, who, readable)).filters ?? [];
const refused = (query: Query, who: CubeClaims | undefined) =>
  expect(rewriteQuery(query, who, runs().readable)).rejects.toBeInstanceOf(Refused);

describe("every query", () => {
  it("is refused without a scope", async () => {
    await refused(meetings, undefined);
  });

  it("is kept to its tenant and to the state of the tree that the token knows", async () => {
    expect(await filtersOf(meetings)).toEqual(
      expect.arrayContaining([
        { member: "meetings.tenant_id", operator: "equals", values: ["7"] },
        { member: "meetings.tree_version", operator: "equals", values: ["12"] },
      ]),
    );
  });

  it("is kept to the roots of the token: a whole branch of the tree, or one organisation", async () => {
    expect((await filtersOf(meetings)).at(-1)).toEqual({
      or: [
        { member: "meetings.scope_l1", operator: "equals", values: ["30"] },
        { member: "meetings.org_id", operator: "equals", values: ["44"] },
      ],
    });
    await refused(meetings, { ...claims, roots: [] });
  });

  it("keeps the caller's own filters beside those of the scope, never instead of them", async () => {
    const own = { member: "meetings.tenant_id", operator: "equals", values: ["8"] };
    const filters = await filtersOf({ ...meetings, filters: [own] });
    expect(filters[0]).toEqual(own);
    expect(filters).toContainEqual({ member: "meetings.tenant_id", operator: "equals", values: ["7"] });
  });

  it("is answered for its one permission only", async () => {
    await refused(meetings, reader);
    await refused(report, claims);
    await refused({ dimensions: ["meetings.meeting_id", "evaluation_report.run_id"] }, claims);
  });

  it("gets no more rows than may be answered", async () => {
    // One more than may be answered is let through: the driver tells by it that there are too many.
    await refused({ ...meetings, limit: mostRows + 2 }, claims);
    await refused({ ...meetings, rowLimit: mostRows + 2 }, claims);
    expect((await rewriteQuery({ ...meetings, limit: 10 }, claims, runs().readable)).limit).toBe(10);
  });
});

describe("computations", () => {
  it("are those that may be read now, and none when there is none", async () => {
    const only = { member: "evaluation_report.run_id", operator: "equals" };
    expect(await filtersOf(report, reader, runs("a", "b").readable)).toContainEqual({ ...only, values: ["a", "b"] });
    expect(await filtersOf(report, reader, runs().readable)).toContainEqual({ ...only, values: ["none"] });
  });

  it("in preview are asked for only with the permission to make one", async () => {
    for (const [permission, previews] of [
      ["report.read", false],
      ["evaluation.generate", true],
    ] as const) {
      const { asked, readable } = runs();
      await rewriteQuery(report, { ...claims, permissions: [permission] }, readable);
      expect(asked).toEqual([[7, null, previews]]);
    }
  });
});
