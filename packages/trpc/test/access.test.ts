import { permissions } from "@xianfeng/auth";
import { describe, expect, it } from "vitest";
import { appRouter } from "../src/index.ts";

/** Procedures without a session, by name. There are none: signing in is not a procedure. */
const publicProcedures: string[] = [];

type Found = { _def: { meta?: { permission?: string }; type: string } };
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Found>);

describe("every procedure", () => {
  it("exists", () => expect(procedures.length).toBeGreaterThan(20));

  it.each(procedures)("%s names one permission of the registry, or is public by name", (path, { _def }) => {
    const permission = _def.meta?.permission;
    if (publicProcedures.includes(path)) expect(permission).toBeUndefined();
    else expect(Object.keys(permissions)).toContain(permission);
  });

  it.each(procedures.filter(([, { _def }]) => _def.type === "mutation"))(
    "%s changes under no reading permission",
    (_, { _def }) => {
      expect(_def.meta?.permission).not.toMatch(/\.read(_own)?$/);
    },
  );
});
