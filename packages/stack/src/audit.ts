import { spawn } from "node:child_process";
import { join } from "node:path";
import { derivedSettings, environmentFor, told } from "./environment.ts";
import { say } from "./print.ts";
import { writeRecord } from "./records.ts";
import { runningPlan } from "./running.ts";
import { loadCheckout, root } from "./settings.ts";

/** Computes the seals of the trail anew from its rows; 1 when one does not fit. The platform must run. */
export async function verifyAudit(args: string[]): Promise<number> {
  const running = runningPlan(loadCheckout());
  if (!running) {
    say("系统没有在运行，请先 npm start (not running)");
    return 1;
  }
  const env = environmentFor(derivedSettings(running.plan), told.migrate);
  const child = spawn(process.execPath, [join(root, "packages/db/src/audit-cli.ts"), ...args], {
    env,
    stdio: "inherit",
  });
  const code = await new Promise<number>((resolve) => child.once("exit", (ended) => resolve(ended ?? 2)));
  // 2 means that it was not computed at all.
  if (code < 2) writeRecord(running.plan.paths.stateDir, "audit", { fits: code === 0 });
  return code;
}
