import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { views } from "@xianfeng/cube/access";
import { describe, expect, it } from "vitest";
import { figureMembers } from "../app/definitions.ts";
import { queries } from "../server/query/index.ts";

const models = join(import.meta.dirname, "../../../cube/model/views");
const sources = join(import.meta.dirname, "../server/query");

/** Members of a view as its model lists them. */
const included = (view: string): Set<string> =>
  new Set(
    [...readFileSync(join(models, `${view}.yml`), "utf8").matchAll(/^\s{10}- (\w+)$/gm)].map((match) => match[1] ?? ""),
  );

/** Every `view.member` that a query names. */
const named = readdirSync(sources).flatMap((file) =>
  [...readFileSync(join(sources, file), "utf8").matchAll(/"([a-z_]+)\.([a-z_0-9]+)"/g)]
    .map((match) => ({ file, view: match[1] ?? "", member: match[2] ?? "" }))
    .filter(({ view }) => Object.hasOwn(views, view)),
);

describe("what the screens ask for and what the semantic layer has", () => {
  it("finds members to compare", () => expect(named.length).toBeGreaterThan(40));

  it("every member of a query is in its view", () =>
    expect(named.filter(({ view, member }) => !included(view).has(member))).toEqual([]));

  it("every figure with a definition is read from members of its view", () => {
    for (const member of Object.values(figureMembers).flat()) {
      const [view = "", name = ""] = member.split(".");
      expect([member, included(view).has(name)]).toEqual([member, true]);
    }
  });

  it("a query asks one view, with the permission that the view wants or that of previews", () => {
    for (const file of new Set(named.map((one) => one.file))) {
      const asked = new Set(named.filter((one) => one.file === file).map(({ view }) => view));
      expect([file, asked.size]).toEqual([file, 1]);
    }
    const wanted = new Set<string>([
      ...Object.values(views).map(({ permission }) => permission),
      "evaluation.generate",
    ]);
    for (const { permission } of Object.values(queries)) expect(wanted.has(permission)).toBe(true);
  });
});
