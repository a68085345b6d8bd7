import { existsSync, mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { Disk } from "@xianfeng/service/alarms";
import { pathsIn, readJson, writeWhole } from "./state.ts";

/** When the commands of a person last came to their end; the page about the system reads it. `at` is an ISO instant. */
export type Records = {
  backup: { at: string; file: string; tables: number; rows: number };
  audit: { at: string; fits: boolean };
  reconcile: { at: string; equal: boolean; tables: number };
};

/** Writes down that something was done; where there is no state folder (a database elsewhere) nobody would read it. */
export function writeRecord<Name extends keyof Records>(
  stateDir: string,
  name: Name,
  record: Omit<Records[Name], "at">,
): void {
  const { stamps } = pathsIn(stateDir);
  if (!existsSync(stateDir)) return;
  mkdirSync(stamps, { recursive: true, mode: 0o700 });
  writeWhole(join(stamps, `${name}.json`), JSON.stringify({ at: new Date().toISOString(), ...record }));
}

export const readRecord = <Name extends keyof Records>(stateDir: string, name: Name): Records[Name] | undefined =>
  readJson<Records[Name]>(join(pathsIn(stateDir).stamps, `${name}.json`));

/** Room on the disk of a folder, as an account that is not root sees it. */
export function diskOf(folder: string): Disk {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
