import { permissions } from "@xianfeng/auth";
import { exports, procedures as table } from "@xianfeng/auth/access-table";
import { describe, expect, it } from "vitest";
import { appRouter } from "../src/index.ts";
import { calls } from "./access/calls.ts";

type Found = { _def: { meta?: { permission?: string }; type: string } };
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Found>);

describe("every procedure", () => {
  it("stands in the table of access with its permission, and can be asked by the tests of reach", () => {
    expect(procedures.length).toBeGreaterThan(20);
    const found = Object.fromEntries(procedures.map(([path, { _def }]) => [path, _def.meta?.permission]));
    expect(found).toEqual(table);
    expect(Object.keys(calls).sort()).toEqual(Object.keys(table).sort());
    for (const path of exports.files) expect(Object.keys(table)).toContain(path);
  });

  it.each(procedures)("%s names one permission of the registry; signing in is not a procedure", (_, { _def }) => {
    expect(Object.keys(permissions)).toContain(_def.meta?.permission);
  });

  it.each(procedures.filter(([, { _def }]) => _def.type === "mutation"))(
    "%s changes under no reading permission",
    (_, { _def }) => {
      expect(_def.meta?.permission).not.toMatch(/\.read(_own)?$/);
    },
  );
});
