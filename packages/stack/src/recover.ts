import { spawn } from "node:child_process";
import { join } from "node:path";
import { derivedSettings, environmentFor, told } from "./environment.ts";
import { say } from "./print.ts";
import { runningPlan } from "./running.ts";
import { loadCheckout, root } from "./settings.ts";

/** Has the stream copy every table again, after a lost slot or a restored backup. The platform must run. */
export async function recover(): Promise<number> {
  const running = runningPlan(loadCheckout());
  if (!running) {
    say("系统没有在运行，请先 npm start (not running)");
    return 1;
  }
  const env = environmentFor(derivedSettings(running.plan), told.stream);
  const child = spawn(process.execPath, [join(root, "packages/stream/src/cli.ts"), "recover"], {
    env,
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
