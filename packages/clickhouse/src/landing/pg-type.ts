/** How the values of a PostgreSQL column are written out when they travel: one encoder exists for each. */
export type ValueKind = "plain" | "text" | "date" | "instant" | "numeric" | "list" | "numberList";

export type LandingType = { clickhouse: string; typescript: string; kind: ValueKind };

const simple: Record<string, LandingType> = {
  boolean: { clickhouse: "Bool", typescript: "boolean", kind: "plain" },
  smallint: { clickhouse: "Int16", typescript: "number", kind: "plain" },
  integer: { clickhouse: "Int32", typescript: "number", kind: "plain" },
  // JSON has no 64-bit numbers, so ClickHouse answers these as text.
  bigint: { clickhouse: "Int64", typescript: "string", kind: "plain" },
  // ClickHouse sorts its UUID by the second half, which loses the time order of version 7.
  uuid: { clickhouse: "String", typescript: "string", kind: "plain" },
  text: { clickhouse: "String", typescript: "string", kind: "text" },
  jsonb: { clickhouse: "String", typescript: "string", kind: "text" },
  date: { clickhouse: "Date32", typescript: "string", kind: "date" },
  "timestamp(3) with time zone": { clickhouse: "DateTime64(3, 'UTC')", typescript: "string", kind: "instant" },
  "text[]": { clickhouse: "Array(String)", typescript: "string[]", kind: "list" },
  "uuid[]": { clickhouse: "Array(String)", typescript: "string[]", kind: "list" },
  "integer[]": { clickhouse: "Array(Int32)", typescript: "number[]", kind: "numberList" },
};

const advice: Record<string, string> = {
  numeric: "give it a precision and a scale, e.g. numeric(8,2)",
  "double precision": "floating point sums are not reproducible; use numeric(p,s) or an integer",
  real: "floating point sums are not reproducible; use numeric(p,s) or an integer",
  "timestamp with time zone": "use timestamptz(3), else the last digits would be cut",
  json: "use jsonb",
};

/**
 * The ClickHouse type that holds every value of a PostgreSQL type exactly.
 * @param pgType as `format_type` prints it, e.g. `numeric(8,2)`
 * @throws Error with advice when there is none
 */
export function landingType(pgType: string): LandingType {
  const known = simple[pgType];
  if (known) return known;
  const decimal = /^numeric\((\d+),(\d+)\)$/.exec(pgType);
  if (decimal && Number(decimal[1]) <= 76) {
    return { clickhouse: `Decimal(${decimal[1]}, ${decimal[2]})`, typescript: "string", kind: "numeric" };
  }
  if (/^character varying(\(\d+\))?$/.test(pgType)) return { clickhouse: "String", typescript: "string", kind: "text" };
  const hint =
    advice[pgType] ??
    (pgType.endsWith("[]") ? "keep the list in a table of its own" : "use text with a lookup table, or another type");
  throw new Error(`PostgreSQL type ${pgType} cannot be published: ${hint}`);
}
