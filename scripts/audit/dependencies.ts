import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A step of `npm test`: no dependency with a known fault of severity high or critical.
 * Asks the registry for advisories; one that has none to give, or no network, is said and is no failure. The list of lowest safe versions
 * (`lowest-safe.json`) is compared with the lockfile in any case. Exceptions stand in `allowed.json`, each with a day on which it ends.
 */
export type Fault = { package: string; version: string; severity: string; advisory: string; why: string };
export type LowestSafe = Omit<Fault, "version"> & { safe: string[] };
export type Allowed = { advisory: string; package: string; version: string; until: string; reason: string };
/** What the registry knows; `null` when it could not be asked, with the reason in words. */
export type Asked = { faults: Fault[] } | { faults: null; because: string };

type Installed = { package: string; version: string };

/** Every package and version in a lockfile of pnpm. */
export function installed(lockfile: string): Installed[] {
  const section = /^packages:\n([\s\S]*?)(?=^\S)/m.exec(`${lockfile}\nend:`)?.[1] ?? "";
  return [...section.matchAll(/^ {2}'?((?:@[^/'\s]+\/)?[^@'\s]+)@(\d[^:'\s(]*)'?:/gm)].map(
    ([, name = "", version = ""]) => ({ package: name, version }),
  );
}

const numbers = (version: string): number[] => (version.split(/[-+]/)[0] ?? "").split(".").map(Number);

/** Negative when one is older. A pre-release is older than its release. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [numbers(one), numbers(other)];
  for (let at = 0; at < 3; at++) if ((a[at] ?? 0) !== (b[at] ?? 0)) return (a[at] ?? 0) - (b[at] ?? 0);
  return Number(other.includes("-")) - Number(one.includes("-"));
}

/** Measured by the lowest safe version of its own line of releases: of the same minor number, else of the same major one, else by the newest. */
function isSafe(version: string, safe: readonly string[]): boolean {
  const [major, minor] = numbers(version);
  const sameMajor = safe.filter((one) => numbers(one)[0] === major);
  const sameMinor = sameMajor.filter((one) => numbers(one)[1] === minor);
  const line = [sameMinor, sameMajor, safe].find((some) => some.length > 0) ?? [];
  return line.every((one) => compareVersions(version, one) >= 0);
}

/** Installed versions below the lowest safe one of their line of releases. */
export const belowSafe = (packages: readonly Installed[], list: readonly LowestSafe[]): Fault[] =>
  list.flatMap(({ safe, ...rule }) =>
    packages
      .filter((one) => one.package === rule.package && !isSafe(one.version, safe))
      .map(({ version }) => ({ ...rule, version })),
  );

type Advisory = {
  module_name?: string;
  severity?: string;
  github_advisory_id?: string;
  url?: string;
  title?: string;
  findings?: { version?: string }[];
};

/** What `pnpm audit --json` printed, as faults of high or critical severity. @throws when it is no such answer */
export function readAudit(text: string): Fault[] {
  const answer = JSON.parse(text) as { advisories?: Record<string, Advisory>; error?: { code?: string } };
  if (answer.error || typeof answer.advisories !== "object")
    throw new Error(answer.error?.code ?? "no advisories in it");
  return Object.values(answer.advisories)
    .filter(({ severity }) => severity === "high" || severity === "critical")
    .flatMap(({ module_name = "", severity = "", github_advisory_id, url, title = "", findings = [] }) =>
      [...new Set(findings.map(({ version = "" }) => version))].map((version) => ({
        package: module_name,
        version,
        severity,
        advisory: github_advisory_id ?? url ?? "",
        why: title,
      })),
    );
}

/** Asks the configured registry, through the package manager of the checkout. */
export function askRegistry(root: string, env: NodeJS.ProcessEnv = process.env): Promise<Asked> {
  const pnpm = join(root, ".tools/node_modules/pnpm/bin/pnpm.mjs");
  return new Promise((resolve) => {
    // Without a network the answer comes at once instead of after several tries.
    const once = { npm_config_fetch_retries: "0", pnpm_config_fetch_retries: "0" };
    const options = { cwd: root, env: { ...env, ...once }, timeout: 30_000, maxBuffer: 50_000_000 };
    execFile(process.execPath, [pnpm, "audit", "--json"], options, (error, stdout, stderr) => {
      try {
        resolve({ faults: readAudit(stdout) });
      } catch {
        const code = /ERR_PNPM_\w+|E[A-Z]{4,}/.exec(`${stdout}${stderr}`)?.[0];
        resolve({ faults: null, because: code ?? (error?.killed ? "no answer in time" : "no answer to read") });
      }
    });
  });
}

/** Exceptions that hold today, and what is wrong with the others. */
export function sortAllowed(allowed: readonly Allowed[], today: string): { holds: Allowed[]; over: Allowed[] } {
  return { holds: allowed.filter(({ until }) => until >= today), over: allowed.filter(({ until }) => until < today) };
}

/** @returns lines for the reader, `! ` before what must not be overlooked, and whether the step fails */
export function judge(
  { known, asked }: { known: Fault[]; asked: Asked },
  allowed: readonly Allowed[],
  today: string,
): { lines: string[]; fails: boolean } {
  const { holds, over } = sortAllowed(allowed, today);
  const isAllowed = (fault: Fault) =>
    holds.some(
      (one) => one.advisory === fault.advisory && one.package === fault.package && one.version === fault.version,
    );
  const faults = [...known, ...(asked.faults ?? [])].filter((fault) => !isAllowed(fault));
  const lines = faults.map(
    (fault) => `✗ ${fault.package}@${fault.version}: ${fault.severity}, ${fault.advisory} (${fault.why})`,
  );
  for (const one of over)
    lines.push(`✗ ${one.package}@${one.version}: the exception for ${one.advisory} ended on ${one.until}`);
  if (asked.faults === null)
    lines.push(
      `! advisories were not checked: the registry gave none (${asked.because}); only the list of lowest safe versions was compared`,
    );
  else lines.push(`advisories checked: ${asked.faults.length} of severity high or critical`);
  return { lines, fails: faults.length + over.length > 0 };
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "../..");
  const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8"));
  const packages = installed(readFileSync(join(root, "pnpm-lock.yaml"), "utf8"));
  const list = read("lowest-safe.json") as LowestSafe[];
  const { lines, fails } = judge(
    { known: belowSafe(packages, list), asked: await askRegistry(root) },
    read("allowed.json") as Allowed[],
    new Date().toISOString().slice(0, 10),
  );
  process.stdout.write(`${lines.join("\n")}\n`);
  process.stdout.write(`${packages.length} packages in the lockfile, ${list.length} with a lowest safe version\n`);
  process.exitCode = fails || packages.length === 0 ? 1 : 0;
}
