import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestPostgres } from "@xianfeng/stack/testing";

/**
 * `npm test`: everything that must hold, on real engines. `npm test -- meeting` runs the tests whose file names hold the word.
 * Each lane prints its time; the last line counts tests, a static check as one.
 */
const root = join(import.meta.dirname, "..");
const filter = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const results = mkdtempSync(join(tmpdir(), "xianfeng-test-"));
const seed = process.env.SEED ?? "20261122";

type Lane = { name: string; folder: string; command: string[]; vitest?: boolean };
type Outcome = { lane: Lane; passed: number; failed: number; output: string; seconds: number };

const bin = (name: string) => join(root, "node_modules/.bin", name);
const check = (name: string, ...command: string[]): Lane => ({ name, folder: ".", command });
const suite = (folder: string): Lane => ({
  name: folder,
  folder,
  vitest: true,
  command: [bin("vitest"), "run", ...filter],
});

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
];
// Pure and small first, the browser last: what breaks often is known early.
const suites = [
  "packages/env",
  "packages/ui",
  "packages/db",
  "packages/seed",
  "packages/auth",
  "packages/trpc",
  "packages/clickhouse",
  "packages/engine",
  "packages/stack",
  "packages/stream",
  "warehouse",
  "cube",
  "apps/insights",
  "apps/ops",
  "e2e",
]
  .filter((folder) => existsSync(join(root, folder, "vitest.config.ts")))
  .map(suite);

function run(lane: Lane, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const started = performance.now();
  const report = join(results, `${lane.name.replaceAll("/", "-")}.json`);
  const extra = lane.vitest
    ? ["--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
    : [];
  const [file = "", ...args] = [...lane.command, ...extra];
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: join(root, lane.folder), env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer) => {
      output = (output + chunk).slice(-60_000);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => take(Buffer.from(String(error))));
    child.on("close", (code) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ lane, output, seconds, ...count(lane, report, code) });
    });
  });
}

/** A suite that ended badly without naming a failed test (it did not load, it was killed) counts as one failure. */
function count(lane: Lane, report: string, code: number | null): { passed: number; failed: number } {
  if (!lane.vitest) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  if (!existsSync(report)) return { passed: 0, failed: code === 0 ? 0 : 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
  };
  return { passed: numPassedTests, failed: code === 0 ? numFailedTests : Math.max(1, numFailedTests) };
}

const outcomes: Outcome[] = [];
function tell(outcome: Outcome): void {
  outcomes.push(outcome);
  const { lane, passed, failed, seconds } = outcome;
  if (passed + failed === 0) return;
  process.stdout.write(
    `${failed > 0 ? "✗" : "✓"} ${lane.name.padEnd(22)} ${String(passed).padStart(5)} passed ${failed > 0 ? `${failed} FAILED ` : ""}${seconds.toFixed(1)} s\n`,
  );
  if (failed > 0) process.stdout.write(`${outcome.output}\n`);
}

process.stdout.write(`SEED=${seed}${filter.length > 0 ? `  filter: ${filter.join(" ")}` : ""}\n`);
const postgres = await startTestPostgres();
const env: NodeJS.ProcessEnv = {
  ...process.env,
  SEED: seed,
  XF_TEST_POSTGRES_URL: postgres.url,
  TURBO_TELEMETRY_DISABLED: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  FORCE_COLOR: "0",
  NO_COLOR: "1",
};
mkdirSync(results, { recursive: true });
try {
  if (filter.length === 0) for (const lane of checks) tell(await run(lane, env));
  for (const lane of suites) tell(await run(lane, env));
} finally {
  await postgres.stop();
  rmSync(results, { recursive: true, force: true });
}
const total = (key: "passed" | "failed") => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
process.stdout.write(`\n${total("passed")} passed, ${total("failed")} failed\n`);
process.exitCode = total("failed") > 0 || total("passed") === 0 ? 1 : 0;
