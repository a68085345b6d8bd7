import { allocatePorts, type PortWish } from "./ports.ts";
import { choosePlace } from "./postgres.ts";
import { printAddress, printMoves, printPart, say } from "./print.ts";
import { markOf, type ProcessMark } from "./processes.ts";
import { ensureSecrets } from "./secrets.ts";
import { partsOf } from "./services.ts";
import { type Checkout, loadCheckout } from "./settings.ts";
import {
  endLeftovers,
  hasData,
  makeFolders,
  type Paths,
  pathsIn,
  readJson,
  releaseLock,
  type StackStatus,
  takeLock,
  writeWhole,
} from "./state.ts";
import { type PartStatus, type Supervisor, supervise } from "./supervisor.ts";

/** Runs the platform until a signal; answers the exit code. */
export async function start(): Promise<number> {
  const began = performance.now();
  const checkout = loadCheckout();
  const paths = pathsIn(checkout.stateDir);
  makeFolders(paths);
  const holder = takeLock(paths);
  if (holder) {
    const status = readJson<StackStatus>(paths.status);
    const where = status?.supervisor.pid === holder.pid ? status.url : "正在启动 (starting)";
    say(`这个目录的系统已在运行 (already running): ${where}（pid ${holder.pid}）。停止请运行 npm stop`);
    return 0;
  }
  try {
    return await run(checkout, paths, began);
  } finally {
    releaseLock(paths);
  }
}

async function run(checkout: Checkout, paths: Paths, began: number): Promise<number> {
  const stopAsked = signalled();
  for (const name of checkout.unknown) say(`.env 里的 ${name} 不是本系统的设置，未使用 (unknown setting, ignored)`);
  const left = await endLeftovers(paths);
  if (left.length > 0) say(`已结束上次异常退出留下的进程 (ended leftovers): ${left.join(", ")}`);
  const secrets = ensureSecrets(paths.secrets, checkout.given, hasData(paths));
  if (!checkout.settings.DATABASE_URL) for (const note of choosePlace(paths.postgres).notes) say(note);
  const { ports, moves } = await allocatePorts(portWishes(checkout));
  printMoves(moves);
  const url = (checkout.settings.PUBLIC_URL ?? `http://localhost:${ports.PORT}`).replace(/\/+$/, "");

  const mark = markOf(process.pid) ?? { pid: process.pid, startedAt: "" };
  const parts = partsOf({ checkout, secrets, ports, paths, url });
  const progress = watchProgress({ checkout, paths, url, ports, mark, began });
  const supervisor = supervise({ parts, paths, onChange: progress.changed });
  progress.follow(supervisor);

  const signal = await stopAsked;
  say(`收到 ${signal}，正在停止 (stopping) …`);
  progress.stopping();
  await supervisor.stop();
  progress.stopped();
  say("已停止 (stopped)");
  return 0;
}

/** Ports of what runs here; what has an address of its own elsewhere needs none. */
function portWishes({ settings, given }: Checkout): PortWish[] {
  const wish = (name: keyof typeof settings & `${string}PORT`, host?: string): PortWish => ({
    name,
    port: settings[name] as number,
    givenByUser: given[name] !== undefined,
    host,
  });
  return [
    wish("PORT", settings.HOST),
    ...(settings.DATABASE_URL ? [] : [wish("POSTGRES_PORT")]),
    ...(settings.CLICKHOUSE_URL ? [] : [wish("ENGINE_PORT")]),
    ...(settings.CUBE_API_URL ? [] : [wish("CUBE_PORT")]),
    wish("OPS_PORT"),
    wish("INSIGHTS_PORT"),
    wish("STREAM_PORT"),
    wish("WAREHOUSE_PORT"),
    wish("MAIL_PORT"),
  ];
}

/** The first of the signals that ask us to stop. A terminal that closes must not break the stop by failing writes. */
function signalled(): Promise<NodeJS.Signals> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => resolve(name));
    // The bootstrap holds the other end: it is gone, and with it the terminal or the service manager that wanted us.
    if (process.send) process.on("disconnect", () => resolve("SIGHUP"));
  });
}

type Progress = {
  checkout: Checkout;
  paths: Paths;
  url: string;
  ports: Record<string, number>;
  mark: ProcessMark;
  began: number;
};

/** Keeps status.json true and tells the terminal what a person wants to know. */
function watchProgress({ checkout, paths, url, ports, mark, began }: Progress) {
  let addressShown = false;
  let stopping = false;
  let latest: PartStatus[] = [];

  const write = () => {
    const state = stopping ? "stopping" : overall(latest);
    const status: StackStatus = {
      supervisor: mark,
      url,
      state,
      updatedAt: new Date().toISOString(),
      ports,
      parts: latest,
    };
    writeWhole(paths.status, `${JSON.stringify(status, null, 2)}\n`, 0o600);
  };

  function changed(part: PartStatus, all: PartStatus[]) {
    latest = all;
    write();
    if (stopping) return;
    printPart(part, performance.now() - began);
    if (!addressShown && isSettled(all)) {
      addressShown = true;
      printAddress({ url, checkout, paths, parts: all, tookMs: performance.now() - began });
    }
  }

  return {
    changed,
    follow: (supervisor: Supervisor) => {
      latest = supervisor.status();
      write();
    },
    stopping: () => {
      stopping = true;
      write();
    },
    stopped: () => {
      latest = latest.map((part) => ({ ...part, state: part.state === "done" ? "done" : "stopped", pid: undefined }));
      write();
    },
  };
}

const good = new Set(["ready", "done"]);

/** Nothing changes by waiting longer: what can run runs, the rest keeps failing or waits for what does. */
function isSettled(parts: PartStatus[]): boolean {
  const stuck = new Set<string>();
  for (const part of parts) {
    const isStuck =
      part.state === "failing" || (part.state === "waiting" && part.dependsOn.some((name) => stuck.has(name)));
    if (isStuck) stuck.add(part.name);
    else if (!good.has(part.state)) return false;
  }
  return true;
}

/** The state of the whole in one word. */
export function overall(parts: PartStatus[]): StackStatus["state"] {
  if (parts.some((part) => part.state === "failing")) return "unhealthy";
  if (parts.every((part) => good.has(part.state))) return "ready";
  return parts.some((part) => part.state === "unready" || part.state === "restarting") ? "degraded" : "starting";
}
