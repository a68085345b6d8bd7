import { dim, pad, red, say, stateWord } from "./print.ts";
import { loadCheckout } from "./settings.ts";
import { pathsIn, readJson, runningSupervisor, type StackStatus } from "./state.ts";
import type { PartStatus } from "./supervisor.ts";

/** Prints the state of each part; 0 when all are ready, 1 when something is not, 3 when nothing runs. */
export function status(args: string[]): number {
  const paths = pathsIn(loadCheckout().stateDir);
  const running = runningSupervisor(paths);
  const known = readJson<StackStatus>(paths.status);
  if (!running || known?.supervisor.pid !== running.pid) {
    if (args.includes("--json")) say(JSON.stringify({ state: running ? "starting" : "stopped", parts: [] }));
    else say(running ? "正在启动 (starting)" : "没有在运行 (not running)。启动: npm start");
    return 3;
  }
  if (args.includes("--json")) say(JSON.stringify(known, null, 2));
  else printTable(known);
  return known.state === "ready" ? 0 : 1;
}

function printTable({ url, state, parts, supervisor }: StackStatus): void {
  say(`${url}   ${state}   ${dim(`pid ${supervisor.pid}`)}`);
  say("");
  for (const part of parts) say(row(part));
  for (const part of parts.filter((one) => one.state === "failing")) {
    say("");
    say(red(`${part.title}: ${part.detail ?? ""}`));
    for (const line of part.lastLines ?? []) say(`  ${dim("|")} ${line}`);
    say(`  全部日志 (full log): npm run logs ${part.name}`);
  }
}

function row({ title, state, since, pid, restarts, detail, dependsOn }: PartStatus): string {
  const why = state === "waiting" ? `等 (for) ${dependsOn.join(", ")}` : (detail?.split("\n")[0] ?? "");
  const numbers = [pid ? `pid ${pid}` : "", restarts > 0 ? `重启 (restarts) ${restarts}` : ""]
    .filter(Boolean)
    .join("  ");
  return `  ${pad(title, 24)} ${pad(stateWord(state), 20)} ${pad(ago(since), 12)} ${pad(numbers, 28)} ${why}`.trimEnd();
}

function ago(since: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
