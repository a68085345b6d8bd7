import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { markOf } from "../src/processes.ts";
import { root } from "../src/settings.ts";
import { temporaryFolder } from "./temporary.ts";

// A Python environment takes seconds to make, on a busy machine many.
vi.setConfig({ testTimeout: 180_000 });

/** A checkout in small: real bootstrap, real Python, and package managers that only write down that they were called. */
function smallCheckout() {
  const folder = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const manifest = (path: string, name: string, more: object = {}) =>
    write(`${path}/package.json`, JSON.stringify({ name, ...more }));
  cpSync(join(root, "scripts/bootstrap"), join(folder, "scripts/bootstrap"), { recursive: true });
  cpSync(join(root, "scripts/bootstrap.mjs"), join(folder, "scripts/bootstrap.mjs"));
  manifest(".", "small");
  write("pnpm-lock.yaml", "lock");
  write("pnpm-workspace.yaml", "packages");
  write("warehouse/requirements.txt", "# nothing\n");
  manifest("packages/db", "@x/db", { scripts: { generate: "echo generate >> ../../ran; mkdir -p src/generated" } });
  write("packages/db/prisma/schema.prisma", "model");
  manifest("packages/ui", "@x/ui");
  write("packages/ui/src/button.ts", "export {}");
  const build = (made: string) => ({
    build: `echo build $(basename $PWD) >> ../../ran; mkdir -p $(dirname ${made}); touch ${made}`,
  });
  manifest("apps/ops", "@x/ops", { dependencies: { "@x/ui": "workspace:*" }, scripts: build(".next/BUILD_ID") });
  manifest("apps/insights", "@x/insights", { scripts: build("build/server") });
  write(
    "packages/stack/src/cli.ts",
    'process.stdout.write(["handed", ...process.argv.slice(2), typeof process.send].join(" ")); process.exit(5);',
  );

  write(
    "fake/pnpm.mjs",
    'import fs from "node:fs"; fs.appendFileSync("ran", "pnpm\\n"); fs.mkdirSync("node_modules", { recursive: true }); fs.writeFileSync("node_modules/.modules.yaml", "");',
  );
  write(
    "fake/npm-cli.js",
    `const fs = require("node:fs"); fs.appendFileSync("../ran", "npm\\n");
     fs.mkdirSync("node_modules/pnpm/bin", { recursive: true }); fs.copyFileSync("../fake/pnpm.mjs", "node_modules/pnpm/bin/pnpm.mjs");`,
  );
  write("fake/package.json", "{}");

  function bootstrap(...args: string[]) {
    rmSync(join(folder, "ran"), { force: true });
    const result = spawnSync(process.execPath, [join(folder, "scripts/bootstrap.mjs"), ...args], {
      env: { PATH: process.env.PATH, npm_execpath: join(folder, "fake/npm-cli.js") },
      encoding: "utf8",
      timeout: 60_000,
    });
    const ran = existsSync(join(folder, "ran")) ? readFileSync(join(folder, "ran"), "utf8").trim().split("\n") : [];
    return { code: result.status, text: result.stdout + result.stderr, ran };
  }
  return { folder, write, bootstrap };
}

test("a first run does every step, a second one none; a change repeats what depends on it and nothing else", () => {
  const { folder, write, bootstrap } = smallCheckout();
  const first = bootstrap("prepare");
  expect(first.text).toContain("✓");
  expect(first).toMatchObject({ code: 0, ran: ["npm", "pnpm", "generate", "build ops", "build insights"] });
  expect(existsSync(join(folder, ".tools/venv/bin/python"))).toBe(true);

  expect(bootstrap("prepare")).toEqual({ code: 0, text: "", ran: [] });

  write("packages/ui/src/button.ts", "export const changed = 1;");
  expect(bootstrap("prepare").ran).toEqual(["build ops"]);
  write("packages/ui/test/button.test.ts", "a test is no source");
  expect(bootstrap("prepare").ran).toEqual([]);
  write("packages/db/prisma/schema.prisma", "model changed");
  expect(bootstrap("prepare").ran).toEqual(["generate"]);
  write("warehouse/requirements.txt", "# nothing new\n");
  const python = bootstrap("prepare");
  expect([python.ran, python.text.includes("Python")]).toEqual([[], true]);
  write("pnpm-lock.yaml", "another lock");
  expect(bootstrap("prepare").ran).toEqual(["pnpm", "generate", "build ops", "build insights"]);
  rmSync(join(folder, "apps/insights/build"), { recursive: true });
  expect(bootstrap("prepare").ran).toEqual(["build insights"]);
});

test("a step that fails shows its words, ends with 1, and is done again; finished steps are kept", () => {
  const { folder, bootstrap } = smallCheckout();
  const file = join(folder, "apps/ops/package.json");
  const whole = readFileSync(file, "utf8");
  writeFileSync(file, whole.replace("echo build", "echo cannot find the root route; exit 3; echo build"));
  const failed = bootstrap("prepare");
  expect(failed.code).toBe(1);
  expect(failed.text).toContain("cannot find the root route");
  expect(failed.text).toContain("exit 3");
  expect(bootstrap("prepare")).toMatchObject({ code: 1, ran: [] });
  writeFileSync(file, whole);
  expect(bootstrap("prepare")).toMatchObject({ code: 0, ran: ["pnpm", "generate", "build ops", "build insights"] });
});

test("a command is handed on with its arguments and its exit code", () => {
  const { bootstrap } = smallCheckout();
  expect(bootstrap("status", "--json")).toMatchObject({ code: 1, text: expect.stringContaining("npm start") });
  bootstrap("prepare");
  expect(bootstrap("status", "--json")).toEqual({ code: 5, text: "handed status --json function", ran: [] });
  expect(bootstrap("nonsense").code).toBe(2);
});

test("while the platform runs its builds stay as they are, and a second start only hands on", () => {
  const { write, bootstrap } = smallCheckout();
  bootstrap("prepare");
  write(".env", 'STATE_DIR="state"\n');
  write("state/run/stack.lock", JSON.stringify(markOf(process.pid)));
  write("packages/ui/src/button.ts", "export const changed = 1;");
  const test = bootstrap("test");
  expect([test.code, test.ran]).toEqual([1, []]);
  expect(test.text).toContain("npm stop");
  expect(bootstrap("start")).toEqual({ code: 5, text: "handed start function", ran: [] });
});
