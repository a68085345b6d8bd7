import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { Archive } from "./backup-archive.ts";
import { derivedSettings } from "./environment.ts";
import { cleanClickHouse } from "./erase-clickhouse.ts";
import { cleanPostgres } from "./erase-postgres.ts";
import { say, yellow } from "./print.ts";
import { keepInLedger, type Receipt, receiptsIn } from "./receipts.ts";
import { databaseName } from "./roles.ts";
import { runningPlan } from "./running.ts";
import { loadCheckout, root } from "./settings.ts";

/**
 * After somebody was erased: takes the old rows out of the files of both databases and names the backups that still hold them. The platform
 * must run. 0 when nothing is left but what was named.
 */
export async function eraseClean(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { all: { type: "boolean", default: false } } });
  const running = runningPlan(loadCheckout());
  if (!running) {
    say("系统没有在运行，请先 npm start (not running)");
    return 1;
  }
  const { plan } = running;
  const {
    OWNER_DATABASE_URL: ownerUrl = "",
    ADMIN_DATABASE_URL: adminUrl,
    CLICKHOUSE_HTTP_URL: url = "",
  } = derivedSettings(plan);
  const receipts = await receiptsIn(ownerUrl);
  keepInLedger(plan.paths.stateDir, receipts);
  const waiting = await uncleaned(ownerUrl);
  if (waiting.length === 0 && !values.all) {
    say("没有等待清理的删除 (nothing to clean)");
    await nameBackups(receipts);
    return 0;
  }
  if (!adminUrl) {
    say(
      "数据库不由本系统管理，文件须由它的管理员清理：VACUUM FULL 有关的表和 pg_statistic，CHECKPOINT，并等旧的 WAL 和归档过期 (an external database: its administrator runs VACUUM FULL, CHECKPOINT and lets old WAL and archives expire)",
    );
    return 1;
  }
  const inside = new URL(adminUrl);
  inside.pathname = `/${databaseName}`;
  say(`清理 ${waiting.length} 次删除 (erasures to clean)`);
  await cleanPostgres(inside.href, say);
  await cleanClickHouse(
    { url, password: plan.secrets.CLICKHOUSE_LANDING_PASSWORD },
    receipts.map(({ personId }) => personId),
  );
  await markCleaned(ownerUrl, waiting);
  say("数据库文件已清理 (the files of the databases are clean)");
  await nameReplaced(adminUrl);
  await nameBackups(receipts);
  return 0;
}

async function uncleaned(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      "select id::text from erasure where state = 'carried_out' and cleaned_at is null",
    );
    return rows.map(({ id }) => id);
  });
}

const markCleaned = (url: string, ids: readonly string[]) =>
  withClient(url, (client) =>
    client.query("update erasure set cleaned_at = now() where id = any($1::uuid[]) and cleaned_at is null", [ids]),
  );

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The database that a restore has replaced is kept whole. */
async function nameReplaced(adminUrl: string): Promise<void> {
  const { rowCount } = await withClient(adminUrl, (client) =>
    client.query("select from pg_database where datname = $1", [`${databaseName}_replaced`]),
  );
  if (rowCount)
    say(
      yellow(
        "上次恢复时换下的数据库仍含有这些内容，删除它 (the replaced database still holds them): npm run restore -- --forget",
      ),
    );
}

/** Backups from before an erasure hold the person until they are deleted; restoring one erases again. */
async function nameBackups(receipts: readonly Receipt[]): Promise<void> {
  const folder = join(root, "backups");
  const newest = receipts.at(-1)?.decidedAt;
  if (!newest || !existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".backup"))) {
    const taken = await Archive.open(join(folder, name)).then(
      ({ manifest }) => manifest.takenAt,
      () => undefined,
    );
    if (taken === undefined || taken < newest)
      say(yellow(`! 这份备份删除之前所作，过期前仍含有这些内容 (taken before, still holds them): backups/${name}`));
  }
}
