// Brings the tools, then runs a command of the platform. No dependencies, Node 20 is enough: everything else is fetched
// from the npm and Python registries into .tools/. A step whose inputs have not changed is skipped without any network.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const nodeVersion = "24.21.0";
const pnpmVersion = "12.21.0";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tools = join(root, ".tools");
const stamps = join(tools, "stamps");

const commands = {
  start: { prepare: true, entry: "packages/stack/src/cli.ts", pass: ["start"] },
  stop: { entry: "packages/stack/src/cli.ts", pass: ["stop"] },
  status: { entry: "packages/stack/src/cli.ts", pass: ["status"] },
  reset: { entry: "packages/stack/src/cli.ts", pass: ["reset"] },
  doctor: { entry: "packages/stack/src/cli.ts", pass: ["doctor"] },
  recover: { entry: "packages/stack/src/cli.ts", pass: ["recover"] },
  logs: { entry: "packages/stack/src/cli.ts", pass: ["logs"] },
  test: { prepare: true, entry: "scripts/test.ts", pass: [] },
  prove: { prepare: true, entry: "scripts/prove.ts", pass: [] },
  bench: { prepare: true, entry: "bench/src/main.ts", pass: [] },
  mutants: { prepare: true, entry: "scripts/mutants.ts", pass: [] },
  prepare: { prepare: true },
};

class StepError extends Error {}

const say = (text) => process.stdout.write(`${text}\n`);

/** Which Node 24 to use: the one that runs us, if new enough; else the one in .tools, which may have to be fetched. */
const ownIsNewEnough = Number(process.versions.node.split(".")[0]) >= 24;
const nodePackage = `node-${process.platform}-${process.arch}`;
const nodeFolder = ownIsNewEnough ? dirname(process.execPath) : join(tools, "node_modules", nodePackage, "bin");
const node = ownIsNewEnough ? process.execPath : join(nodeFolder, "node");
const venvPython = join(tools, "venv", "bin", "python");

// What npm tells its scripts would mislead a nested npm or pnpm; a registry or proxy given by a person must stay.
const ofOuterNpm =
  /^(npm_(?!config_)|npm_config_(.*prefix|global.*|dry_run|omit|workspaces?)$|NODE_OPTIONS$|INIT_CWD$)/i;

/** The environment of the tools. */
function toolEnvironment(more = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !ofOuterNpm.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: [nodeFolder, join(tools, "venv", "bin"), join(root, "node_modules", ".bin"), process.env.PATH].join(
      delimiter,
    ),
    CI: "1",
    NO_UPDATE_NOTIFIER: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    CHECKPOINT_DISABLE: "1",
    DO_NOT_TRACK: "1",
    ...more,
  };
}

/**
 * Runs a program to its end. While it works, a line every ten seconds says so and shows its last words; its whole output
 * is shown only when it fails.
 */
function run(command, args, { cwd = root, env = {}, minutes = 10 } = {}) {
  return new Promise((resolve, refuse) => {
    const child = spawn(command, args, {
      cwd,
      env: toolEnvironment(env),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        output = (output + chunk).slice(-200_000);
      });
    const began = Date.now();
    const lastWords = () => output.trimEnd().split("\n").at(-1)?.trim().slice(0, 100) ?? "";
    const progress = setInterval(() => {
      say(`      … ${Math.round((Date.now() - began) / 1000)} s  ${lastWords()}`);
    }, 10_000);
    const endGroup = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    };
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup();
    }, minutes * 60_000);
    const stop = () => {
      endGroup();
      process.exit(130);
    };
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, stop);
    const over = () => {
      clearInterval(progress);
      clearTimeout(limit);
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(name, stop);
    };
    child.on("error", (error) => {
      over();
      refuse(new StepError(`${command}: ${error.message}`));
    });
    child.on("close", (code) => {
      over();
      if (code === 0) return resolve(output);
      const why = late ? `超过 ${minutes} 分钟，已中止 (took too long)` : `失败 (failed, exit ${code})`;
      refuse(
        new StepError(
          `${basename(command)} ${args.slice(0, 4).join(" ")} ${why}\n${output.trimEnd().split("\n").slice(-40).join("\n")}`,
        ),
      );
    });
  });
}

