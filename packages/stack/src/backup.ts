import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { backupDatabase } from "./backup-database.ts";
import { type BackupPlace, isRunning, runningPlace, withStoppedPlatform } from "./backup-place.ts";
import { say, yellow } from "./print.ts";
import { writeRecord } from "./records.ts";
import { type Checkout, loadCheckout, root } from "./settings.ts";
import { hasData, pathsIn } from "./state.ts";

/** Writes all data into one archive; the platform may run. 0 when the archive is whole. */
export async function backup(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { "without-keys": { type: "boolean", default: false } },
  });
  const passphrase = process.env.BACKUP_PASSPHRASE;
  if (!passphrase && !values["without-keys"]) {
    say(
      "请在环境变量 BACKUP_PASSPHRASE 中给出口令，备份中的密钥用它加密 (set BACKUP_PASSPHRASE: it encrypts the keys)。",
    );
    say("不带密钥的备份: npm run backup -- --without-keys；没有另外保存的 secrets.json，证件号和电话将无法解密");
    return 1;
  }
  const checkout = loadCheckout();
  const file = positionals[0] ? fromCaller(positionals[0]) : join(root, "backups", nameOfNow());
  if (existsSync(file)) {
    say(`文件已存在，没有覆盖 (exists): ${file}`);
    return 1;
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const write = ({ plan, ownerUrl }: BackupPlace) =>
    backupDatabase({
      url: ownerUrl,
      file,
      keys: plan.secrets,
      passphrase: values["without-keys"] ? undefined : passphrase,
      say,
    });
  say("正在备份 (backing up) …");
  const manifest = await onDatabase(checkout, write);
  const rows = manifest.tables.reduce((sum, part) => sum + part.rows, 0);
  writeRecord(checkout.stateDir, "backup", { file: basename(file), tables: manifest.tables.length, rows });
  say(`备份完成 (done): ${file}，${manifest.tables.length} 张表 (tables)，${rows} 行 (rows)`);
  if (!manifest.keys)
    say(
      yellow(
        "此备份不含密钥：请另外保存 secrets.json，否则证件号和电话无法解密 (holds no keys: keep secrets.json elsewhere)",
      ),
    );
  return 0;
}

/** The database of the platform, whether it runs or not. */
export async function onDatabase<Result>(
  checkout: Checkout,
  work: (place: BackupPlace) => Promise<Result>,
): Promise<Result> {
  const running = runningPlace(checkout);
  if (running) return work(running);
  if (isRunning(checkout)) throw new Error("系统正在启动，请稍候再备份 (starting: try again when it is ready)");
  const paths = pathsIn(checkout.stateDir);
  const { DATA_KEY, BLIND_INDEX_KEY, DATABASE_URL } = checkout.given;
  if (!DATABASE_URL && !hasData(paths)) throw new Error(`没有数据可备份 (nothing to back up in): ${paths.stateDir}`);
  // New keys would be made otherwise, which open nothing.
  if (!existsSync(paths.secrets) && !(DATA_KEY && BLIND_INDEX_KEY))
    throw new Error(`没有找到密钥 (no keys): ${paths.secrets}。请把 STATE_DIR 设为运行系统所用的目录`);
  return withStoppedPlatform(checkout, work);
}

/** npm runs us in the root of the checkout; people mean the folder in which they stand. */
export const fromCaller = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);

const nameOfNow = () =>
  `xianfeng-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}.backup`;
