import { closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";

/** A log file that never grows past `maxBytes`; `keep` older ones stay as `name.log.1`, `.2` … */
export type LogFile = { write(chunk: string | Buffer): void; lastLines(count: number): string[]; close(): void };

/** @param path file to append to; made when missing, readable by its owner only. */
export function openLogFile(path: string, maxBytes = 10 * 1024 * 1024, keep = 3): LogFile {
  let size = existsSync(path) ? statSync(path).size : 0;
  let fd: number | undefined = openSync(path, "a", 0o600);
  let tail = "";

  function rotate() {
    if (fd !== undefined) closeSync(fd);
    rmSync(`${path}.${keep}`, { force: true });
    for (let age = keep - 1; age >= 1; age--)
      if (existsSync(`${path}.${age}`)) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
    renameSync(path, `${path}.1`);
    fd = openSync(path, "a", 0o600);
    size = 0;
  }

  return {
    write(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      tail = (tail + bytes.toString("utf8")).slice(-8_000);
      if (fd === undefined) return;
      try {
        if (size > 0 && size + bytes.length > maxBytes) rotate();
        writeSync(fd, bytes);
        size += bytes.length;
      } catch {
        // A full disk must not take the supervisor down with it; `doctor` reports the disk.
      }
    },
    lastLines: (count) => tail.trimEnd().split("\n").slice(-count),
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
