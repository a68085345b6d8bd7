import { execFile } from "node:child_process";
import { join } from "node:path";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { Archive } from "./backup-archive.ts";
import { connectForCopy } from "./backup-tables.ts";
import { migrationDrift, migrationsThatDiffer } from "./drift.ts";
import { commonEnvironment } from "./environment.ts";
import { eraseAgain, type Receipt } from "./receipts.ts";
import { loadArchive } from "./restore-load.ts";
import { root } from "./settings.ts";

const migrationsFolder = join(root, "packages/db/prisma/migrations");

export type Restored = {
  /** Name under which the database that was there before is kept; undefined when it held nothing. */
  before: string | undefined;
};

/**
 * Puts the data of an archive in the place of a database. A new database is made beside the present one, filled and checked,
 * and takes its name in one transaction; until then the present one is not touched.
 * @param url the owner, and the database to replace; the owner needs CREATEDB
 * @param replace allows a database that holds data to be replaced
 * @throws Error saying why nothing was changed
 */
export async function restoreDatabase(options: {
  url: string;
  archive: Archive;
  replace: boolean;
  say: (line: string) => void;
  /** Receipts of erasures that the archive may not know of yet, and the key that opens its numbers. */
  erased?: { receipts: readonly Receipt[]; dataKey: string };
}): Promise<Restored> {
  const { url, archive, say, erased } = options;
  refuseOtherMigrations(archive);
  say("核对备份 (checking the archive) …");
  await archive.check();
  const isEmpty = await holdsNothing(url);
  if (!isEmpty && !options.replace)
    throw new Error(
      "数据库里已有数据，没有作任何更改。确定替换请加 --yes (the database holds data: --yes replaces it)",
    );

  const present = presentName(url);
  const fresh = `${present}_restoring`;
  const before = replacedName(url);
  const server = await connect(databaseUrl(url, "postgres"));
  try {
    // What an attempt that was killed has left.
    await dropDatabase(server, url, fresh);
    await createLike(server, present, fresh);
    try {
      await fill(databaseUrl(url, fresh), archive, say);
      // Before anybody can look: an older backup must not bring erased people back.
      const again = erased ? await eraseAgain(databaseUrl(url, fresh), erased.dataKey, erased.receipts) : 0;
      if (again > 0) say(`备份中有 ${again} 位同志的信息已按规定删除，已再次删除 (erased again)`);
      await dropDatabase(server, url, before);
      await swap(server, { present, fresh, before });
    } catch (error) {
      await dropDatabase(server, url, fresh);
      throw error;
    }
    // The data are in place: what fails now is told, and must not look like a restore that failed.
    await dropSlots(databaseUrl(url, before)).catch((error: Error) =>
      say(`! ${before} 的复制槽没有删除 (its replication slot was not dropped): ${error.message}`),
    );
    if (isEmpty) await dropDatabase(server, url, before);
  } finally {
    await server.end();
  }
  return { before: isEmpty ? undefined : before };
}

/** Drops what the last restore has replaced. @returns whether there was anything */
export async function forgetReplaced(url: string): Promise<boolean> {
  const server = await connect(databaseUrl(url, "postgres"));
  try {
    return await dropDatabase(server, url, replacedName(url));
  } finally {
    await server.end();
  }
}

const presentName = (url: string) => decodeURIComponent(new URL(url).pathname.slice(1));
const replacedName = (url: string) => `${presentName(url)}_replaced`;

function refuseOtherMigrations({ manifest }: Archive): void {
  const { unknown, changed } = migrationsThatDiffer(manifest.migrations, migrationsFolder);
  if (unknown.length > 0)
    throw new Error(
      `备份来自更新的版本，请先升级程序 (taken by a newer version of the platform; upgrade first): ${unknown.join(", ")}`,
    );
  if (changed.length > 0)
    throw new Error(`备份的数据库结构与程序不同 (migrations with another text): ${changed.join(", ")}`);
}

