import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../../../..");

/** What one run of the command answered. */
export type Answer = { code: number; text: string };

/** A copy of everything that the command reads and writes, in a folder of its own. */
export type Checkout = {
  root: string;
  run(...args: string[]): Promise<Answer>;
  read(path: string): string;
  write(path: string, content: string): void;
  /** The names of the migrations that this checkout has and the repository has not. */
  newMigrations(): string[];
  migration(label: string): string;
  /** Every file with its content, to compare before and after. */
  all(): Map<string, string>;
  remove(): void;
};

const migrations = "packages/db/prisma/migrations";
const names = (root: string) =>
  readdirSync(join(root, migrations))
    .filter((name) => /^\d{14}_/.test(name))
    .sort();

/** Links to the installed packages, but to the copy of the one whose generated part changes. */
function linkModules(from: string, to: string, root: string): void {
  mkdirSync(join(to, "@xianfeng"), { recursive: true });
  const own = readdirSync(join(from, "@xianfeng")).map((name) => `@xianfeng/${name}`);
  for (const name of [...readdirSync(from).filter((entry) => entry !== "@xianfeng"), ...own]) {
    const target = name === "@xianfeng/clickhouse" ? join(root, "packages/clickhouse") : join(from, name);
    symlinkSync(target, join(to, name));
  }
}

/** @param from another copy, to go on where that one is */
export function copyCheckout(from = repository): Checkout {
  const root = mkdtempSync(join(tmpdir(), "xianfeng-schema-"));
  for (const folder of ["packages/db", "packages/clickhouse", "warehouse"]) {
    cpSync(join(from, folder), join(root, folder), {
      recursive: true,
      filter: (path) => !/(\/node_modules|packages\/db\/src\/generated|\/\.turbo|\/target|\/logs)(\/|$)/.test(path),
    });
    linkModules(join(repository, folder, "node_modules"), join(root, folder, "node_modules"), root);
  }
  symlinkSync(join(repository, ".tools"), join(root, ".tools"));
  cpSync(join(repository, "tsconfig.base.json"), join(root, "tsconfig.base.json"));
  mkdirSync(join(root, "packages/db/src/generated"), { recursive: true });
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const newMigrations = () => names(root).filter((name) => !names(repository).includes(name));
  return {
    root,
    read,
    newMigrations,
    write: (path, content) => writeFileSync(join(root, path), content),
    run: (...args) =>
      new Promise((done) => {
        const command = join(root, "packages/db/src/cdc/change/main.ts");
        execFile(process.execPath, [command, ...args], (error, stdout, stderr) =>
          done({ code: Number(error?.code ?? 0), text: stdout + stderr }),
        );
      }),
    migration(label) {
      const name = newMigrations().find((candidate) => candidate.endsWith(label));
      if (!name) throw new Error(`no migration ${label} among ${newMigrations().join(", ")}`);
      return read(`${migrations}/${name}/migration.sql`);
    },
    all() {
      const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      return new Map(
        files
          .map((entry) => join(entry.parentPath, entry.name))
          .filter((path) => !/\/node_modules\/|packages\/db\/src\/generated\/|\/\.tools\//.test(path))
          .map((path) => [path, readFileSync(path, "utf8")]),
      );
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
