// One preparation at a time in a checkout, and none under a running platform.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root, say, tools } from "./tools.mjs";

/** Runs the work while no other command of this checkout prepares. */
export async function alone(work) {
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
export function runningSupervisor() {
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
