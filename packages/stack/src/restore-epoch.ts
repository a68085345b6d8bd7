import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { derivedSettings, environmentFor, type Plan, told } from "./environment.ts";
import { httpProbe } from "./probes.ts";
import { root } from "./settings.ts";

/**
 * Begins a new epoch of the stream, so that the next start copies every table and nothing newer than the archive stays in
 * ClickHouse. Without it the stream would refuse to go on, because its slot is gone; nothing wrong is ever shown.
 * @throws Error when ClickHouse cannot be asked
 */
export async function beginEpoch(plan: Plan): Promise<void> {
  const isOurs = !plan.checkout.settings.CLICKHOUSE_URL;
  // Nothing was ever copied there: the first start copies everything anyway.
  if (isOurs && !existsSync(plan.paths.clickhouse)) return;
  const values = derivedSettings(plan);
  const engine = isOurs ? startEngine(values, plan.ports.ENGINE_PORT ?? 0) : undefined;
  try {
    await engine?.ready;
    await new Promise<void>((done, refuse) => {
      const program = [join(root, "packages/stream/src/cli.ts"), "recover"];
      const env = environmentFor(values, told.stream);
      execFile(process.execPath, program, { env, timeout: 120_000 }, (error, _, stderr) =>
        error ? refuse(new Error(stderr.trim() || error.message)) : done(),
      );
    });
  } finally {
    await engine?.stop();
  }
}

function startEngine(values: ReturnType<typeof derivedSettings>, port: number) {
  const child = spawn(process.execPath, [join(root, "packages/engine/src/main.ts")], {
    env: { ...environmentFor(values, told.engine), UV_THREADPOOL_SIZE: "128" },
    stdio: "ignore",
  });
  const exited = new Promise<void>((ended) => child.once("close", () => ended()));
  return { ready: answers(child, port), stop: () => stopEngine(child, exited) };
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  const probe = httpProbe(`http://127.0.0.1:${port}/readyz`);
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; ) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if ((await probe()) === undefined) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error("ClickHouse 没有启动 (did not start)");
}

async function stopEngine(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await exited;
  clearTimeout(hard);
}
