import { pipeline } from "node:stream/promises";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Archive, meter, type TablePart } from "./backup-archive.ts";
import { copyInto, readTables, rowsOf, type Table } from "./backup-tables.ts";

/**
 * Fills a database that the archive's migrations have just made, in one transaction. Foreign keys and triggers are taken away
 * for the load (a plain owner may not switch them off otherwise), and put back: PostgreSQL then checks every row against them.
 * Afterwards each table is read again and must say what the archive says.
 * @throws Error and leaves the database empty
 */
export async function loadArchive(client: Client, archive: Archive, say: (line: string) => void): Promise<void> {
  await client.query("begin");
  const parts = await partsToLoad(client, archive, say);
  const keys = await takeForeignKeys(client);
  for (const { table } of parts)
    await client.query(`alter table public.${escapeIdentifier(table)} disable trigger user`);
  // What migrations write by themselves is in the archive, too. A table emptied here is also filled in order.
  await client.query(`truncate ${parts.map(({ table }) => `public.${escapeIdentifier(table)}`).join(", ")}`);
  for (const [index, part] of parts.entries()) {
    const table: Table = { name: part.table, columns: part.columns };
    await pipeline(archive.text(part), client.query(copyFrom(copyInto(table))));
    await proveTable(client, table, part);
    say(`  ${index + 1}/${parts.length}  ${part.table}  ${part.rows} 行 (rows)`);
  }
  for (const { table } of parts)
    await client.query(`alter table public.${escapeIdentifier(table)} enable trigger user`);
  for (const { relation, name, definition } of keys)
    await client.query(`alter table ${relation} add constraint ${escapeIdentifier(name)} ${definition}`);
  await setSequences(client, archive);
  await endSessions(client);
  await client.query("commit");
}

/** The tables of both sides. What only the archive has is not of this platform; what only the migrations make was lost. */
async function partsToLoad(client: Client, archive: Archive, say: (line: string) => void): Promise<TablePart[]> {
  const made = await readTables(client);
  const { tables } = archive.manifest;
  for (const { table } of tables.filter((part) => !made.some(({ name }) => name === part.table)))
    say(`! ${table} 不是本系统的表，未恢复 (not a table of this platform, left out)`);
  return made.map(({ name, columns }) => {
    const part = tables.find(({ table }) => table === name);
    if (!part) throw new Error(`备份中没有表 (missing in the archive): ${name}`);
    if ([...part.columns].sort().join() !== [...columns].sort().join())
      throw new Error(`备份中的表与它的迁移不一致 (another shape than its migrations make): ${name}`);
    return part;
  });
}

async function takeForeignKeys(client: Client) {
  const { rows } = await client.query<{ relation: string; name: string; definition: string }>(
    `select conrelid::regclass::text as relation, conname::text as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where contype = 'f' and conparentid = 0 and connamespace = 'public'::regnamespace`,
  );
  for (const { relation, name } of rows)
    await client.query(`alter table ${relation} drop constraint ${escapeIdentifier(name)}`);
  return rows;
}

async function proveTable(client: Client, table: Table, part: TablePart): Promise<void> {
  const { through, measured } = meter();
  for await (const _ of through(rowsOf(client, table)));
  if (measured.rows !== part.rows || measured.sha256 !== part.sha256)
    throw new Error(`恢复出的表与备份不一致 (the restored table differs from the archive): ${part.table}`);
}

async function setSequences(client: Client, archive: Archive): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S'",
  );
  for (const { name, last, called } of archive.manifest.sequences)
    if (rows.some((row) => row.name === name))
      await client.query("select setval($1::regclass, $2::bigint, $3)", [
        `public.${escapeIdentifier(name)}`,
        last,
        called,
      ]);
}

/** Who was signed in then need not be who may be signed in now. */
async function endSessions(client: Client): Promise<void> {
  for (const table of ["auth_session", "auth_verification"])
    await client.query(
      `do $$ begin if to_regclass(${escapeLiteral(`public.${table}`)}) is not null then delete from public.${table}; end if; end $$`,
    );
}
