import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { dim, say } from "./print.ts";
import { loadCheckout } from "./settings.ts";
import { pathsIn } from "./state.ts";

const tailBytes = 64 * 1024;

/** `logs`: the end of every log; `logs ops`: of one; `-f`: and what comes, until Ctrl-C. */
export async function logs(args: string[]): Promise<number> {
  const folder = pathsIn(loadCheckout().stateDir).logs;
  const follow = args.includes("-f") || args.includes("--follow");
  const asked = args.filter((arg) => !arg.startsWith("-"));
  const known = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".log"))
        .map((name) => name.slice(0, -4))
        .sort()
    : [];
  const wrong = asked.find((name) => !known.includes(name));
  if (wrong !== undefined || known.length === 0) {
    say(
      `没有这个日志 (no such log): ${wrong ?? "-"}。可选 (known): ${known.join(", ") || "尚未启动过 (never started)"}`,
    );
    return 1;
  }
  const chosen = asked.length > 0 ? asked : known;
  const readers = chosen.map((name) =>
    tailOf(join(folder, `${name}.log`), chosen.length > 1 ? `${dim(name.padEnd(10))} ` : ""),
  );
  for (const reader of readers) reader.last(chosen.length > 1 ? 10 : 200);
  while (follow) {
    await new Promise((wake) => setTimeout(wake, 300));
    for (const reader of readers) reader.more();
  }
  return 0;
}

function tailOf(file: string, prefix: string) {
  let at = Math.max(0, statSync(file).size - tailBytes);
  let rest = "";
  const print = (lines: string[]) => {
    for (const line of lines) say(prefix + line);
  };
  function take(): string[] {
    const size = existsSync(file) ? statSync(file).size : 0;
    // Smaller than what was read: the file was rotated.
    if (size < at) at = 0;
    if (size === at) return [];
    const bytes = Buffer.alloc(size - at);
    const fd = openSync(file, "r");
    try {
      at += readSync(fd, bytes, 0, bytes.length, at);
    } finally {
      closeSync(fd);
    }
    const lines = (rest + bytes.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    return lines;
  }
  return { last: (count: number) => print(take().slice(-count)), more: () => print(take()) };
}
