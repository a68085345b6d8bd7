import { type LandingColumn, type LandingTable, quoted } from "@xianfeng/clickhouse/landing";

/** Three hexadecimal digits: 4,096 buckets, so that one bucket of ten million rows has about 2,500. */
const bucketDigits = 3;
const pgName = (name: string) => `"${name.replaceAll('"', '""')}"`;

// Both sides print each value the same way. "v" and "n" keep a missing value apart from a text that looks like one.
function pgText(column: LandingColumn): string {
  const value = pgName(column.name);
  switch (column.kind) {
    case "instant":
      return `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')`;
    case "numeric":
      return `trim_scale(${value})::text`;
    case "list":
    case "numberList":
      return `(select coalesce(string_agg('v' || e::text, chr(30) order by o), '') from unnest(${value}) with ordinality u(e, o))`;
    default:
      return `${value}::text`;
  }
}

function chText(column: LandingColumn): string {
  const value = quoted(column.name);
  if (column.kind === "list" || column.kind === "numberList") {
    return `arrayStringConcat(arrayMap(x -> concat('v', toString(x)), ${value}), char(30))`;
  }
  return `toString(${value})`;
}

const pgRow = (columns: readonly LandingColumn[]) =>
  columns.map((c) => `coalesce('v' || ${pgText(c)}, 'n')`).join(" || chr(31) || ");
const chRow = (columns: readonly LandingColumn[]) =>
  `concat(${columns.map((c) => (c.nullable ? `ifNull(concat('v', ${chText(c)}), 'n')` : `concat('v', ${chText(c)})`)).join(", char(31), ")}, '')`;

const keyColumns = (table: LandingTable) =>
  table.key.flatMap((name) => table.columns.filter((column) => column.name === name));

/** SQL for both sides: rows and hash sum of each bucket of keys, in memory that does not depend on the size of the table. */
export function bucketSql(table: LandingTable): { postgres: string; clickhouse: string } {
  return {
    postgres: `select bucket, count(*)::text as rows, sum(('x0' || substr(hash, 1, 15))::bit(64)::bigint)::text as hash
      from (select substr(md5(${pgRow(keyColumns(table))}), 1, ${bucketDigits}) as bucket, md5(${pgRow(table.columns)}) as hash
            from ${pgName(table.name)}) r group by bucket`,
    clickhouse: `SELECT bucket, toString(count()) AS rows, toString(sum(toUInt128(bitShiftRight(reinterpretAsUInt64(reverse(substring(hash, 1, 8))), 4)))) AS hash
      FROM (SELECT substring(lower(hex(MD5(${chRow(keyColumns(table))}))), 1, ${bucketDigits}) AS bucket, MD5(${chRow(table.columns)}) AS hash
            FROM raw.${quoted(table.name)} FINAL WHERE _deleted = 0) GROUP BY bucket`,
  };
}

/** SQL for both sides: key and hash of every row in one bucket. */
export function rowsSql(table: LandingTable): { postgres: string; clickhouse: string } {
  const pgKey = pgRow(keyColumns(table));
  const chKey = chRow(keyColumns(table));
  return {
    postgres: `select ${pgKey} as key, md5(${pgRow(table.columns)}) as hash from ${pgName(table.name)}
      where substr(md5(${pgKey}), 1, ${bucketDigits}) = $1`,
    clickhouse: `SELECT ${chKey} AS key, lower(hex(MD5(${chRow(table.columns)}))) AS hash FROM raw.${quoted(table.name)} FINAL
      WHERE _deleted = 0 AND substring(lower(hex(MD5(${chKey}))), 1, ${bucketDigits}) = {bucket:String}`,
  };
}

/** A key as people read it. */
export const readableKey = (key: string): string =>
  key
    .split("\u001f")
    .map((part) => part.slice(1))
    .join(", ");
