import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { permissions } from "@xianfeng/auth";
import { beforeAll, describe, expect, it } from "vitest";
import { ruleOf, views } from "../src/access.ts";
import { requireFromCube } from "../src/native/stand-in.ts";

type Member = { name: string; description?: string; meta?: { en?: string } };
type Cube = {
  name: string;
  public?: boolean;
  extends?: string;
  sql_table?: string;
  sql?: string;
  refresh_key?: object;
  dimensions?: Member[];
  measures?: Member[];
};
type View = {
  name: string;
  description?: string;
  meta?: { en?: string };
  cubes: { join_path: string; includes: string[] }[];
};

const folder = join(import.meta.dirname, "../model");
const compiler = createRequire(requireFromCube.resolve("@cubejs-backend/server-core")).resolve(
  "@cubejs-backend/schema-compiler",
);
const yaml = createRequire(compiler)("js-yaml") as { load(text: string): { cubes?: Cube[]; views?: View[] } };

describe("the model", () => {
  const cubes = new Map<string, Cube>();
  const shown: View[] = [];
  beforeAll(() => {
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".yml"),
    )) {
      const parsed = yaml.load(readFileSync(join(folder, file), "utf8"));
      for (const cube of parsed.cubes ?? []) cubes.set(cube.name, cube);
      shown.push(...(parsed.views ?? []));
    }
  });

  it("shows exactly the views that have one permission each, and the permission exists", () => {
    expect(shown.map(({ name }) => name).sort()).toEqual(Object.keys(views).sort());
    for (const { name } of shown) expect(Object.keys(permissions)).toContain(ruleOf(name)?.permission);
  });

  it("keeps every cube private, on one mart each, with the clock of the marts", () => {
    for (const cube of cubes.values()) {
      expect(cube.public, cube.name).toBe(false);
      if (cube.name === "scoped") continue;
      const source = cube.sql_table ?? /^SELECT \* FROM (\S+) WHERE /.exec(cube.sql ?? "")?.[1];
      expect(source, cube.name).toMatch(/^marts\.[a-z_]+$/);
      expect(cube, cube.name).toMatchObject({
        extends: "scoped",
        refresh_key: { every: "1 second", sql: "SELECT version FROM marts.mart_clock" },
      });
    }
  });

  it("gives every view what row security compares, and the member that names a row's organisation", () => {
    const needed = ["tenant_id", "tree_version", ...Array.from({ length: 10 }, (_, level) => `scope_l${level}`)];
    for (const view of shown) {
      const included = view.cubes.flatMap(({ includes }) => includes);
      expect(view.cubes, `${view.name} reads one mart`).toHaveLength(1);
      expect(included, view.name).toEqual(
        expect.arrayContaining([...needed, ruleOf(view.name)?.org ?? "", "as_of", "as_of_lsn"]),
      );
    }
  });

  it("describes every member that is shown, in both languages", () => {
    for (const view of shown) {
      expect(view.description, view.name).toMatch(/\p{Script=Han}/u);
      for (const { join_path, includes } of view.cubes) {
        const cube = cubes.get(join_path);
        const members = [cube, cubes.get("scoped")].flatMap((one) => [
          ...(one?.dimensions ?? []),
          ...(one?.measures ?? []),
        ]);
        for (const name of includes) {
          const member = members.find((candidate) => candidate.name === name);
          expect(member?.description, `${view.name}.${name}`).toMatch(/\p{Script=Han}/u);
          expect(member?.meta?.en, `${view.name}.${name}`).toMatch(/[A-Za-z]/);
        }
      }
    }
  });

  it("holds no name, number or free text of a person", () => {
    const forbidden = /(^|_)(name|pinyin|student_no|phone|id_number|email|address|title|reason|note)($|_)/;
    const names = shown.flatMap((view) => view.cubes.flatMap(({ includes }) => includes));
    expect(names.filter((name) => forbidden.test(name) && !name.startsWith("org_"))).toEqual([]);
  });
});