/** Migrations up to the archive's, its data, and the migrations that came later and may change these data. */
async function fill(url: string, archive: Archive, say: (line: string) => void): Promise<void> {
  const { migrations } = archive.manifest;
  say("建立数据库结构 (making the tables) …");
  await migrate(url, `--only=${migrations.map(({ name }) => name).join(",")}`);
  const client = await connectForCopy(url);
  try {
    await loadArchive(client, archive, say);
  } finally {
    await client.end();
  }
  const { pending } = await migrationDrift(url, migrationsFolder);
  if (pending.length > 0) say(`应用新的迁移 (newer migrations): ${pending.join(", ")}`);
  await migrate(url);
  const analyst = await connect(url);
  await analyst.query("analyze").finally(() => analyst.end());
}

function migrate(url: string, ...only: string[]): Promise<void> {
  const program = [join(root, "packages/db/src/cli.ts"), "migrate", ...only];
  const env = { ...commonEnvironment(), OWNER_DATABASE_URL: url };
  return new Promise((done, refuse) => {
    execFile(process.execPath, program, { env, timeout: 1_800_000 }, (error, _, stderr) =>
      error ? refuse(new Error(`数据库结构升级失败 (migration failed): ${stderr.slice(-2_000)}`)) : done(),
    );
  });
}

/** Whether no table of the database has a row. */
async function holdsNothing(url: string): Promise<boolean> {
  const client = await connect(url);
  try {
    const { rows } = await client.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '_prisma_migrations'`,
    );
    for (const { name } of rows) if ((await client.query(`select from ${name} limit 1`)).rowCount !== 0) return false;
    return true;
  } finally {
    await client.end();
  }
}

/** A new database with the character set and order of the present one. */
async function createLike(server: Client, present: string, fresh: string): Promise<void> {
  const { rows } = await server.query<
    Record<"encoding" | "provider" | "collation" | "type", string> & { locale: string | null }
  >(
    `select pg_encoding_to_char(encoding) as encoding, datcollate as collation, datctype as type, datlocale as locale,
            case datlocprovider when 'b' then 'builtin' when 'i' then 'icu' else 'libc' end as provider
       from pg_database where datname = $1`,
    [present],
  );
  const like = rows[0];
  if (!like) throw new Error(`没有这个数据库 (no such database): ${present}`);
  const name = like.provider === "builtin" ? "builtin_locale" : "icu_locale";
  const locale = like.locale === null ? "" : `${name} ${escapeLiteral(like.locale)}`;
  try {
    await server.query(
      `create database ${escapeIdentifier(fresh)} template template0 encoding ${escapeLiteral(like.encoding)}
         locale_provider ${like.provider} lc_collate ${escapeLiteral(like.collation)} lc_ctype ${escapeLiteral(like.type)} ${locale}`,
    );
  } catch (error) {
    if ((error as { code?: string }).code !== "42501") throw error;
    throw new Error("DATABASE_URL 的账号不能新建数据库 (needs): ALTER ROLE … CREATEDB", { cause: error });
  }
}

/** Both names change in one transaction, or none does. */
async function swap(server: Client, names: { present: string; fresh: string; before: string }): Promise<void> {
  const [present, fresh, before] = [names.present, names.fresh, names.before].map(escapeIdentifier);
  try {
    await server.query("begin");
    await server.query(`alter database ${present} rename to ${before}`);
    await server.query(`alter database ${fresh} rename to ${present}`);
    await server.query("commit");
  } catch (error) {
    await server.query("rollback");
    if ((error as { code?: string }).code !== "55006") throw error;
    throw new Error(
      `还有程序连着数据库，没有作任何更改。请停止它们再恢复 (others are connected to the database): ${names.present}`,
      { cause: error },
    );
  }
}

/** Slots belong to a database and hold its log back: the one of the stream would stop the disk from being freed. */
async function dropSlots(url: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database() and not active",
    );
  } finally {
    await client.end();
  }
}

async function dropDatabase(server: Client, url: string, name: string): Promise<boolean> {
  const { rowCount } = await server.query("select from pg_database where datname = $1", [name]);
  if (rowCount === 0) return false;
  await dropSlots(databaseUrl(url, name));
  await server.query(`drop database ${escapeIdentifier(name)} with (force)`);
  return true;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: "xianfeng-restore",
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function databaseUrl(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}
