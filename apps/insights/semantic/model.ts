import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a member of the semantic layer is, in the words of its model. */
export type Meaning = { zh: string; en: string };

type Member = Partial<Meaning>;

/** The value of a `key: "…"` line. The model's strings are quoted as JSON quotes them. */
const quoted = (text: string): string => JSON.parse(text.slice(text.indexOf('"'), text.lastIndexOf('"') + 1)) as string;

/** `cube.member` → its description, from the text of one file of cubes. */
function readCubes(text: string): Map<string, Member> {
  const members = new Map<string, Member>();
  let [cube, member]: [string, Member | null] = ["", null];
  for (const line of text.split("\n")) {
    const name = /^( *)- name: (\w+)$/.exec(line);
    if (name?.[1]?.length === 2) [cube, member] = [name[2] ?? "", null];
    else if (name) {
      member = {};
      members.set(`${cube}.${name[2]}`, member);
    } else if (member && /^ +description: "/.test(line)) member.zh = quoted(line);
    else if (member && /^ +meta: \{ en: "/.test(line)) member.en = quoted(line);
  }
  return members;
}

/** `view.member` → `cube.member`, from the text of one file of views. */
function readViews(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let [view, cube] = ["", ""];
  for (const line of text.split("\n")) {
    const [, name] = /^ {2}- name: (\w+)$/.exec(line) ?? [];
    const [, path] = /^ +- join_path: (\w+)$/.exec(line) ?? [];
    const [, included] = /^ {10}- (\w+)$/.exec(line) ?? [];
    if (name) view = name;
    else if (path) cube = path;
    else if (included) members.set(`${view}.${included}`, `${cube}.${included}`);
  }
  return members;
}

/**
 * Meanings of the views' members, read from the model's own files: readers see the same definition that Cube serves. Cube's meta route
 * stays closed, so they are read when the pages are built.
 * @param folder the model, with `cubes` and `views`
 * @throws when a wanted member is not in the model, or has no description in both languages
 */
export function readMeanings(folder: string, wanted: readonly string[]): Record<string, Meaning> {
  const textsOf = (part: string) =>
    readdirSync(join(folder, part)).map((file) => readFileSync(join(folder, part, file), "utf8"));
  const cubes = new Map(textsOf("cubes").flatMap((text) => [...readCubes(text)]));
  const views = new Map(textsOf("views").flatMap((text) => [...readViews(text)]));
  return Object.fromEntries(
    wanted.map((member) => {
      const { zh, en } = cubes.get(views.get(member) ?? "") ?? {};
      if (!zh || !en) throw new Error(`the semantic layer does not describe ${member}`);
      return [member, { zh, en }];
    }),
  );
}
