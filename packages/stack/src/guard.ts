import { spawn } from "node:child_process";

/** A process that must not outlive us, and the signal that asks it to stop; `group` when its whole process group is meant. */
export type Guarded = { pid: number; signal: "INT" | "TERM"; group: boolean };

/**
 * Ends the guarded processes when we end in any way, SIGKILL included: a shell of about one megabyte waits for the pipe
 * from us to close. It runs in a session of its own, so that a closed terminal does not take it away first.
 */
export type Guard = { set(processes: Guarded[]): void; close(): void };

const script = `
trap '' INT TERM HUP
list=
while read -r line; do list=$line; done
[ -z "$list" ] && exit 0
for one in $list; do kill -s \${one%%:*} -- "\${one#*:}" 2>/dev/null; done
n=0
while [ $n -lt 100 ]; do
  alive=
  for one in $list; do kill -s 0 -- "\${one#*:}" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  n=$((n + 1)); sleep 0.1
done
for one in $list; do kill -s KILL -- "\${one#*:}" 2>/dev/null; done
`;

/** Starts a guard; `set` replaces the whole list, first in the list is asked first. `close` ends it without touching anyone. */
export function startGuard(): Guard {
  const child = spawn("/bin/sh", ["-c", script], { detached: true, cwd: "/", stdio: ["pipe", "ignore", "ignore"] });
  child.unref();
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  if ("unref" in child.stdin) (child.stdin as unknown as { unref(): void }).unref();
  const write = (line: string) => {
    if (child.stdin.writable) child.stdin.write(`${line}\n`);
  };
  return {
    set: (processes) => write(processes.map(({ pid, signal, group }) => `${signal}:${group ? -pid : pid}`).join(" ")),
    close: () => {
      write("");
      child.stdin.end();
    },
  };
}
