import { describe, expect, it } from "vitest";
import { safeNext } from "@/lib/guard.ts";

describe("where sign-in leads back to", () => {
  it.each(["/", "/members?identity=activist", "/orgs?id=3&on=2026-01-01", "/m/meetings/1#x", "/a//b"])(
    "%s is kept",
    (next) => {
      expect(safeNext(next)).toBe(next);
    },
  );

  it.each([
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n//evil.example",
    "javascript:alert(1)",
    " javascript:alert(1)",
    "https://evil.example",
    "evil.example",
    "/x\\..\\y",
    "",
    null,
    undefined,
    `/${"a".repeat(3000)}`,
  ])("%j leads to the start page", (next) => {
    expect(safeNext(next)).toBe("/");
  });
});
