import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Socket } from "node:net";

const readOrEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    // It ended meanwhile, or is not ours to see.
    return "";
  }
};

export type Found = { pid: number; uid: number; command: string };

/** Running processes that stand in a folder, were started from it or name it: all that a platform in it can leave behind. Linux only. */
export function processesIn(folder: string): Found[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const at = `/proc/${name}`;
      const status = readOrEmpty(() => readFileSync(`${at}/status`, "utf8"));
      const command = readOrEmpty(() => readFileSync(`${at}/cmdline`, "utf8"))
        .replaceAll("\0", " ")
        .trim();
      const places = [
        command,
        readOrEmpty(() => readlinkSync(`${at}/cwd`)),
        readOrEmpty(() => readlinkSync(`${at}/exe`)),
      ];
      const state = /^State:\s+(\w)/m.exec(status)?.[1];
      if (!state || state === "Z" || state === "X" || !places.some((place) => place.includes(folder))) return [];
      return [{ pid: Number(name), uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]), command: command.slice(0, 120) }];
    })
    .filter(({ pid }) => pid !== process.pid);
}

/** Whether somebody takes connections on a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = new Socket();
    const say = (listening: boolean) => {
      socket.destroy();
      answer(listening);
    };
    socket.once("connect", () => say(true)).once("error", () => say(false));
    socket.connect(port, "127.0.0.1");
  });
}
