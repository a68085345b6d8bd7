import type { ClickHouse } from "@xianfeng/clickhouse";

/** A table that dbt has made for the refresher (macros/kept.sql). */
export type KeptTable = {
  /** With its database. */
  name: string;
  kept: "whole" | "months";
  /** Tables of a later step may read those of an earlier one. */
  step: number;
  /** Its comment: names the version of the model, too. */
  comment: string;
};

/** A part of a table that is kept by months: tenant and month, e.g. 2026-11. */
export type Part = { tenant_id: number; month: string };

// The models rely on it: an outer join without a partner yields NULL.
const settings = "SETTINGS join_use_nulls = 1, max_partitions_per_insert_block = 0";
/** Months computed in one statement when much has changed: more would only take more memory. */
const monthsAtOnce = 6;

export async function readKeptTables(clickhouse: ClickHouse): Promise<KeptTable[]> {
  const rows = await clickhouse.query<{ name: string; comment: string }>(
    `SELECT database || '.' || name AS name, comment FROM system.tables
     WHERE database = 'intermediate' AND startsWith(comment, '{"kept"') ORDER BY name`,
  );
  return rows.map((row) => ({ ...(JSON.parse(row.comment) as Pick<KeptTable, "kept" | "step">), ...row }));
}

/** Computes the table anew and swaps it. */
export async function refreshWhole(clickhouse: ClickHouse, table: KeptTable): Promise<void> {
  const next = await startNext(clickhouse, table, "EMPTY AS");
  await clickhouse.command(`INSERT INTO ${next} SELECT * FROM ${table.name}__rows ${settings}`);
  await clickhouse.command(`INSERT INTO ${next} ${claim(["_as_of", "_as_of_lsn"])}`);
  await swap(clickhouse, table, next);
}

/**
 * Computes the months that may have changed since the table was last refreshed, and swaps: the other months are shared with the table
 * as it was, not copied. All of them when a landing table has been made anew in the meantime.
 * @returns how many months were computed
 */
export async function refreshMonths(clickhouse: ClickHouse, table: KeptTable): Promise<number> {
  const [last] = await clickhouse.query<{ landed: string; isSame: number }>(
    `SELECT toString(_landed) AS landed, _sources = (SELECT _sources FROM intermediate.int_applied ORDER BY _built_at DESC LIMIT 1) AS isSame
     FROM ${table.name} WHERE tenant_id = 0`,
  );
  const touched = last?.isSame
    ? await clickhouse.query<Part>(`SELECT * FROM ${table.name}_touched(since = '${last.landed}')`)
    : await clickhouse.query<Part>(
        `SELECT DISTINCT tenant_id, month FROM ${table.name} WHERE tenant_id > 0
         UNION DISTINCT SELECT * FROM ${table.name}_touched(since = 0)`,
      );
  const next = await startNext(clickhouse, table, "CLONE AS");
  for (const part of [{ tenant_id: 0, month: "" }, ...touched])
    await clickhouse.command(`ALTER TABLE ${next} DROP PARTITION ${literal(part)}`);
  await computeMonths(clickhouse, table, touched, next);
  await clickhouse.command(`INSERT INTO ${next} ${claim(["_as_of", "_as_of_lsn", "_landed", "_sources"])}`);
  await swap(clickhouse, table, next);
  return touched.length;
}

/** Computes months of a table from the landing tables and puts them `into` another one of its shape. */
export async function computeMonths(
  clickhouse: ClickHouse,
  { name }: Pick<KeptTable, "name">,
  months: readonly Part[],
  into: string,
): Promise<void> {
  for (let at = 0; at < months.length; at += monthsAtOnce) {
    const parts = months.slice(at, at + monthsAtOnce).map(literal);
    await clickhouse.command(
      `INSERT INTO ${into} SELECT * FROM ${name}__rows(parts = [${parts.join(", ")}]) ${settings}`,
    );
  }
}

const literal = ({ tenant_id, month }: Part) => `(${tenant_id}, '${month}')`;

const claim = (columns: string[]) =>
  `(${columns.join(", ")}, _built_at) SELECT ${columns.join(", ")}, now64(3, 'UTC')
   FROM intermediate.int_applied ORDER BY _built_at DESC LIMIT 1`;

async function startNext(clickhouse: ClickHouse, table: KeptTable, how: "EMPTY AS" | "CLONE AS"): Promise<string> {
  const next = `${table.name}__next`;
  await clickhouse.command(`DROP TABLE IF EXISTS ${next} SYNC`);
  await clickhouse.command(`CREATE TABLE ${next} ${how === "CLONE AS" ? how : "AS"} ${table.name}`);
  return next;
}

async function swap(clickhouse: ClickHouse, table: KeptTable, next: string): Promise<void> {
  const present = (await readKeptTables(clickhouse)).find((other) => other.name === table.name);
  if (present?.comment !== table.comment) {
    await clickhouse.command(`DROP TABLE ${next} SYNC`);
    throw new Error(`${table.name}: its model has changed meanwhile, the rows of the former one are not swapped in`);
  }
  await clickhouse.command(`EXCHANGE TABLES ${next} AND ${table.name}`);
  await clickhouse.command(`DROP TABLE ${next} SYNC`);
}
