import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";

/** The checkout. */
export const root = join(import.meta.dirname, "..");

/** The seed of every random test; `SEED=` overrides it. */
export const seed = process.env.SEED ?? "20261122";

/** The folders that hold a file of this name, small parts first and the whole platform last. A new package is in by itself. */
export function foldersWith(file: string): string[] {
  const below = (parent: string) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${parent}/${entry.name}`)
      .sort();
  return [...below("packages"), "warehouse", "cube", ...below("apps"), "e2e"].filter((folder) =>
    existsSync(join(root, folder, file)),
  );
}

export const bin = (name: string) => join(root, "node_modules/.bin", name);

/** Folder of the package manager that the bootstrap brought: turbo asks it for the workspace. */
function packageManager(): string {
  const folder = join(root, ".tools/node_modules/@pnpm");
  const name = existsSync(folder) ? readdirSync(folder).find((entry) => entry.startsWith("exe.")) : undefined;
  return name ? join(folder, name) : "";
}

/** One command of a run. A suite of Vitest counts its tests, any other command counts as one. */
export type Lane = { name: string; folder: string; command: string[]; vitest?: boolean };

/** A suite of Vitest in a folder, with a configuration file of its own if one is named; `filter` are words in file names and options. */
export const suite = (folder: string, filter: readonly string[], config = "vitest.config.ts"): Lane => ({
  name: config === "vitest.config.ts" ? folder : `${folder} (${config.split(".")[1]})`,
  folder,
  vitest: true,
  command: [bin("vitest"), "run", "--config", config, ...filter],
});

/** A test that has run. `measured` is what it tells of itself by `task.meta.measured`. */
export type TestResult = { file: string; name: string; state: string; seconds: number; measured?: string };

type Count = { passed: number; failed: number; tests: TestResult[] };
type Outcome = Count & { lane: Lane; output: string; seconds: number };

/** What we read of Vitest's report. */
type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    assertionResults: {
      ancestorTitles: string[];
      title: string;
      status: string;
      duration?: number | null;
      meta?: { measured?: string };
    }[];
  }[];
};

/** Runs lane after lane and prints a line for each, the whole output of one that failed, and the sum at the end: `N passed, N failed`. */
export class Lanes {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #reports = mkdtempSync(join(tmpdir(), "xianfeng-test-"));
  readonly #outcomes: Outcome[] = [];

  /** @param environment added to our own */
  constructor(environment: Record<string, string>) {
    this.#environment = {
      ...process.env,
      PATH: [packageManager(), process.env.PATH].join(delimiter),
      SEED: seed,
      TURBO_TELEMETRY_DISABLED: "1",
      NEXT_TELEMETRY_DISABLED: "1",
      DO_NOT_TRACK: "1",
      FORCE_COLOR: "0",
      NO_COLOR: "1",
      ...environment,
    };
  }

  async run(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) this.#tell(await this.#outcome(lane));
  }

  /** Every test that has run so far. */
  get tests(): TestResult[] {
    return this.#outcomes.flatMap(({ tests }) => tests);
  }

  /** Prints the last line. @returns the exit code: nothing run is no success */
  finish(): number {
    rmSync(this.#reports, { recursive: true, force: true });
    const total = (key: "passed" | "failed") => this.#outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
    process.stdout.write(`\n${total("passed")} passed, ${total("failed")} failed\n`);
    return total("failed") > 0 || total("passed") === 0 ? 1 : 0;
  }

  #outcome(lane: Lane): Promise<Outcome> {
    const started = performance.now();
    const report = join(this.#reports, `${lane.name.replaceAll(/[^\w.]+/g, "-")}.json`);
    const extra = lane.vitest
      ? ["--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
      : [];
    const [file = "", ...args] = [...lane.command, ...extra];
    return new Promise((resolve) => {
      const child = spawn(file, args, {
        cwd: join(root, lane.folder),
        env: this.#environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
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

  #tell(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    const { lane, passed, failed, seconds, output } = outcome;
    if (passed + failed === 0) return;
    process.stdout.write(
      `${failed > 0 ? "✗" : "✓"} ${lane.name.padEnd(22)} ${String(passed).padStart(5)} passed ${failed > 0 ? `${failed} FAILED ` : ""}${seconds.toFixed(1)} s\n`,
    );
    if (failed > 0) process.stdout.write(`${output}\n`);
    // What a check could not look at is said, also when nothing failed.
    else if (!lane.vitest)
      for (const line of output.split("\n").filter((text) => text.startsWith("! ")))
        process.stdout.write(`  ${line}\n`);
  }
}

/** A suite that ended badly without naming a failed test (it did not load, it was killed) counts as one failure. */
function count(lane: Lane, file: string, code: number | null): Count {
  if (!lane.vitest) return code === 0 ? { passed: 1, failed: 0, tests: [] } : { passed: 0, failed: 1, tests: [] };
  if (!existsSync(file)) return { passed: 0, failed: code === 0 ? 0 : 1, tests: [] };
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const tests = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "passed" || status === "failed")
      .map((test) => ({
        file: relative(root, name),
        name: [...test.ancestorTitles, test.title].join(" > "),
        state: test.status,
        seconds: (test.duration ?? 0) / 1000,
        ...(test.meta?.measured ? { measured: test.meta.measured } : {}),
      })),
  );
  const { numPassedTests: passed, numFailedTests: failed } = report;
  return { passed, failed: code === 0 ? failed : Math.max(1, failed), tests };
}
