// The steps of a preparation: tools, dependencies, Python, generated code, builds.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { runningSupervisor } from "./alone.mjs";
import { digest, removeStamp, setStamp, stampOf, withDependencies, workspace } from "./stamps.mjs";
import {
  node,
  nodeFolder,
  nodePackage,
  nodeVersion,
  ownIsNewEnough,
  pnpmVersion,
  root,
  run,
  StepError,
  say,
  tools,
  venvPython,
} from "./tools.mjs";

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
export async function prepare() {
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
  removeStamp(name);
  await work();
  setStamp(name, input);
  say(`  ✓ ${title}  ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
