import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fromCaller, onDatabase } from "./backup.ts";
import { Archive, boundTo } from "./backup-archive.ts";
import { type DataKeys, dataKeyNames, openKeys, otherKeys } from "./backup-keys.ts";
import { type BackupPlace, withStoppedPlatform } from "./backup-place.ts";
import { say, yellow } from "./print.ts";
import { keepInLedger, type Receipt, readLedger, receiptsIn, together } from "./receipts.ts";
import { forgetReplaced, restoreDatabase } from "./restore-database.ts";
import { beginEpoch } from "./restore-epoch.ts";
import { loadCheckout } from "./settings.ts";
import { hasData, writeWhole } from "./state.ts";

/** Puts the data of an archive in the place of the present ones; the platform must not run. 0 when all is in place. */
export async function restore(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      yes: { type: "boolean", default: false },
      forget: { type: "boolean", default: false },
      // The erasures.json of the machine where the platform ran before.
      erased: { type: "string" },
    },
  });
  if (values.forget) return forget();
  const [name] = positionals;
  if (!name) {
    say("用法 (usage): npm run restore -- <file> [--yes] [--erased erasures.json] | npm run restore -- --forget");
    return 2;
  }
  const archive = await Archive.open(fromCaller(name));
  const checkout = loadCheckout();
  return withStoppedPlatform(checkout, async (place) => {
    const adopt = keysToAdopt(archive, place);
    const { stateDir } = place.plan.paths;
    const given = values.erased ? (JSON.parse(readFileSync(fromCaller(values.erased), "utf8")) as Receipt[]) : [];
    const receipts = together(readLedger(stateDir), given, await receiptsIn(place.ownerUrl));
    const erased = { receipts, dataKey: adopt.dataKey };
    const { before } = await restoreDatabase({ url: place.ownerUrl, archive, replace: values.yes, say, erased });
    keepInLedger(stateDir, receipts);
    adopt.write();
    writeWhole(join(place.plan.paths.stamps, "seed.json"), JSON.stringify({ restored: archive.manifest.takenAt }));
    await beginEpoch(place.plan).catch((error: Error) =>
      say(yellow(`分析端没有重置：npm start 之后运行 npm run recover (${error.message.split("\n")[0]})`)),
    );
    say(
      `已恢复到 (restored as of) ${archive.manifest.takenAt}。所有人需要重新登录 (everybody signs in again)。启动: npm start`,
    );
    if (before)
      say(`原来的数据库保留为 (what was there is kept as) ${before}。删除 (delete it): npm run restore -- --forget`);
    return 0;
  });
}

/** Deletes what the last restore has replaced, and the keys that belong to it. */
async function forget(): Promise<number> {
  return onDatabase(loadCheckout(), async ({ plan, ownerUrl }) => {
    const existed = await forgetReplaced(ownerUrl);
    rmSync(`${plan.paths.secrets}.replaced`, { force: true });
    say(existed ? "已删除 (deleted)" : "没有可删除的 (nothing to delete)");
    return 0;
  });
}

/**
 * Makes sure that the platform will have the keys of these data.
 * @returns the key of the personal fields, and what writes all keys down, to be called when the data are in place
 * @throws Error before anything is changed
 */
function keysToAdopt(archive: Archive, { plan }: BackupPlace): { dataKey: string; write: () => void } {
  const { keys: sealed, keyChecks } = archive.manifest;
  const passphrase = process.env.BACKUP_PASSPHRASE;
  if (sealed && !passphrase)
    throw new Error("请在环境变量 BACKUP_PASSPHRASE 中给出备份时的口令 (set BACKUP_PASSPHRASE)");
  const opened = sealed && passphrase ? openKeys(sealed, passphrase, boundTo(archive.manifest)) : undefined;
  const others = otherKeys(plan.secrets, keyChecks);
  if (others.length === 0) return { dataKey: plan.secrets.DATA_KEY, write: () => undefined };
  if (!opened)
    throw new Error(
      `备份不含密钥，而现有的密钥不是它的，没有作任何更改。请先放回当时的 secrets.json (the archive holds no keys, and the present ones are others): ${others.join(", ")}`,
    );
  const fixed = dataKeyNames.filter((key) => plan.checkout.given[key] && others.includes(key));
  if (fixed.length > 0)
    throw new Error(
      `环境变量中的密钥不是备份的，请改正或去掉 (set in the environment to other keys): ${fixed.join(", ")}`,
    );
  return { dataKey: opened.DATA_KEY, write: () => writeKeys(plan.paths.secrets, opened, hasData(plan.paths)) };
}

/** The keys of what was there before stay beside, because its database stays, too. */
function writeKeys(file: string, keys: DataKeys, keepOld: boolean): void {
  if (keepOld && existsSync(file)) copyFileSync(file, `${file}.replaced`);
  const kept = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  writeWhole(file, `${JSON.stringify({ ...kept, ...keys }, null, 2)}\n`);
  say(`密钥已换成备份中的 (the keys of the archive are in place): ${file}`);
}
