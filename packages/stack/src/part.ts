import { type ChildProcess, spawn } from "node:child_process";
import type { Guarded } from "./guard.ts";
import type { LogFile } from "./log-file.ts";
import { markOf, signal, until } from "./processes.ts";
import type { ChildRecord } from "./state.ts";
import type { Launch, PartSpec, PartState, PartStatus, Policy, Probe, ServiceSpec, TaskSpec } from "./supervisor.ts";

/** One part under supervision. */
export type Part = {
  begin(): void;
  /** Resolves when it was ready (or done) for the first time. */
  ready: Promise<void>;
  status(): PartStatus;
  guarded(): Guarded[];
  noMoreRestarts(): void;
  stop(): Promise<void>;
};

type Surroundings = {
  policy: Policy;
  log: LogFile;
  dependencies: () => Promise<unknown>;
  /** A process came (with its record) or went. */
  onProcess: (record?: ChildRecord) => void;
  onChange: (status: PartStatus) => void;
};

const shownLines = 15;

/** The frames of a stack would push the message out of sight; the log file has them. */
const isTelling = (line: string) => line.trim() !== "" && !/^\s+at |^Node\.js v/.test(line);

/** Prepares a part; nothing runs before `begin`. */
export function startPart(spec: PartSpec, around: Surroundings): Part {
  const { policy, log } = around;
  let state: PartState = "waiting";
  let since = new Date();
  let detail: string | undefined;
  let restarts = 0;
  let deaths: number[] = [];
  let inARow = 0;
  let child: ChildProcess | undefined;
  let stopping = false;
  let wake = () => {};
  let markReady = () => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });
  const stopAsked = new Promise<void>((resolve) => {
    wake = resolve;
  });

  const status = (): PartStatus => ({
    name: spec.name,
    title: spec.title,
    kind: spec.kind,
    dependsOn: spec.dependsOn,
    state,
    since: since.toISOString(),
    pid: child?.pid,
    restarts,
    detail,
    ...(state === "failing" && { lastLines: log.lastLines(200).filter(isTelling).slice(-shownLines) }),
  });

  function become(next: PartState, why?: string) {
    if (state === next && detail === why) return;
    if (state !== next) since = new Date();
    state = next;
    detail = why;
    if (next === "ready" || next === "done") markReady();
    around.onChange(status());
  }

  /** Waits, but no longer than until the stop is asked. */
  const pause = (ms: number) => {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    return Promise.race([over, stopAsked]).finally(() => clearTimeout(timer));
  };

  async function died(how: string) {
    log.write(`\n--- ${new Date().toISOString()} ${spec.name}: ${how}\n`);
    if (stopping) return;
    const now = performance.now();
    deaths = [...deaths.filter((at) => now - at < policy.windowMs), now];
    inARow += 1;
    restarts += 1;
    const keepsDying = deaths.length >= policy.deaths || inARow >= policy.deaths;
    become(keepsDying ? "failing" : "restarting", how);
    await pause(policy.pausesMs[Math.min(inARow, policy.pausesMs.length) - 1] ?? 0);
  }

  async function launch(how: Launch): Promise<ChildProcess> {
    const { command, args, cwd, env, account } = how;
    const started = spawn(command, args, {
      cwd,
      env,
      ...(account && { uid: account.uid, gid: account.gid }),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.stdout?.on("data", log.write);
    started.stderr?.on("data", log.write);
    // At once, so that a stop, or our own end, in this very moment finds it.
    child = started;
    const mark = started.pid === undefined ? undefined : markOf(started.pid);
    if (mark) around.onProcess({ ...mark, name: spec.name, stopSignal: stopSignalOf(spec), group: !isAlone(spec) });
    try {
      await new Promise<void>((ok, refuse) => started.once("spawn", ok).once("error", refuse));
    } catch (error) {
      child = undefined;
      throw error;
    }
    return started;
  }

  /** How the process ended, in words; its group is emptied, so that a helper of its own cannot stay behind. */
  function ended(process: ChildProcess): Promise<{ ok: boolean; how: string }> {
    const closed = new Promise<void>((resolve) => process.once("close", () => resolve()));
    return new Promise((resolve) => {
      process.once("exit", (code, by) => {
        if (process.pid && !isAlone(spec)) signal(-process.pid, "SIGKILL");
        child = undefined;
        around.onProcess();
        const answer = { ok: code === 0, how: by ? `被信号终止 (ended by ${by})` : `已退出 (exited with ${code})` };
        // Its last words may still be in the pipe.
        const patience = setTimeout(() => resolve(answer), 500);
        closed.then(() => {
          clearTimeout(patience);
          resolve(answer);
        });
      });
    });
  }

  async function runService(service: ServiceSpec) {
    while (!stopping) {
      become(state === "failing" ? "failing" : "starting", state === "failing" ? detail : undefined);
      let end: Promise<{ ok: boolean; how: string }>;
      try {
        const how = await service.launch();
        if (stopping) return;
        end = ended(await launch(how));
      } catch (error) {
        log.write(`${(error as Error).message}\n`);
        await died((error as Error).message);
        continue;
      }
      let over = false;
      void watch(service.probe, () => over, service.readyTimeoutMs ?? 120_000);
      const { how } = await end;
      over = true;
      await died(how);
    }
  }

  /** Probes until the process is over; one that never becomes ready is ended, which counts as a death. */
  async function watch(probe: Probe, over: () => boolean, readyTimeoutMs: number) {
    const started = performance.now();
    let wasReady = false;
    while (!over() && !stopping) {
      const wrong = await probe().catch((error: Error) => error.message);
      if (over() || stopping) return;
      if (wrong === undefined) {
        wasReady = true;
        become("ready");
        // It held for a while: the next death is a first one again.
        if (performance.now() - started > policy.windowMs) inARow = 0;
      } else if (wasReady) {
        become("unready", wrong);
      } else if (performance.now() - started > readyTimeoutMs) {
        log.write(`${spec.name}: not ready within ${readyTimeoutMs} ms: ${wrong}\n`);
        if (child?.pid) signal(isAlone(spec) ? child.pid : -child.pid, "SIGKILL");
        return;
      } else if (state === "starting") {
        detail = wrong;
      }
      await pause(wasReady ? policy.probeEveryMs : Math.min(150, policy.probeEveryMs));
    }
  }

  async function runTask(task: TaskSpec) {
    while (!stopping) {
      let timer: NodeJS.Timeout | undefined;
      try {
        if (await task.skip?.()) return become("done", "没有变化 (unchanged)");
        become(state === "failing" ? "failing" : "starting", state === "failing" ? detail : undefined);
        const how = await task.launch();
        if (stopping) return;
        const process = await launch(how);
        timer = setTimeout(() => process.pid && signal(-process.pid, "SIGKILL"), task.timeoutMs);
        const end = await ended(process);
        if (end.ok) {
          task.onDone?.();
          return become("done");
        }
        await died(end.how);
      } catch (error) {
        log.write(`${(error as Error).message}\n`);
        await died((error as Error).message);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async function runStep(run: () => Promise<void>) {
    while (!stopping) {
      try {
        become(state === "failing" ? "failing" : "starting", state === "failing" ? detail : undefined);
        await run();
        return become("done");
      } catch (error) {
        await died((error as Error).message);
      }
    }
  }

  async function runExternal(probe: Probe) {
    become("starting");
    while (!stopping) {
      const wrong = await probe().catch((error: Error) => error.message);
      if (!stopping) become(wrong === undefined ? "ready" : "unready", wrong);
      await pause(policy.probeEveryMs);
    }
  }

  async function live() {
    await Promise.race([around.dependencies(), stopAsked]);
    if (stopping) return;
    if (spec.kind === "service") await runService(spec);
    else if (spec.kind === "task") await runTask(spec);
    else if (spec.kind === "step") await runStep(spec.run);
    else await runExternal(spec.probe);
  }

  let life = Promise.resolve();

  async function stop() {
    noMoreRestarts();
    if (child) {
      become("stopping");
      await end(child, spec);
    }
    await life;
    if (state !== "done") become("stopped");
    log.close();
  }

  function noMoreRestarts() {
    stopping = true;
    wake();
  }

  return {
    begin: () => {
      life = live();
    },
    ready,
    status,
    guarded: () =>
      child?.pid
        ? [{ pid: child.pid, signal: stopSignalOf(spec) === "SIGINT" ? "INT" : "TERM", group: !isAlone(spec) }]
        : [],
    noMoreRestarts,
    stop,
  };
}

const stopSignalOf = (spec: PartSpec) => (spec.kind === "service" && spec.stopSignal) || "SIGTERM";
const isAlone = (spec: PartSpec) => spec.kind === "service" && spec.alone === true;

/** Asks, waits, and at last forces. */
async function end(child: ChildProcess, spec: PartSpec): Promise<void> {
  const target = isAlone(spec) ? (child.pid ?? 0) : -(child.pid ?? 0);
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  const patience = (spec.kind === "service" && spec.stopTimeoutMs) || 10_000;
  signal(target, stopSignalOf(spec));
  if (await until(gone, patience)) return;
  // SIGQUIT is the immediate shutdown of PostgreSQL; for others a last chance to leave a trace.
  if (isAlone(spec)) signal(target, "SIGQUIT");
  if (isAlone(spec) && (await until(gone, 5_000))) return;
  signal(target, "SIGKILL");
  await until(gone, 5_000);
}
