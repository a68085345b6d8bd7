import { insightsDoors, exports as taken } from "@xianfeng/auth/access-table";
import { describe, expect, it } from "vitest";
import { actions } from "../server/actions.ts";
import { openRoutes, pages } from "../server/pages/index.ts";
import { queries } from "../server/query/index.ts";

const permissionsOf = (registry: Record<string, { permission: string }>) =>
  Object.fromEntries(Object.entries(registry).map(([name, { permission }]) => [name, permission]));

describe("the table of access", () => {
  it("names every page, named query and action with its one permission", () => {
    const open = Object.fromEntries(openRoutes.map((name) => [name, "session"]));
    expect({ ...permissionsOf(pages), ...open }).toEqual(insightsDoors.pages);
    expect(permissionsOf(queries)).toEqual(insightsDoors.queries);
    expect(permissionsOf(actions)).toEqual(insightsDoors.actions);
  });

  it("names every query that can be taken away as a file", () => {
    const sheets = Object.entries(queries).filter(([, query]) => "sheet" in query && query.sheet);
    expect(sheets.map(([name]) => name).sort()).toEqual([...taken.queries].sort());
  });
});
