import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, type TestResult } from "./lanes.ts";
import { promises, provedBy } from "./promises.ts";

const resultsFile = join(root, "docs/reliability.json");
const pageFile = join(root, "docs/reliability.md");

/** The last time that a test ran. `measured` is what it has told of itself (`task.meta.measured`). */
type Line = TestResult & { at: string; commit: string };

/** At the beginning of a test's name or of a group's: "G5, FA14: …", "G1–G17: …". */
const numbers = /(?:^|> )((?:(?:G|FA)\d+(?:, |–)?)+):/;

/** The promises that a test is named after. */
export function promisesOf(name: string): string[] {
  const list = numbers.exec(name)?.[1] ?? "";
  return list.split(", ").flatMap((one) => {
    const [from = "", to] = one.split("–");
    if (!to) return from === "" ? [] : [from];
    const keys = Object.keys(promises);
    return keys.slice(keys.indexOf(from), keys.indexOf(to) + 1);
  });
}

/**
 * Notes the results of tests that prove a promise (docs/reliability.json) and writes the page from all that were ever noted: promise,
 * tests, last result. Tests that no longer exist are forgotten when `isWhole`.
 */
export function writeReliability(results: readonly TestResult[], options: { isWhole: boolean }): void {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const at = new Date().toISOString().slice(0, 10);
  const old = existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, "utf8")) as Line[]) : [];
  const proving = results
    .filter(({ name }) => promisesOf(name).length > 0)
    .map((result) => ({ ...result, at, commit }));
  const now = new Set(proving.map(keyOf));
  const lines = [...(options.isWhole ? [] : old.filter((line) => !now.has(keyOf(line)))), ...proving].sort((a, b) =>
    keyOf(a) < keyOf(b) ? -1 : 1,
  );
  writeFileSync(resultsFile, `${JSON.stringify(lines, null, 2)}\n`);
  writeFileSync(pageFile, page(lines));
}

const keyOf = ({ file, name }: { file: string; name: string }) => `${file} ${name}`;

function page(lines: readonly Line[]): string {
  const testsOf = (id: string) => lines.filter((line) => promisesOf(line.name).includes(id));
  const own = Object.keys(promises).filter((id) => testsOf(id).length > 0);
  const byOthers = (id: string) =>
    lines.filter(({ name }) => !own.includes(id) && provedBy[id]?.some((start) => name.startsWith(start)));
  const others = Object.keys(provedBy).filter((id) => byOthers(id).length > 0);
  const head = `# What is promised, and the last result

Written by \`npm run prove\`: each promise, the tests that are named after it, and how the last run of each ended. Do not edit; the promises stand in
scripts/promises.ts, the results in docs/reliability.json. ${own.length} of ${Object.keys(promises).length} promises have a test of their own name, ${others.length} are proved by the tests of another one, which the row names; ${lines.filter(({ state }) => state === "passed").length} of
${lines.length} tests passed when they last ran.
`;
  const rows = Object.entries(promises).flatMap(([id, text]) => {
    const [tests, proving] = [testsOf(id), byOthers(id)];
    if (proving.length > 0)
      return proving.map(
        ({ name, state }, index) =>
          `| ${index === 0 ? `${id} | ${text}` : " | "} | proved by ${cell(name)} | ${state}, see ${promisesOf(name).join(", ")} |`,
      );
    if (tests.length === 0) return [`| ${id} | ${text} | no test of this name | – |`];
    return tests.map((line, index) => {
      const told = line.measured ? `; ${line.measured}` : "";
      const result = `${line.state}, ${line.at}, ${line.commit}, ${line.seconds.toFixed(1)} s${told}`;
      return `| ${index === 0 ? `${id} | ${text}` : " | "} | ${cell(line.name)} (${line.file}) | ${cell(result)} |`;
    });
  });
  return `${head}
| | promise | test | last result |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "\\<");
