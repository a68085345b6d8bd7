import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, type Filter, readFilter, tabIdentities } from "@/app/(console)/members/filters.ts";
import { childrenOf, matching, type TreeNode, visibleRows } from "@/app/(console)/orgs/tree.ts";
import * as outbox from "@/app/(system)/outbox/filters.ts";

const read = (address: string) => readFilter(new URL(address, "http://x").searchParams);

describe("conditions of the register in the address", () => {
  it("come back as they went, whatever they are", () => {
    const filter = fc.record<Filter>(
      {
        identity: fc.constantFrom(...tabIdentities),
        page: fc.integer({ min: 1, max: 10_000 }),
        orgId: fc.integer({ min: 1, max: 99_999_999 }),
        sex: fc.constantFrom("male", "female"),
        category: fc.constantFrom("staff", "graduate", "undergraduate", "retired", "mixed"),
      },
      { requiredKeys: ["identity", "page"] },
    );
    const seed = Number(process.env.SEED ?? 20261122);
    fc.assert(
      fc.property(filter, (given) => {
        expect(read(addressOf(given))).toEqual({ filter: given, dropped: false });
      }),
      { seed, numRuns: 300 },
    );
  });

  it.each([
    "/members?org=*",
    "/members?org=",
    "/members?org=1&org=2",
    "/members?org[]=1&org=-3",
    "/members?identity=left",
    "/members?sex=x",
    "/members?page=0",
    "/members?page=99999",
    "/members?category=%3Cscript%3E",
  ])("%s is dropped with a notice and never widens anything", (address) => {
    expect(read(address)).toEqual({ filter: { identity: "member", page: 1 }, dropped: true });
  });
});

describe("conditions of the messages in the address", () => {
  const readOutbox = (address: string) => outbox.readFilter(new URL(address, "http://x").searchParams);

  it("come back as they went, whatever they are", () => {
    const days = fc.integer({ min: 0, max: 3_000 });
    const filter = fc
      .record({
        channel: fc.constantFrom("mail", "in_app"),
        at: fc.nat(6),
        days,
        page: fc.integer({ min: 1, max: 9_999 }),
      })
      .map(({ channel, at, days: ago, page }): outbox.Filter => {
        const state = outbox.statesOf[channel][at];
        const day = new Date(Date.UTC(2026, 10, 22) - ago * 86_400_000).toISOString().slice(0, 10);
        return { channel, page, ...(state ? { state } : {}), ...(ago % 3 ? { day } : {}) };
      });
    const seed = Number(process.env.SEED ?? 20261122);
    fc.assert(
      fc.property(filter, (given) => {
        expect(readOutbox(outbox.addressOf(given))).toEqual({ filter: given, dropped: false });
      }),
      { seed, numRuns: 300 },
    );
  });

  it.each([
    "/outbox?channel=sms",
    "/outbox?state=shown",
    "/outbox?state=sent&state=failed",
    "/outbox?day=2026-02-30",
    "/outbox?page=0",
  ])("%s is dropped with a notice", (address) => {
    expect(readOutbox(address)).toEqual({ filter: { channel: "mail", page: 1 }, dropped: true });
  });
});

describe("the tree beside the organisations", () => {
  const node = (id: number, parentId: number | null, name: string, initials: string): TreeNode => ({
    id,
    parentId,
    name,
    initials,
    fullName: name,
    code: `C${id}`,
    kind: "branch",
    own: 0,
    members: 0,
    overdue: 0,
    large: false,
  });
  const nodes = [
    node(1, null, "学院党委", "xydw"),
    node(2, 1, "研究生党总支", "yjsdzz"),
    node(3, 2, "软件第一党支部", "rjdydzb"),
    node(4, 1, "机关党支部", "jgdzb"),
  ];

  it("finds by name, initials and code, with everything above", () => {
    expect([...(matching(nodes, "rjdy") ?? [])].sort()).toEqual([1, 2, 3]);
    expect([...(matching(nodes, "机关") ?? [])].sort()).toEqual([1, 4]);
    expect([...(matching(nodes, "c3") ?? [])].sort()).toEqual([1, 2, 3]);
    expect(matching(nodes, " ")).toBeNull();
  });

  it("hides what is folded away", () => {
    const rows = visibleRows(childrenOf(nodes), null, new Set([2]));
    expect(rows.map((row) => [row.node.id, row.level])).toEqual([
      [1, 1],
      [2, 2],
      [4, 2],
    ]);
  });
});
