import type { LandingColumn, LandingTable } from "./catalog.ts";

/** Backticks around a ClickHouse name. */
export const quoted = (name: string): string => `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;

/** A ClickHouse string literal. */
export const literal = (value: string): string => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** Type of the landing column; the list types hold no NULL as a whole. */
export const columnType = (column: LandingColumn): string =>
  column.nullable ? `Nullable(${column.clickhouse})` : column.clickhouse;

/** Columns that every landing table has beside those of PostgreSQL. */
export const versionColumns = [
  { name: "_version", type: "UInt128" },
  { name: "_deleted", type: "UInt8" },
] as const;

/** Name of the index over a column; a column that has one cannot be dropped or changed before it is gone. */
export const rangeIndex = (column: string): string => `${column}_range`;

/**
 * Ranges of values by granule. Keys grow with time, so rows that belong together lie together: what changed since a version, or
 * belongs to some meetings, is found without reading all of history.
 */
export function rangeIndexes(table: LandingTable): { name: string; sql: string }[] {
  const references = table.columns.filter(({ pgType, name }) => pgType === "uuid" && !table.key.includes(name));
  return ["_version", ...references.map(({ name }) => name)].map((column) => ({
    name: rangeIndex(column),
    sql: `INDEX ${quoted(rangeIndex(column))} ${quoted(column)} TYPE minmax GRANULARITY 1`,
  }));
}

// fsync: PostgreSQL forgets what was confirmed, so an accepted insert must survive a power cut.
const settings = "fsync_after_insert = 1, fsync_part_directory = 1";

/**
 * The landing table of one PostgreSQL table. Ordered by its key alone, because a delete carries nothing else, and unpartitioned,
 * because FINAL would be wrong as soon as a row changed its partition.
 * @param target name in ClickHouse, e.g. "raw.meeting" as `["raw", "meeting"]`
 */
export function createLandingSql(table: LandingTable, target: readonly [string, string] = ["raw", table.name]): string {
  const columns = [...columnsSql(table), ...rangeIndexes(table).map(({ sql }) => `  ${sql}`)];
  return `CREATE TABLE IF NOT EXISTS ${quoted(target[0])}.${quoted(target[1])} (
${columns.join(",\n")}
) ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY (${table.key.map(quoted).join(", ")})
SETTINGS ${settings}`;
}

/** A table for rows of one landing table whose transaction has not ended yet, in the order of their places in it. */
export const createStageSql = (table: LandingTable, target: readonly [string, string]): string =>
  `CREATE TABLE IF NOT EXISTS ${quoted(target[0])}.${quoted(target[1])} (
${columnsSql(table).join(",\n")}
) ENGINE = MergeTree
ORDER BY _version
SETTINGS ${settings}`;

const columnsSql = (table: LandingTable): string[] => [
  ...table.columns.map((column) => `  ${quoted(column.name)} ${columnType(column)}`),
  ...versionColumns.map((column) => `  ${quoted(column.name)} ${column.type}`),
];