// --- stamps: a step is done when the hash of its inputs is the one of its last success -----------------------------

const madeFolders = new Set([
  "node_modules",
  ".next",
  ".react-router",
  ".turbo",
  "build",
  "dist",
  "coverage",
  "generated",
  "test",
  "tests",
]);

/** Hash of files and folders (those that are made, and tests, left out), and of any further text. */
function digest(paths, ...texts) {
  const hash = createHash("sha256");
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return void hash.update(`${path} missing\n`);
    const entries = readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = join(path, entry.name);
      if (entry.isDirectory() && !madeFolders.has(entry.name)) add(name);
      else if (entry.isFile() && entry.name !== "next-env.d.ts") addFile(name);
    }
  };
  const addFile = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  for (const path of paths)
    if (/\.[a-z]+$/.test(path) && existsSync(join(root, path))) addFile(path);
    else add(path);
  for (const text of texts) hash.update(`${text}\n`);
  return hash.digest("hex");
}

const stampOf = (name) => (existsSync(join(stamps, name)) ? readFileSync(join(stamps, name), "utf8") : "");

function setStamp(name, value) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), value);
}

/** Folders of the workspace packages by name. */
function workspace() {
  const found = new Map();
  for (const parent of ["packages", "apps", "."]) {
    const folders =
      parent === "." ? ["cube", "bench", "e2e"] : readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
    for (const folder of folders) {
      const file = join(root, folder, "package.json");
      if (existsSync(file)) found.set(JSON.parse(readFileSync(file, "utf8")).name, folder);
    }
  }
  return found;
}

/** The folder of a package and of all workspace packages it needs at run time. */
function withDependencies(folder, packages, seen = new Set()) {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies))
    if (packages.has(name)) withDependencies(packages.get(name), packages, seen);
  return seen;
}

// --- steps ----------------------------------------------------------------------------------------------------------

/** Each step: what it is called, whether it is done, how it is done. `input` is stamped after success. */
function steps() {
  const manifests = [...workspace().values()].map((folder) => `${folder}/package.json`).sort();
  const lock = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests];
  const installed = digest(lock, nodeVersion, pnpmVersion, process.platform, process.arch);
  return [
    {
      name: "tools",
      title: "Node 24 与 pnpm (tools)",
      input: `${nodeVersion} ${pnpmVersion} ${ownIsNewEnough}`,
      made: toolFiles(),
      work: installTools,
    },
    {
      name: "dependencies",
      title: "npm 依赖 (npm dependencies)",
      input: installed,
      made: [join(root, "node_modules", ".modules.yaml")],
      work: installDependencies,
    },
    {
      name: "python",
      title: "dbt 环境 (Python environment)",
      input: digest(["warehouse/requirements.txt"], root),
      made: [venvPython],
      work: installPython,
    },
    {
      name: "generate",
      title: "数据库客户端 (database client)",
      input: digest(["packages/db/prisma", "packages/db/prisma.config.ts"], installed),
      made: [join(root, "packages/db/src/generated")],
      work: () =>
        packageScript("packages/db", "generate", 5, {
          PRISMA_SCHEMA_ENGINE_BINARY: node,
          PRISMA_HIDE_UPDATE_MESSAGE: "1",
        }),
    },
    build("ops", "业务端 (operational app)", ".next/BUILD_ID", installed),
    build("insights", "分析端 (analytics app)", "build/server", installed),
  ];
}

function build(app, title, made, installed) {
  const folder = `apps/${app}`;
  const sources = [...withDependencies(folder, workspace()), "tsconfig.base.json"];
  const work = () => packageScript(folder, "build", 15, { NODE_ENV: "production" });
  return { name: `build-${app}`, title, input: digest(sources, installed), made: [join(root, folder, made)], work };
}

