import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { views } from "@xianfeng/cube/access";
import { describe, expect, it } from "vitest";
import { definitions } from "../app/definitions.ts";
import { figureMembers } from "../app/figures.ts";
import { readMeanings } from "../semantic/model.ts";
import { queries } from "../server/query/index.ts";

const model = join(import.meta.dirname, "../../../cube/model");
const models = join(model, "views");
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

  it("every figure is described by the model itself, in both languages", () => {
    const members = Object.values(figureMembers).flat();
    const meanings = readMeanings(model, members);
    for (const member of members) {
      expect([member, /[一-鿿]/.test(meanings[member]?.zh ?? "")]).toEqual([member, true]);
      expect([member, /^[^一-鿿]{4,}$/.test(meanings[member]?.en ?? "")]).toEqual([member, true]);
    }
    expect(meanings["branch_ranking.members_ranked"]).toEqual({
      zh: "有名次的党员，单位：名；占比的分母",
      en: "Members ranked: the denominator of the share",
    });
    expect(() => readMeanings(model, ["branch_ranking.nope"])).toThrow("branch_ranking.nope");
  });

  it("every figure says what it is, how it is computed and on what ground, in both languages", () => {
    for (const language of ["zh-CN", "en"] as const)
      for (const figure of Object.keys(figureMembers) as (keyof typeof figureMembers)[]) {
        const { title, what, formula, blank, basis } = definitions[language][figure];
        for (const text of [title, what("20%"), formula, blank, basis])
          expect([language, figure, text.length > 3 || text === title]).toEqual([language, figure, true]);
        expect([figure, /[一-鿿]/.test(what("20%"))]).toEqual([figure, language === "zh-CN"]);
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
