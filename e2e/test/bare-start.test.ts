import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { root } from "@xianfeng/stack/settings";
import { pathsIn, readJson, type StackStatus } from "@xianfeng/stack/state";
import { afterAll, expect, test } from "vitest";
import { poll } from "../src/poll.ts";
import { isListening, processesIn } from "../src/processes.ts";

/** What a person does who has nothing but Node, npm and Python: clone, `npm start`. One clone, because the fetching takes minutes. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), "xianfeng-bare-")));
const clone = join(folder, "clone");
const home = join(folder, "home");
const paths = pathsIn(join(clone, ".xianfeng"));
const isRoot = process.getuid?.() === 0;
// PostgreSQL runs as another account then, which must be able to go there.
chmodSync(folder, 0o755);

/** The machine's way to registries stays, everything that somebody fetched or built before does not. */
function bareEnvironment(): Record<string, string> {
  const ways =
    /^(npm_config_(registry|cafile)|pip_(index_url|extra_index_url|trusted_host|cert|find_links|default_timeout)|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|requests_ca_bundle)$/i;
  const kept = Object.entries(process.env).filter(([name]) => ways.test(name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.startsWith(`${root}/`));
  const npm = (key: string) =>
    execFileSync("npm", ["config", "get", key], {
      cwd: "/",
      encoding: "utf8",
      env: { ...process.env, PATH: path.join(delimiter) },
    }).trim();
  const [registry, cafile] = [npm("registry"), npm("cafile")];
  return {
    npm_config_registry: registry,
    ...(cafile && cafile !== "null" && { npm_config_cafile: cafile }),
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])),
    PATH: path.join(delimiter),
    HOME: home,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
  };
}

type Start = { child: ChildProcess; output: () => string; ended: Promise<number | null> };

/** Starts a command in the clone as a group of its own, as a terminal does. */
function launch(command: string, args: string[]): Start {
  const child = spawn(command, args, {
    cwd: clone,
    env: bareEnvironment(),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      text += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, output: () => text, ended };
}

const group = ({ child }: Start, signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal);

async function untilReady(start: Start, minutes: number): Promise<StackStatus> {
  return poll("the platform to be ready", minutes * 60_000, () => {
    if (start.child.exitCode !== null)
      throw new Error(`npm start ended with ${start.child.exitCode}\n${start.output()}`);
    const status = readJson<StackStatus>(paths.status);
    if (status?.state === "unhealthy") throw new Error(`unhealthy\n${start.output().slice(-4_000)}`);
    return status?.state === "ready" && start.output().includes("Xianfeng is ready") ? status : null;
  });
}

/** Asks an address from inside the place where the platform runs: without a network it has a loopback of its own. */
async function statusOf(url: string, inside?: number): Promise<number> {
  const address = url.replace("//localhost", "//127.0.0.1");
  const code = "fetch(process.argv[1],{redirect:'manual'}).then(a=>console.log(a.status),()=>console.log(0))";
  if (inside === undefined)
    return fetch(address, { redirect: "manual" }).then(
      (answer) => answer.status,
      () => 0,
    );
  const asked = spawn("nsenter", ["-t", String(inside), "-n", process.execPath, "-e", code, address]);
  let text = "";
  asked.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => asked.once("close", resolve));
  return Number(text);
}

/** Both apps as a browser without a session sees them: a page, or the way to the sign-in page. */
const untilBothAnswer = (url: () => string | undefined, inside?: number) =>
  poll("both apps to answer", 180_000, async () => {
    const at = url();
    if (!at) return null;
    const answers = await Promise.all([statusOf(`${at}/sign-in`, inside), statusOf(`${at}/insights`, inside)]);
    return answers[0] === 200 && [200, 302, 303, 307].includes(answers[1] ?? 0) ? answers : null;
  });

/** Nothing of the clone runs and none of its ports is open. */
async function untilNothingIsLeft(ports: number[]): Promise<void> {
  await poll("every process to be gone", 90_000, () => processesIn(folder).length === 0).catch(() => undefined);
  expect(processesIn(folder)).toEqual([]);
  const open = await Promise.all(ports.map(async (port) => ((await isListening(port)) ? [port] : [])));
  expect(open.flat()).toEqual([]);
}

