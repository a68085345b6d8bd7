import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestPostgres } from "@xianfeng/stack/testing";

/**
 * `npm run mutants`: takes each guard of guards.json out of the code, one at a time, and shows that the test named for it goes red.
 * A guard whose removal no test notices is not guarded. `npm run mutants -- meeting` tries those whose name holds the word.
 */
type Guard = {
  /** What is kept out, in words. */
  guard: string;
  file: string;
  /** Text that stands in the file exactly once, and what stands there when the guard is off. */
  switch: { from: string; to: string };
  /** The test that goes red: its package's folder, its file, and its name or a part of it. */
  test: { folder: string; file: string; name: string };
};

const root = join(import.meta.dirname, "..");
const guards = JSON.parse(readFileSync(join(root, "guards.json"), "utf8")) as Guard[];
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const chosen = guards.filter(({ guard, file }) => words.every((word) => guard.includes(word) || file.includes(word)));

const postgres = await startTestPostgres();
const env = { ...process.env, XF_TEST_POSTGRES_URL: postgres.url, NO_COLOR: "1" };

/** Runs one test; answers how many passed and failed. */
function runTest({ folder, file, name }: Guard["test"]): { passed: number; failed: number } {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const args = ["run", file, "-t", escaped, "--reporter=json", "--silent"];
  const { stdout } = spawnSync(join(root, "node_modules/.bin/vitest"), args, {
    cwd: join(root, folder),
    env,
    encoding: "utf8",
    timeout: 300_000,
    maxBuffer: 50_000_000,
  });
  const json = stdout.slice(stdout.indexOf("{"));
  try {
    const { numPassedTests, numFailedTests, success } = JSON.parse(json) as {
      numPassedTests: number;
      numFailedTests: number;
      success: boolean;
    };
    return { passed: numPassedTests, failed: numFailedTests || (success ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

let passed = 0;
let failed = 0;
const tell = (good: boolean, guard: Guard, words: string) => {
  if (good) passed++;
  else failed++;
  process.stdout.write(`${good ? "✓" : "✗"} ${guard.guard}: ${words}\n`);
};

try {
  for (const guard of chosen) {
    const path = join(root, guard.file);
    const original = readFileSync(path, "utf8");
    if (original.split(guard.switch.from).length !== 2) {
      tell(false, guard, `the switch does not stand exactly once in ${guard.file}`);
      continue;
    }
    const before = runTest(guard.test);
    if (before.passed === 0 || before.failed > 0) {
      tell(
        false,
        guard,
        `"${guard.test.name}" is not green to begin with (${before.passed} passed, ${before.failed} failed)`,
      );
      continue;
    }
    try {
      writeFileSync(
        path,
        original.replace(guard.switch.from, () => guard.switch.to),
      );
      const after = runTest(guard.test);
      tell(
        after.failed > 0,
        guard,
        after.failed > 0 ? `red without it (${guard.test.name})` : `nothing noticed its removal (${guard.test.name})`,
      );
    } finally {
      writeFileSync(path, original);
    }
  }
} finally {
  await postgres.stop();
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