function toolFiles() {
  const pnpm = join(tools, "node_modules", "pnpm", "bin", "pnpm.mjs");
  return ownIsNewEnough ? [pnpm] : [pnpm, node];
}

/** npm as it was called, or the one beside it; npm is the only tool that is taken for granted. */
function npmCommand() {
  const called = process.env.npm_execpath ?? "";
  return basename(called) === "npm-cli.js" ? [process.execPath, [called]] : ["npm", []];
}

async function installTools() {
  if (process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime)
    throw new StepError(
      "内置引擎需要 glibc，Alpine 等 musl 系统不能运行 (the embedded engines need glibc; Alpine cannot run them)。",
    );
  mkdirSync(tools, { recursive: true });
  const [command, first] = npmCommand();
  const wanted = [`pnpm@${pnpmVersion}`, ...(ownIsNewEnough ? [] : [`${nodePackage}@${nodeVersion}`])];
  const flags = ["--prefix", tools, "--ignore-scripts", "--save-exact", "--no-audit", "--no-fund", "--no-package-lock"];
  await run(command, [...first, "install", ...flags, ...wanted], { minutes: 10, cwd: tools });
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim();
  if (!version) throw new StepError(`取到的 Node 不能在这台机器上运行 (the fetched Node does not run here): ${node}`);
}

async function installDependencies() {
  const pnpm = join(tools, "node_modules", "pnpm", "bin", "pnpm.mjs");
  await run(node, [pnpm, "install", "--frozen-lockfile", "--prefer-offline", "--pm-on-fail=ignore"], { minutes: 20 });
}

/** The first Python that is new enough. */
function findPython() {
  const names = [
    process.env.PYTHON,
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python",
  ];
  for (const name of names.filter(Boolean)) {
    const code = "import sys; sys.exit(0 if (3, 10) <= sys.version_info[:2] < (3, 15) else 1)";
    if (spawnSync(name, ["-c", code], { stdio: "ignore" }).status === 0) return name;
  }
  throw new StepError(
    "没有找到 Python 3.10 至 3.14。请安装后重试，或用环境变量 PYTHON 指定。 (Python 3.10 to 3.14 is needed; PYTHON may name it.)",
  );
}

async function installPython() {
  const python = findPython();
  const folder = join(tools, "venv");
  rmSync(folder, { recursive: true, force: true });
  try {
    await run(python, ["-m", "venv", folder], { minutes: 5 });
  } catch (error) {
    throw new StepError(
      `${error.message}\n无法创建 Python 虚拟环境。Debian/Ubuntu 请安装 python3-venv：apt-get install python3-venv`,
    );
  }
  const flags = ["--no-input", "--disable-pip-version-check", "--no-deps", "--prefer-binary"];
  await run(venvPython, ["-m", "pip", "install", ...flags, "-r", "warehouse/requirements.txt"], { minutes: 15 });
}

/** A script of a package, run as a package manager would, without starting one. */
async function packageScript(folder, name, minutes, env = {}) {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  if (!scripts[name]) throw new StepError(`${folder}/package.json: no script "${name}"`);
  const bins = [
    join(root, folder, "node_modules", ".bin"),
    join(root, "node_modules", ".bin"),
    nodeFolder,
    process.env.PATH,
  ];
  await run("/bin/sh", ["-c", scripts[name]], {
    cwd: join(root, folder),
    minutes,
    env: { ...env, PATH: bins.join(delimiter) },
  });
}

/** Does what is not done yet. npm and Python packages come from different places, so they are fetched side by side. */
async function prepare() {
  const all = steps();
  let said = false;
  for (const group of [["tools"], ["dependencies", "python"], ["generate"], ["build-ops"], ["build-insights"]]) {
    const due = all.filter(
      (step) => group.includes(step.name) && (stampOf(step.name) !== step.input || !step.made.every(existsSync)),
    );
    if (due.length > 0 && !said) say("首次运行或内容有更新，正在准备 (preparing; only what changed):");
    said ||= due.length > 0;
    const pid = due.some((step) => step.name.startsWith("build-")) && runningSupervisor();
    if (pid)
      throw new StepError(
        `程序有更新，但系统正在运行 (pid ${pid})。请先 npm stop，再运行此命令 (sources changed while the platform runs: npm stop first)`,
      );
    const results = await Promise.allSettled(due.map(once));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }
}

