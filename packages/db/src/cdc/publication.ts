import { type LandingTable, publicationName, type Queryable } from "@xianfeng/clickhouse/landing";
import { escapeIdentifier as name } from "pg";
import { readCatalog, wholePublication } from "./change/catalog.ts";

const variableLengthSql = `
  select c.relname || '.' || a.attname as "column"
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped and t.typlen = -1`;

const guardedSql = `
  select c.relname as "table" from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where t.tgname = 'key_is_fixed' and t.tgenabled = 'O' and has_table_privilege('xf_stream', c.oid, 'SELECT')`;

/** True when the database publishes exactly these tables, each in the way that `publicationSql` sets. */
export async function isPublished(database: Queryable, tables: readonly LandingTable[]): Promise<boolean> {
  const catalog = await readCatalog(database);
  const { rows } = await database.query(guardedSql);
  const guarded = new Set((rows as { table: string }[]).map((row) => row.table));
  const members = catalog.tables.filter((table) => table.membership);
  const isRight = (table: (typeof members)[number]) =>
    !table.membership?.narrowed &&
    table.replicaIdentity === "d" &&
    guarded.has(table.name) &&
    !table.columns.some((column) => column.mayLeaveRow) &&
    tables.some(({ name: wanted }) => wanted === table.name);
  return catalog.publication === wholePublication && members.length === tables.length && members.every(isRight);
}

const storageOf = (table: LandingTable, variableLength: ReadonlySet<string>) =>
  table.columns
    .filter((column) => variableLength.has(`${table.name}.${column.name}`))
    .map((column) => `\n  ALTER COLUMN ${name(column.name)} SET STORAGE PLAIN`)
    .join(",");

const keyTrigger = (table: LandingTable) => {
  const changed = table.key.map((column) => `OLD.${name(column)} IS DISTINCT FROM NEW.${name(column)}`).join(" OR ");
  return `CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON ${name(table.name)} FOR EACH ROW
  WHEN (${changed}) EXECUTE FUNCTION forbid_key_change();`;
};

/**
 * The migration that makes a database publish exactly these tables. It may run on a database that had an older one:
 * every statement sets a state instead of assuming one.
 */
export async function publicationSql(database: Queryable, tables: readonly LandingTable[]): Promise<string> {
  const { rows } = await database.query(variableLengthSql);
  const variableLength = new Set((rows as { column: string }[]).map((row) => row.column));
  const list = tables.map((table) => `\n  ${name(table.name)}`).join(",");
  const perTable = tables.map((table) => {
    const storage = storageOf(table, variableLength);
    return [
      `-- ${table.name}`,
      ...(storage ? [`ALTER TABLE ${name(table.name)}${storage};`] : []),
      `ALTER TABLE ${name(table.name)} REPLICA IDENTITY DEFAULT;`,
      keyTrigger(table),
      `GRANT SELECT ON ${name(table.name)} TO xf_stream;`,
    ].join("\n");
  });
  return `-- Generated from the catalog and packages/db/cdc by \`pnpm cdc:generate\`. Do not edit.
-- Whole tables only. STORAGE PLAIN: a value stored out of line would be missing from the log when its row changes elsewhere.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = '${publicationName}') THEN
    CREATE PUBLICATION ${publicationName} WITH (publish_via_partition_root = true);
  END IF;
END $$;

-- A row of the warehouse is found by its key alone, so a key never changes.
CREATE OR REPLACE FUNCTION forbid_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the primary key of % cannot be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

${perTable.join("\n\n")}

ALTER PUBLICATION ${publicationName} SET TABLE${list};
`;
}
