import type { ClickHouse } from "../client.ts";
import type { LandingTable } from "./catalog.ts";
import { controlTablesSql } from "./control.ts";
import { columnType, createLandingSql, literal, quoted, rangeIndexes } from "./ddl.ts";

/**
 * What the landing table of a published table lacks; `different` columns cannot be mended in place. `held` are those that PostgreSQL has
 * no more and that the deployed staging view still names.
 */
export type LandingGap = { missing: string[]; different: string[]; held: string[]; exists: boolean };

/** Makes the database `raw` and the stream's own tables. Safe to repeat. */
export async function ensureControlTables(clickhouse: ClickHouse): Promise<void> {
  await clickhouse.command("CREATE DATABASE IF NOT EXISTS raw");
  for (const sql of controlTablesSql) await clickhouse.command(sql);
}

/** Compares a landing table with the wanted one. Columns that PostgreSQL has no more count as different. */
export async function landingGap(clickhouse: ClickHouse, table: LandingTable): Promise<LandingGap> {
  const rows = await clickhouse.query<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns WHERE database = 'raw' AND table = ${literal(table.name)} AND name NOT IN ('_version', '_deleted')`,
  );
  const types = new Map(rows.map((row) => [row.name, row.type]));
  const wanted = new Set(table.columns.map((column) => column.name));
  const missing = table.columns.filter((column) => !types.has(column.name)).map((column) => column.name);
  const changed = table.columns
    .filter((column) => types.has(column.name) && types.get(column.name) !== columnType(column))
    .map((column) => column.name);
  const gone = [...types.keys()].filter((name) => !wanted.has(name));
  const held = gone.length > 0 ? await namedByStaging(clickhouse, table.name, gone) : [];
  return { missing, different: [...changed, ...gone], held, exists: rows.length > 0 };
}

/** Those of some columns that the staging view of a table has. Nothing is known where staging may not be looked at. */
async function namedByStaging(clickhouse: ClickHouse, table: string, columns: readonly string[]): Promise<string[]> {
  const rows = await clickhouse.query<{ name: string }>(
    `SELECT name FROM system.columns WHERE database = 'staging' AND table = ${literal(`stg_${table}`)} AND name IN (${columns.map(literal).join(", ")})`,
  );
  return rows.map((row) => row.name);
}

/** Gives a table columns that another one has, empty: whoever still names them finds them. */
export async function addHeldColumns(
  clickhouse: ClickHouse,
  from: string,
  to: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const [column] = await clickhouse.query<{ type: string }>(
      `SELECT type FROM system.columns WHERE database = 'raw' AND table = ${literal(from)} AND name = ${literal(name)}`,
    );
    if (!column) continue;
    await clickhouse.command(`ALTER TABLE raw.${quoted(to)} ADD COLUMN IF NOT EXISTS ${quoted(name)} ${column.type}`);
  }
}

/** Adds a column to a landing table; rows that are there read NULL or the type's empty value. */
export async function addLandingColumn(clickhouse: ClickHouse, table: LandingTable, name: string): Promise<void> {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column) throw new Error(`table ${table.name} has no column ${name}`);
  await clickhouse.command(
    `ALTER TABLE raw.${quoted(table.name)} ADD COLUMN IF NOT EXISTS ${quoted(name)} ${columnType(column)}`,
  );
}

/** Gives a landing table from before them its indexes. Rows that are there get them when they are next merged. */
export async function addRangeIndexes(clickhouse: ClickHouse, table: LandingTable): Promise<void> {
  const rows = await clickhouse.query<{ name: string }>(
    `SELECT name FROM system.data_skipping_indices WHERE database = 'raw' AND table = ${literal(table.name)}`,
  );
  const present = new Set(rows.map(({ name }) => name));
  for (const { name, sql } of rangeIndexes(table))
    if (!present.has(name)) await clickhouse.command(`ALTER TABLE raw.${quoted(table.name)} ADD ${sql}`);
}

/** Makes all landing tables that are not there yet: what the staging views need to be created, with or without data. */
export async function ensureLandingTables(clickhouse: ClickHouse, tables: readonly LandingTable[]): Promise<void> {
  await ensureControlTables(clickhouse);
  for (const table of tables) await clickhouse.command(createLandingSql(table));
}