async function once({ name, title, input, work }) {
  const began = Date.now();
  say(`  → ${title} …`);
  rmSync(join(stamps, name), { force: true });
  await work();
  setStamp(name, input);
  say(`  ✓ ${title}  ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

// --- one preparation at a time in a checkout ------------------------------------------------------------------------

async function alone(work) {
  mkdirSync(tools, { recursive: true });
  const file = join(tools, "preparing.pid");
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      break;
    } catch {
      const holder = Number(existsSync(file) && readFileSync(file, "utf8"));
      if (!holder || !isRunning(holder)) rmSync(file, { force: true });
      else if (!told) say(`另一个命令正在准备，等待它完成 (waiting for another command, pid ${holder}) …`);
      told = true;
      await new Promise((wake) => setTimeout(wake, 300));
    }
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  await work();
  release();
  process.off("exit", release);
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The supervisor of this checkout, if it runs: its apps are served from the builds, which must not change under it. */
function runningSupervisor() {
  const file = join(root, ".env");
  const written = existsSync(file)
    ? /^\s*STATE_DIR\s*=\s*["']?([^"'#\n]+)/m.exec(readFileSync(file, "utf8"))?.[1]?.trim()
    : undefined;
  const lock = resolve(root, process.env.STATE_DIR || written || ".xianfeng", "run", "stack.lock");
  try {
    const { pid } = JSON.parse(readFileSync(lock, "utf8"));
    return isRunning(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

// --- command --------------------------------------------------------------------------------------------------------

function checkMachine() {
  if (Number(process.versions.node.split(".")[0]) < 20)
    throw new StepError(
      `需要 Node.js 20 或更高版本，现在是 (Node.js 20 or newer is needed, found) ${process.versions.node}`,
    );
  const known = ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"];
  if (!known.includes(`${process.platform}-${process.arch}`))
    throw new StepError(
      `不支持的平台 (unsupported platform): ${process.platform}-${process.arch}。支持 Linux 与 macOS；Windows 请使用 WSL 2。`,
    );
}

/** Runs the command itself under Node 24 and answers its exit code. Signals go on to it; it ends when we end in any way. */
function hand(entry, args) {
  return new Promise((resolve) => {
    const child = spawn(node, [join(root, entry), ...args], {
      cwd: root,
      env: { ...process.env, PATH: [nodeFolder, process.env.PATH].join(delimiter) },
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => child.kill(name));
    // npm puts a shell between itself and us: when that is gone nobody would ever tell us to stop.
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event)
      setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 1_000).unref();
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.on("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command) {
  process.stderr.write(`用法 (usage): node scripts/bootstrap.mjs ${Object.keys(commands).join("|")}\n`);
  process.exit(2);
}
try {
  checkMachine();
  if (name === "start" && existsSync(node) && runningSupervisor()) command.prepare = false;
  if (command.prepare) await alone(prepare);
  else if (!existsSync(node) || !existsSync(join(root, "node_modules")))
    throw new StepError("还没有安装，请先运行 npm start (not installed yet: npm start)");
  if (!command.entry) process.exit(0);
  if (!existsSync(join(root, command.entry))) throw new StepError(`没有 (missing): ${command.entry}`);
  process.exitCode = await hand(command.entry, [...command.pass, ...args]);
} catch (error) {
  process.stderr.write(`\n${error instanceof StepError ? error.message : error.stack}\n`);
  if (error instanceof StepError)
    process.stderr.write(
      "\n改正后再次运行同一命令即可，已完成的步骤不会重做 (run the same command again; finished steps are kept)\n",
    );
  process.exitCode = 1;
}
