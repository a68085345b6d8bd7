import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SettingError } from "@xianfeng/env";
import { isAlive, markOf, type ProcessMark, signal, until } from "./processes.ts";
import type { PartStatus } from "./supervisor.ts";

/** Where things lie inside the state folder. */
export function pathsIn(stateDir: string) {
  const run = join(stateDir, "run");
  return {
    stateDir,
    marker: join(stateDir, "xianfeng-state.txt"),
    run,
    logs: join(stateDir, "logs"),
    secrets: join(stateDir, "secrets.json"),
    postgres: join(stateDir, "postgres"),
    clickhouse: join(stateDir, "clickhouse"),
    stamps: join(stateDir, "stamps"),
    accounts: join(stateDir, "demo-accounts.json"),
    lock: join(run, "stack.lock"),
    status: join(run, "status.json"),
    children: join(run, "children"),
  };
}

export type Paths = ReturnType<typeof pathsIn>;

/**
 * Makes the folders; the state folder itself may be passed through, because PostgreSQL can belong to another account.
 * @throws SettingError when STATE_DIR is a folder of something else: `reset` deletes all that is in it.
 */
export function makeFolders(paths: Paths): void {
  mkdirSync(paths.stateDir, { recursive: true });
  if (!existsSync(paths.marker)) {
    if (readdirSync(paths.stateDir).length > 0)
      throw new SettingError(
        `STATE_DIR = ${paths.stateDir}：目录里有别的内容，请指定一个空目录 (not empty, and not made by this system)`,
      );
    chmodSync(paths.stateDir, 0o711);
    writeFileSync(paths.marker, "Data of Xianfeng. `npm run reset` deletes this whole folder.\n");
  }
  for (const folder of [paths.run, paths.logs, paths.children, paths.stamps])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Whether this installation was started before with a database of its own, which the secrets belong to. */
export const hasData = (paths: Paths): boolean => existsSync(join(paths.stamps, "seed.json"));

/** What `npm start` writes down for the other commands. */
export type StackStatus = {
  supervisor: ProcessMark;
  url: string;
  state: "starting" | "ready" | "degraded" | "unhealthy" | "stopping";
  updatedAt: string;
  ports: Record<string, number>;
  parts: PartStatus[];
};

/** Writes so that a reader always sees a whole file. */
export function writeWhole(file: string, text: string, mode = 0o600): void {
  const partial = `${file}.${process.pid}.part`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, file);
}

export function readJson<Shape>(file: string): Shape | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Shape;
  } catch {
    return undefined;
  }
}

/** The supervisor of this state folder, when it really runs. */
export function runningSupervisor(paths: Paths): ProcessMark | undefined {
  const mark = readJson<ProcessMark>(paths.lock);
  return mark && isAlive(mark) ? mark : undefined;
}

/**
 * Takes the lock of the state folder for this process.
 * @returns the mark of the one who has it, or undefined when it is ours now.
 */
export function takeLock(paths: Paths): ProcessMark | undefined {
  const mine = markOf(process.pid);
  const file = `${paths.lock}.${process.pid}`;
  writeFileSync(file, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link is made whole or not at all, and only where there is none.
        linkSync(file, paths.lock);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const holder = runningSupervisor(paths);
        if (holder) return holder;
        setAsideStaleLock(paths);
      }
    }
  } finally {
    rmSync(file, { force: true });
  }
}

/** Of two starters that both saw a stale lock, the slower one must not remove the faster one's new lock. */
function setAsideStaleLock(paths: Paths): void {
  const aside = `${paths.lock}.stale.${process.pid}`;
  try {
    renameSync(paths.lock, aside);
  } catch {
    return;
  }
  const mark = readJson<ProcessMark>(aside);
  if (mark && isAlive(mark)) linkSync(aside, paths.lock);
  rmSync(aside, { force: true });
}

export const releaseLock = (paths: Paths): void => rmSync(paths.lock, { force: true });

export type ChildRecord = ProcessMark & { name: string; stopSignal: NodeJS.Signals; group: boolean };

/** Remembers a child on disk, for the start after our own SIGKILL. */
export const recordChild = (paths: Paths, record: ChildRecord): void =>
  writeWhole(join(paths.children, `${record.name}.json`), JSON.stringify(record));

export const forgetChild = (paths: Paths, name: string): void =>
  rmSync(join(paths.children, `${name}.json`), { force: true });

/**
 * Ends children of a supervisor that was killed. A process that only has the same number is left alone.
 * @returns names of those that were still there.
 */
export async function endLeftovers(paths: Paths): Promise<string[]> {
  if (!existsSync(paths.children)) return [];
  const files = readdirSync(paths.children).filter((name) => name.endsWith(".json"));
  const records = files.flatMap((name) => readJson<ChildRecord>(join(paths.children, name)) ?? []);
  const alive = records.filter(isAlive);
  for (const { pid, stopSignal, group } of alive) signal(group ? -pid : pid, stopSignal);
  await until(() => !alive.some(isAlive), 15_000);
  for (const record of alive) {
    if (isAlive(record)) signal(record.group ? -record.pid : record.pid, "SIGKILL");
  }
  await until(() => !alive.some(isAlive), 5_000);
  for (const name of files) rmSync(join(paths.children, name), { force: true });
  return alive.map((record) => record.name);
}