/** Whether a start can be cut off from every network but its own loopback here. */
function cutsOff(): boolean {
  if (!isRoot || process.platform !== "linux") return false;
  return (
    spawnSync("unshare", ["-n", "sh", "-c", "ip link set lo up"], { stdio: "ignore" }).status === 0 &&
    spawnSync("nsenter", ["--version"], { stdio: "ignore" }).status === 0
  );
}

afterAll(() => {
  for (const { pid } of processesIn(folder)) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  // A hundred thousand small files: on a busy disk that takes its time.
}, 900_000);

const say = (text: string) => process.stdout.write(`bare start: ${text}\n`);
const since = (began: number) => `${((performance.now() - began) / 1000).toFixed(1)} s`;

test("a fresh clone starts by one command, starts again without any network, and leaves nothing behind", async () => {
  mkdirSync(home);
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", root, clone]);
  for (const made of [".tools", "node_modules", ".xianfeng", ".env"]) expect(existsSync(join(clone, made))).toBe(false);
  say(execFileSync("git", ["-C", clone, "log", "-1", "--format=%h %s"], { encoding: "utf8" }).trim());

  let began = performance.now();
  const first = launch("npm", ["start"]);
  const { url, ports, parts } = await untilReady(first, 25);
  say(`ready after ${since(began)}, with everything fetched and built`);
  expect(first.output()).toContain("正在准备");
  await untilBothAnswer(() => url);
  const listening = Object.values(ports);
  expect(await Promise.all(listening.map(isListening))).toEqual(listening.map(() => true));

  // Root may run it, but PostgreSQL never runs as root.
  const postgres = parts.find((part) => part.name === "postgres")?.pid;
  const running = processesIn(clone);
  const uidOf = (pid: number | undefined) => running.find((one) => one.pid === pid)?.uid;
  expect(uidOf(parts.find((part) => part.name === "ops")?.pid)).toBe(process.getuid?.());
  if (isRoot) expect(uidOf(postgres)).toBeGreaterThan(0);
  else expect(uidOf(postgres)).toBe(process.getuid?.());

  began = performance.now();
  group(first, "SIGINT");
  await first.ended;
  say(`stopped by Ctrl-C after ${since(began)}`);
  expect(first.output()).toContain("已停止 (stopped)");
  await untilNothingIsLeft(listening);

  rmSync(paths.status, { force: true });
  const offline = cutsOff();
  if (!offline) say("no network namespaces here: only checked that nothing is fetched or built again");
  began = performance.now();
  const second = offline
    ? launch("unshare", ["-n", "sh", "-c", "ip link set lo up && exec npm start"])
    : launch("npm", ["start"]);
  const inside = offline ? second.child.pid : undefined;
  await untilBothAnswer(() => readJson<StackStatus>(paths.status)?.url, inside);
  const answered = performance.now() - began;
  say(
    `both apps answer ${(answered / 1000).toFixed(1)} s after the second start${offline ? ", without a network" : ""}`,
  );
  // 15 s are meant on a free machine; the tests before this one may have left theirs busy.
  expect(answered).toBeLessThan(90_000);
  const again = await untilReady(second, 10);
  say(`everything ready after ${since(began)}`);
  expect(second.output()).not.toContain("正在准备");
  expect(second.output()).not.toMatch(/^ {2}→ /m);
  const warehouse = readFileSync(join(paths.logs, "warehouse.log"), "utf8").trim().split("\n");
  expect(warehouse.findLast((line) => !line.startsWith("{"))).toContain("warehouse up to date");

  // All that the terminal knows of, the supervisor among it, in one blow.
  const supervisor = again.supervisor.pid;
  began = performance.now();
  group(second, "SIGKILL");
  await poll("the supervisor to be gone", 30_000, () => !processesIn(clone).some(({ pid }) => pid === supervisor));
  // Ports of a network namespace are gone with its last process.
  await untilNothingIsLeft(offline ? [] : Object.values(again.ports));
  say(`nothing is left ${since(began)} after SIGKILL`);
}, 3_000_000);
