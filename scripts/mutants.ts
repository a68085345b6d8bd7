import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { startTestPostgres } from "@xianfeng/stack/testing";

/**
 * `npm run mutants`: takes each guard of guards.json out of the code, one at a time, and shows that the test named for it goes red.
 * A guard whose removal no test notices is not guarded. `npm run mutants -- meeting` tries those whose name or file holds the word;
 * `-- --list` only checks that every switch stands exactly once.
 *
 * Everything happens in a copy of the checkout: a run that is killed leaves no guard off, and nobody's work is in its way.
 */
type Guard = {
  /** What is kept out, in words. */
  guard: string;
  file: string;
  /** Text that stands in the file exactly once, and what stands there when the guard is off. */
  switch: { from: string; to: string };
  /** The test that goes red: its package's folder, its file, and its full name or a part of it. */
  test: { folder: string; file: string; name: string };
};

const root = join(import.meta.dirname, "..");
const guards = JSON.parse(readFileSync(join(root, "guards.json"), "utf8")) as Guard[];
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const listOnly = process.argv.includes("--list");
const chosen = guards.filter(({ guard, file }) => words.every((word) => guard.includes(word) || file.includes(word)));

let passed = 0;
let failed = 0;
const tell = (good: boolean, { guard }: Guard, result: string) => {
  if (good) passed++;
  else failed++;
  process.stdout.write(`${good ? "✓" : "✗"} ${guard}: ${result}\n`);
};

/** Folders that a test does not need, or that are linked instead of copied. */
const left = new Set([".git", ".tools", ".xianfeng", ".turbo", ".next", ".react-router", ".ci", "coverage", "target"]);

/** A copy of the checkout. What was installed is linked; links between packages of the workspace stay inside the copy. */
function copyCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), "xianfeng-mutants-"));
  for (const entry of readdirSync(root)) {
    if (entry === "node_modules" || entry === ".tools") symlinkSync(join(root, entry), join(copy, entry));
    else if (!left.has(entry))
      cpSync(join(root, entry), join(copy, entry), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) =>
          !relative(root, path)
            .split("/")
            .some((part) => left.has(part) || part.startsWith(".vite")),
      });
  }
  return copy;
}

let running: ReturnType<typeof spawn> | undefined;

/** Runs Vitest to its end, seven minutes at most. @returns the end of what it said */
function runVitest(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, "node_modules/.bin/vitest"), args, {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running = child;
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => {
        said = (said + part.toString()).slice(-600);
      });
    const limit = setTimeout(() => child.kill("SIGKILL"), 420_000);
    child.once("error", reject);
    child.once("exit", () => {
      clearTimeout(limit);
      resolve(said);
    });
  });
}

type Outcome = { fullName: string; status: string };

/** Runs the named tests of one file. @returns what became of each test that ran; those left out by name are not among them */
async function runTests(
  place: string,
  { folder, file }: Guard["test"],
  names: readonly string[],
  env: NodeJS.ProcessEnv,
) {
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const report = join(place, folder, "mutants-report.json");
  rmSync(report, { force: true });
  const said = await runVitest(["run", file, "-t", pattern, "--reporter=json", `--outputFile=${report}`, "--silent"], {
    cwd: join(place, folder),
    env,
  });
  if (!existsSync(report)) return { outcomes: [], said };
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { assertionResults: Outcome[]; message?: string }[];
  };
  return {
    outcomes: testResults.flatMap(({ assertionResults }) => assertionResults),
    said: testResults
      .map(({ message }) => message ?? "")
      .join("\n")
      .slice(0, 600),
  };
}

/** Takes one guard out and looks whether its test fails; a file that does not even load is no answer. */
async function tryGuard(place: string, guard: Guard, env: NodeJS.ProcessEnv): Promise<void> {
  const path = join(place, guard.file);
  const original = readFileSync(path, "utf8");
  writeFileSync(
    path,
    original.replace(guard.switch.from, () => guard.switch.to),
  );
  try {
    const { outcomes, said } = await runTests(place, guard.test, [guard.test.name], env);
    const red = outcomes.filter(({ status }) => status === "failed").length;
    const ran = outcomes.some(({ status }) => status === "passed");
    if (red > 0) tell(true, guard, `red without it (${guard.test.name})`);
    else if (ran) tell(false, guard, `nothing noticed its removal (${guard.test.name})`);
    else tell(false, guard, `the test did not run: ${said}`);
  } finally {
    writeFileSync(path, original);
  }
}

const standing = chosen.filter((guard) => {
  const text = readFileSync(join(root, guard.file), "utf8");
  const stands = text.split(guard.switch.from).length === 2;
  if (!stands) tell(false, guard, `the switch does not stand exactly once in ${guard.file}`);
  else if (listOnly) tell(true, guard, guard.file);
  return stands;
});

if (!listOnly && standing.length > 0) {
  const place = copyCheckout();
  process.once("exit", () => {
    running?.kill("SIGKILL");
    rmSync(place, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const postgres = await startTestPostgres();
  const env = { ...process.env, XF_TEST_POSTGRES_URL: postgres.url, NO_COLOR: "1" };
  try {
    const files = Map.groupBy(standing, ({ test }) => `${test.folder}\n${test.file}`);
    for (const list of files.values()) {
      const [first] = list;
      if (!first) continue;
      const { outcomes, said } = await runTests(
        place,
        first.test,
        [...new Set(list.map(({ test }) => test.name))],
        env,
      );
      for (const guard of list) {
        const own = outcomes.filter(
          ({ fullName, status }) => fullName.includes(guard.test.name) && ["passed", "failed"].includes(status),
        );
        if (own.length > 0 && own.every(({ status }) => status === "passed")) await tryGuard(place, guard, env);
        else tell(false, guard, `"${guard.test.name}" is not green to begin with (${own.length} ran) ${said}`);
      }
    }
  } finally {
    await postgres.stop();
  }
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
