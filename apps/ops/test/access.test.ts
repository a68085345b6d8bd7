import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { opsDoors } from "@xianfeng/auth/access-table";
import { describe, expect, it } from "vitest";

const app = join(import.meta.dirname, "../app");
const files = readdirSync(app, { recursive: true, encoding: "utf8" }).filter((file) =>
  /(^|\/)(page|route)\.tsx?$/.test(file),
);
const source = (file: string) => readFileSync(join(app, file), "utf8");

/** Whether a page or a layout above it asks who is there before anything is drawn. */
const asksForSession = (file: string): boolean => {
  const folders = file.split("/").slice(0, -1);
  const above = folders.map((_, at) => join(...folders.slice(0, at + 1), "layout.tsx"));
  return [file, ...above].some((one) => {
    try {
      return /\b(requireScope|pageIdentity|pageContext)\(/.test(source(one));
    } catch {
      return false;
    }
  });
};

describe("every address", () => {
  it("stands in the table of access", () => {
    expect([...files].sort()).toEqual(Object.keys(opsDoors).sort());
  });

  it.each(Object.entries(opsDoors).filter(([file, door]) => file.endsWith("page.tsx") && door === "session"))(
    "%s asks for a session",
    (file) => expect(asksForSession(file)).toBe(true),
  );

  it("is a page, an endpoint with its methods named, or nothing: there are no server actions", () => {
    const made = readdirSync(app, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
    expect(made.filter((file) => /^\s*["']use server["']/m.test(source(file)))).toEqual([]);
    const methods = /export (?:async )?(?:function|const) (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b/g;
    const wide = files.filter((file) => file.endsWith("route.ts") && [...source(file).matchAll(methods)].length !== 1);
    expect(wide).toEqual([]);
  });
});
