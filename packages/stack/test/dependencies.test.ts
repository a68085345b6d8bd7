import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  type Allowed,
  askRegistry,
  belowSafe,
  compareVersions,
  installed,
  judge,
  type LowestSafe,
  readAudit,
} from "../../../scripts/audit/dependencies.ts";

const root = join(import.meta.dirname, "../../..");
const read = <Shape>(name: string) => JSON.parse(readFileSync(join(root, "scripts/audit", name), "utf8")) as Shape;
const packages = installed(readFileSync(join(root, "pnpm-lock.yaml"), "utf8"));
const list = read<LowestSafe[]>("lowest-safe.json");
const known = (name: string, version: string) => belowSafe([{ package: name, version }], list).length > 0;
const fault = { package: "a", version: "1.0.0", severity: "high", advisory: "CVE-1", why: "w" };
const allowed: Allowed = { advisory: "CVE-1", package: "a", version: "1.0.0", until: "2026-12-31", reason: "r" };

test("the lockfile is read whole: scoped names, several versions of one package", () => {
  expect(packages.length).toBeGreaterThan(500);
  for (const name of ["next", "react-router", "@trpc/server", "better-auth", "@cubejs-backend/server", "exceljs"])
    expect(packages.map((one) => one.package)).toContain(name);
  expect(new Set(packages.filter((one) => one.package === "semver").map((one) => one.version)).size).toBeGreaterThan(1);
});

test.each([
  ["next", "16.3.2", true],
  ["next", "16.3.3", false],
  ["next", "16.4.6", false],
  ["next", "15.9.9", true],
  ["react-dom", "19.1.1", true],
  ["react-dom", "19.1.2", false],
  ["react-dom", "19.3.1", false],
  ["react-dom", "19.2.1-canary.1", true],
  ["ws", "7.5.9", true],
  ["ws", "7.5.14", false],
  ["ws", "8.16.0", true],
  ["xlsx", "0.18.5", true],
  ["left-pad", "0.0.1", false],
])("%s %s below its lowest safe version: %s", (name, version, below) => expect(known(name, version)).toBe(below));

test("versions are compared by number", () => {
  expect(compareVersions("1.10.0", "1.9.9")).toBeGreaterThan(0);
  expect(compareVersions("2.0.0-rc.1", "2.0.0")).toBeLessThan(0);
  expect(compareVersions("1.2.3", "1.2.3")).toBe(0);
});

test("every exception names what is installed, gives a reason and an end within half a year", () => {
  for (const one of read<Allowed[]>("allowed.json")) {
    expect(packages).toContainEqual({ package: one.package, version: one.version });
    expect(one.reason.length).toBeGreaterThan(20);
    expect(one.until).toMatch(/^\d{4}-\d\d-\d\d$/);
  }
});

test("a fault fails the step unless an exception holds for just this version today", () => {
  const asked = { faults: [] };
  const fails = (exceptions: Allowed[], today = "2026-11-22") =>
    judge({ known: [fault], asked }, exceptions, today).fails;
  expect(fails([])).toBe(true);
  expect(fails([allowed])).toBe(false);
  expect(fails([{ ...allowed, version: "1.0.1" }])).toBe(true);
  expect(fails([{ ...allowed, advisory: "CVE-2" }])).toBe(true);
  expect(fails([allowed], "2027-01-01")).toBe(true);
  // An exception that has ended is taken out or given a new day, also when its fault is gone.
  expect(judge({ known: [], asked }, [allowed], "2027-01-01").fails).toBe(true);
  expect(judge({ known: [], asked: { faults: [fault] } }, [], "2026-11-22").fails).toBe(true);
});

test("a registry without advisories is said and fails nothing", () => {
  const { lines, fails } = judge({ known: [], asked: { faults: null, because: "405" } }, [], "2026-11-22");
  expect([fails, lines]).toEqual([false, [expect.stringMatching(/^! advisories were not checked.*405/)]]);
  expect(() => readAudit("<html>")).toThrow();
  expect(() => readAudit('{"error":{"code":"ENOAUDIT"}}')).toThrow("ENOAUDIT");
});

/** The package manager itself, asking a registry that answers as the real one does. */
async function registry(answer: object | null): Promise<NodeJS.ProcessEnv> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(answer ? 200 : 405, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: "no" }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { ...process.env, npm_config_registry: url, pnpm_config_registry: url };
}

test("advisories of the registry are taken from what the package manager says about them", async () => {
  const advisory = (severity: string) => ({
    id: 1,
    url: "https://github.com/advisories/GHSA-test-test-test",
    title: "a fault",
    severity,
    vulnerable_versions: "<99.0.0",
    cwe: [],
    cvss: { score: 9, vectorString: null },
  });
  const asked = await askRegistry(
    root,
    await registry({ next: [advisory("critical")], exceljs: [advisory("moderate")] }),
  );
  expect(asked.faults?.map((one) => [one.package, one.severity])).toEqual([["next", "critical"]]);
  expect(asked.faults?.[0]?.version).toBe(packages.find((one) => one.package === "next")?.version);
});

test("a registry that refuses the question is not taken for one without faults", async () => {
  expect((await askRegistry(root, await registry(null))).faults).toBeNull();
  const nobody = "http://127.0.0.1:9/";
  const away = await askRegistry(root, { ...process.env, npm_config_registry: nobody, pnpm_config_registry: nobody });
  expect(away.faults).toBeNull();
});
