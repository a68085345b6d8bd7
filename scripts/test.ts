import { startTestPostgres } from "@xianfeng/stack/testing";
import { bin, foldersWith, type Lane, Lanes, seed, suite } from "./lanes.ts";

/**
 * `npm test`: everything that must hold, on real engines. `npm test -- meeting` runs the tests whose file names hold the word.
 * Each lane prints its time; the last line counts tests, a static check as one.
 */
const filter = process.argv.slice(2).filter((word) => !word.startsWith("--"));

const check = (name: string, ...command: string[]): Lane => ({ name, folder: ".", command });

const checks: Lane[] = [
  check("format and lint", bin("biome"), "ci", "--error-on-warnings", "."),
  check("types", bin("turbo"), "run", "typecheck", "--output-logs=errors-only"),
  check(
    "architecture",
    bin("depcruise"),
    "--output-type",
    "err",
    "packages",
    "apps",
    "cube/src",
    "warehouse",
    "e2e",
    "bench",
  ),
  check("dependencies", process.execPath, "scripts/audit/dependencies.ts"),
  // Whether each switch still stands in its file; `npm run mutants` throws them.
  check("guards", process.execPath, "scripts/mutants.ts", "--list"),
];
const suites = foldersWith("vitest.config.ts").map((folder) => suite(folder, filter));

process.stdout.write(`SEED=${seed}${filter.length > 0 ? `  filter: ${filter.join(" ")}` : ""}\n`);
const postgres = await startTestPostgres();
const lanes = new Lanes({ XF_TEST_POSTGRES_URL: postgres.url });
try {
  if (filter.length === 0) await lanes.run(checks);
  await lanes.run(suites);
} finally {
  await postgres.stop();
}
process.exitCode = lanes.finish();
