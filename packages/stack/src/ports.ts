import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { SettingError } from "@xianfeng/env";
import { commandOf } from "./processes.ts";

/** Whether nobody listens on this port of that address. */
export function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => answer(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => answer(true)));
  });
}

/** A port that the system just called free. Another process may still take it before us: callers retry. */
export function freePort(host = "127.0.0.1"): Promise<number> {
  return new Promise((answer, refuse) => {
    const probe = createServer();
    probe.once("error", refuse);
    probe.listen({ port: 0, host }, () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? answer(address.port) : refuse(new Error("no port"))));
    });
  });
}

/** What is asked: a wish of ours, or the word of the user, which is never changed. */
export type PortWish = { name: string; port: number; givenByUser: boolean; host?: string };
export type PortMove = { name: string; wanted: number; got: number; holder: string };

/**
 * Gives every name a port. A default that is taken moves in steps of ten, so that a second checkout keeps its block together.
 * @throws SettingError naming who holds a port that the user asked for.
 */
export async function allocatePorts(wishes: PortWish[]): Promise<{ ports: Record<string, number>; moves: PortMove[] }> {
  const ports: Record<string, number> = {};
  const moves: PortMove[] = [];
  const taken = new Set<number>();
  const problems: string[] = [];
  for (const wish of [...wishes].sort((a, b) => Number(b.givenByUser) - Number(a.givenByUser))) {
    let port = wish.port;
    while (taken.has(port) || !(await isFree(port, wish.host))) {
      if (wish.givenByUser) {
        const holder = taken.has(port) ? "另一项设置 (another setting)" : holderOf(port);
        problems.push(`${wish.name} = ${port}：端口已被占用 (in use by) ${holder}。请换一个端口，或先结束该进程。`);
        break;
      }
      port += 10;
      if (port > 65_535) throw new SettingError(`没有空闲端口 (no free port) for ${wish.name}`);
    }
    if (port !== wish.port) moves.push({ name: wish.name, wanted: wish.port, got: port, holder: holderOf(wish.port) });
    taken.add(port);
    ports[wish.name] = port;
  }
  if (problems.length > 0) throw new SettingError(problems.join("\n"));
  return { ports, moves };
}

/** Who listens on a port, as a person can act on it: process id and command. */
export function holderOf(port: number): string {
  const pid = process.platform === "linux" ? listenerOnLinux(port) : listenerByLsof(port);
  return pid === undefined ? "未知进程 (unknown process)" : `pid ${pid} ${commandOf(pid).slice(0, 80)}`.trim();
}

function listenerOnLinux(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readOrEmpty(table).split("\n").slice(1)) {
      const field = line.trim().split(/\s+/);
      if (field[3] === "0A" && field[1]?.endsWith(`:${hex}`)) inodes.add(`socket:[${field[9]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return Number(pid);
      }
    } catch {
      // Somebody else's process, or one that just ended.
    }
  }
  return undefined;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function listenerByLsof(port: number): number | undefined {
  try {
    const found = execFileSync("lsof", ["-nP", "-t", `-iTCP:${port}`, "-sTCP:LISTEN"], { encoding: "utf8" });
    return Number(found.split("\n")[0]) || undefined;
  } catch {
    return undefined;
  }
}
