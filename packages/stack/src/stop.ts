import { say } from "./print.ts";
import { isAlive, signal, until } from "./processes.ts";
import { loadCheckout } from "./settings.ts";
import { endLeftovers, type Paths, pathsIn, readJson, runningSupervisor, type StackStatus } from "./state.ts";

/** Stops the platform of this checkout, also what a killed supervisor left behind. */
export async function stop(): Promise<number> {
  const paths = pathsIn(loadCheckout().stateDir);
  return (await stopStack(paths)) ? 0 : 1;
}

/** Whether everything is down at the end. */
export async function stopStack(paths: Paths): Promise<boolean> {
  const supervisor = runningSupervisor(paths);
  if (supervisor) {
    say(`正在停止 (stopping) ${readJson<StackStatus>(paths.status)?.url ?? ""} …`);
    signal(supervisor.pid, "SIGTERM");
    // Longer than the longest escalation inside the supervisor.
    if (!(await until(() => !isAlive(supervisor), 120_000, 100))) {
      say(
        `没有在两分钟内停止 (did not stop): pid ${supervisor.pid}。强制结束: kill -9 ${supervisor.pid}，然后再次 npm stop`,
      );
      return false;
    }
  }
  const left = await endLeftovers(paths);
  if (!supervisor && left.length === 0) say("没有在运行 (not running)");
  else say(`已停止 (stopped)${left.length > 0 ? `，并结束了留下的进程 (and leftovers): ${left.join(", ")}` : ""}`);
  return true;
}
