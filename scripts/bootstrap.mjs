// Brings the tools, then runs a command of the platform. No dependencies, Node 20 is enough: everything else is fetched
// from the npm and Python registries into .tools/. A step whose inputs have not changed is skipped without any network.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { alone, runningSupervisor } from "./bootstrap/alone.mjs";
import { prepare } from "./bootstrap/steps.mjs";
import { node, nodeFolder, root, StepError } from "./bootstrap/tools.mjs";

const commands = {
  start: { prepare: true, entry: "packages/stack/src/cli.ts", pass: ["start"] },
  stop: { entry: "packages/stack/src/cli.ts", pass: ["stop"] },
  status: { entry: "packages/stack/src/cli.ts", pass: ["status"] },
  reset: { entry: "packages/stack/src/cli.ts", pass: ["reset"] },
  doctor: { entry: "packages/stack/src/cli.ts", pass: ["doctor"] },
  backup: { entry: "packages/stack/src/cli.ts", pass: ["backup"] },
  // A machine that is new to the platform may begin with its data.
  restore: { prepare: true, entry: "packages/stack/src/cli.ts", pass: ["restore"] },
  letters: { entry: "packages/stack/src/cli.ts", pass: ["letters"] },
  replay: { entry: "packages/stack/src/cli.ts", pass: ["replay"] },
  repair: { entry: "packages/stack/src/cli.ts", pass: ["repair"] },
  resync: { entry: "packages/stack/src/cli.ts", pass: ["resync"] },
  rebuild: { entry: "packages/stack/src/cli.ts", pass: ["rebuild"] },
  recover: { entry: "packages/stack/src/cli.ts", pass: ["recover"] },
  "audit:verify": { entry: "packages/stack/src/cli.ts", pass: ["audit:verify"] },
  "erase:clean": { entry: "packages/stack/src/cli.ts", pass: ["erase:clean"] },
  logs: { entry: "packages/stack/src/cli.ts", pass: ["logs"] },
  test: { prepare: true, entry: "scripts/test.ts", pass: [] },
  prove: { prepare: true, entry: "scripts/prove.ts", pass: [] },
  chaos: { prepare: true, entry: "scripts/chaos.ts", pass: [] },
  bench: { prepare: true, entry: "bench/src/main.ts", pass: [] },
  scale: { prepare: true, entry: "bench/src/scale.ts", pass: [] },
  schema: { entry: "packages/db/src/cdc/change/main.ts", pass: [] },
  mutants: { prepare: true, entry: "scripts/mutants.ts", pass: [] },
  prepare: { prepare: true },
};

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
  const isInstalled = existsSync(node) && existsSync(join(root, "node_modules"));
  if (name === "start" && existsSync(node) && runningSupervisor()) command.prepare = false;
  if (name === "restore" && isInstalled) command.prepare = false;
  if (command.prepare) await alone(prepare);
  else if (!isInstalled) throw new StepError("还没有安装，请先运行 npm start (not installed yet: npm start)");
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
