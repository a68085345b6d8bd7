import { type LandingType, landingType } from "./pg-type.ts";

/** Anything that runs SQL on PostgreSQL, so that this package needs no driver. */
export type Queryable = { query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }> };

export type LandingColumn = LandingType & { name: string; pgType: string; nullable: boolean };

/** A PostgreSQL table and what becomes of it in ClickHouse. `key` holds the primary key's columns in index order. */
export type LandingTable = { name: string; columns: LandingColumn[]; key: string[] };

type CatalogRow = {
  table: string;
  column: string;
  pg_type: string;
  not_null: boolean;
  key_position: number | null;
};

const catalogSql = `
  select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as pg_type,
         a.attnotnull as not_null, array_position(i.indkey::int2[], a.attnum)::int as key_position
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  left join pg_index i on i.indrelid = c.oid and i.indisprimary
  where c.relkind in ('r', 'p') and c.relname = any($1)
  order by c.relname, a.attnum`;

/**
 * Reads columns and primary keys of tables in schema `public` from the catalog, in the order asked.
 * Generated columns are left out: logical replication does not carry them.
 * @throws Error listing every table that is missing, has no key, or has a column that cannot land exactly
 */
export async function readLandingTables(database: Queryable, tables: readonly string[]): Promise<LandingTable[]> {
  const { rows } = await database.query(catalogSql, [tables]);
  const byTable = Map.groupBy(rows as CatalogRow[], (row) => row.table);
  const problems: string[] = [];
  const found = tables.map((name) => {
    const own = byTable.get(name) ?? [];
    if (own.length === 0) problems.push(`table ${name} does not exist in schema public`);
    const key = own
      .filter((row) => row.key_position !== null)
      .sort((a, b) => Number(a.key_position) - Number(b.key_position))
      .map((row) => row.column);
    if (own.length > 0 && key.length === 0) problems.push(`table ${name} has no primary key`);
    const columns = own.flatMap((row) => {
      try {
        return [toColumn(row)];
      } catch (error) {
        problems.push(`${name}.${row.column}: ${(error as Error).message}`);
        return [];
      }
    });
    return { name, columns, key };
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return found;
}

function toColumn(row: CatalogRow): LandingColumn {
  const type = landingType(row.pg_type);
  const isList = type.kind === "list" || type.kind === "numberList";
  if (isList && !row.not_null)
    throw new Error("a list must be NOT NULL, because ClickHouse turns a missing one into []");
  return { ...type, name: row.column, pgType: row.pg_type, nullable: !row.not_null };
}
