import { type Client, escapeIdentifier } from "pg";
import { ArchiveWriter, boundTo, type Manifest, type TablePart } from "./backup-archive.ts";
import { type DataKeys, keyChecks, sealKeys } from "./backup-keys.ts";
import { connectForCopy, readTables, rowsOf } from "./backup-tables.ts";

export { Archive, DamagedArchive, type Manifest } from "./backup-archive.ts";

/**
 * Writes every table, as it was at one moment, into one archive, while others go on writing. Needs the owner of the tables.
 * @param passphrase encrypts the keys; without it the archive holds none
 * @param say gets a line for each table: name, rows and size
 * @throws Error when anything is missing; then no archive is left behind
 */
export async function backupDatabase(options: {
  url: string;
  file: string;
  keys: DataKeys;
  passphrase: string | undefined;
  say: (line: string) => void;
}): Promise<Manifest> {
  const client = await connectForCopy(options.url);
  const writer = await ArchiveWriter.create(options.file).catch(async (error: unknown) => {
    await client.end();
    throw error;
  });
  try {
    const manifest = await writeTables(client, writer, options);
    if (options.passphrase !== undefined) manifest.keys = sealKeys(options.keys, options.passphrase, boundTo(manifest));
    await writer.finish(manifest);
    return manifest;
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    await client.end();
  }
}

async function writeTables(
  client: Client,
  writer: ArchiveWriter,
  { keys, say }: { keys: DataKeys; say: (line: string) => void },
): Promise<Manifest> {
  await client.query("begin transaction isolation level repeatable read read only");
  const migrations = await appliedMigrations(client);
  const takenAt = new Date().toISOString();
  const tables = await readTables(client);
  // The shape of a table is not part of a snapshot: nobody may change it before its rows are read.
  await client.query(
    `lock table ${tables.map(({ name }) => `public.${escapeIdentifier(name)}`).join(", ")} in access share mode`,
  );
  const parts: TablePart[] = [];
  for (const [index, table] of tables.entries()) {
    const part = { table: table.name, columns: table.columns, ...(await writer.add(rowsOf(client, table))) };
    parts.push(part);
    say(`  ${index + 1}/${tables.length}  ${part.table}  ${part.rows} 行 (rows)  ${Math.ceil(part.length / 1024)} KiB`);
  }
  // Read after the rows: a sequence may stand further than the snapshot, never behind it.
  const sequences = await readSequences(client);
  await client.query("commit");
  return { format: 1, takenAt, migrations, tables: parts, sequences, keyChecks: keyChecks(keys), keys: null };
}

async function appliedMigrations(client: Client): Promise<Manifest["migrations"]> {
  const found = await client.query<{ name: string; checksum: string; finished: boolean }>(
    `select migration_name as name, checksum, finished_at is not null as finished
       from public._prisma_migrations where rolled_back_at is null order by migration_name`,
  );
  const unfinished = found.rows.find((row) => !row.finished);
  if (unfinished)
    throw new Error(`数据库结构升级还没有完成，请先完成再备份 (a migration has not finished): ${unfinished.name}`);
  return found.rows.map(({ name, checksum }) => ({ name, checksum }));
}

async function readSequences(client: Client): Promise<Manifest["sequences"]> {
  const { rows } = await client.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S' order by 1",
  );
  const sequences: Manifest["sequences"] = [];
  for (const { name } of rows) {
    const at = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from public.${escapeIdentifier(name)}`,
    );
    const state = at.rows[0];
    if (state) sequences.push({ name, ...state });
  }
  return sequences;
}
