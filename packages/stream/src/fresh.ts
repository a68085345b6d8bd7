import { randomBytes } from "node:crypto";
import type { ClickHouse } from "@xianfeng/clickhouse";
import {
  addHeldColumns,
  createLandingSql,
  createStageSql,
  landingGap,
  literal,
  quoted,
} from "@xianfeng/clickhouse/landing";
import type { TableState } from "./relation.ts";
import type { Piece, Stage } from "./streamed.ts";

export const targetOf = (name: string): string => `raw.${quoted(name)}`;

const prefixes = ["_copy_", "_stage_"];
const fence = "copied_from";
const sweptAtOnce = 5_000_000;

const passingName = (prefix: string, { name }: TableState) => `${prefix}${name}_${randomBytes(6).toString("hex")}`;

/** A name for the rows of a transaction that has not ended. */
export const stageName = (table: TableState): string => passingName("_stage_", table);

/**
 * Makes an empty table for a copy, beside the present one, and names it as a target of the table's rows from now on. Its name is used
 * once: nothing that another process still has under way can be meant for it.
 * @returns its name
 */
export async function openFresh(clickhouse: ClickHouse, table: TableState): Promise<string> {
  const name = passingName("_copy_", table);
  await clickhouse.command(createLandingSql(table.landing));
  await clickhouse.command(createLandingSql(table.landing, ["raw", name]));
  const { held } = await landingGap(clickhouse, table.landing);
  await addHeldColumns(clickhouse, table.name, name, held);
  table.targets = [...table.targets, targetOf(name)];
  return name;
}

/**
 * Deletes what the stream brought into a table from before a version and nobody has deleted: rows that went without an event, while the
 * table was out of the publication or under another key, or by TRUNCATE.
 */
export async function sweep(
  clickhouse: ClickHouse,
  table: TableState,
  target: string,
  version: bigint,
  most = sweptAtOnce,
): Promise<void> {
  const key = table.landing.key.map(quoted).join(", ");
  const [found] = await clickhouse.query<{ rows: string }>(`SELECT count() AS rows FROM ${target}`);
  // In turns, because one statement over very many rows would not answer in time, and would be sent again for ever.
  const turns = Math.max(1, Math.ceil(Number(found?.rows ?? 0) / most));
  for (let turn = 0; turn < turns; turn += 1) {
    const isDue = turns === 1 ? "" : `AND cityHash64(${key}) % ${turns} = ${turn}`;
    await clickhouse.command(
      `INSERT INTO ${target} (${key}, _version, _deleted)
       SELECT ${key}, toUInt128('${version}'), 1 FROM ${target} FINAL WHERE _deleted = 0 AND _version < toUInt128('${version}') ${isDue}`,
    );
  }
}

/**
 * Makes a full copy final: nothing from before its place stays in it or gets into it any more. A copy has no tombstones of what was
 * deleted before, so an insert that comes late, of a process that froze and lost its lock meanwhile, would bring such rows back.
 */
export async function closeFresh(
  clickhouse: ClickHouse,
  table: TableState,
  name: string,
  version: bigint,
): Promise<void> {
  const target = targetOf(name);
  await clickhouse.command(
    `ALTER TABLE ${target} ADD CONSTRAINT IF NOT EXISTS ${fence} CHECK _version >= toUInt128('${version}')`,
  );
  // Few tables have such rows, and the index over versions finds them; a sweep reads the whole table.
  const before = `SELECT 1 FROM ${target} WHERE _version < toUInt128('${version}') LIMIT 1`;
  if ((await clickhouse.query(before)).length > 0) await sweep(clickhouse, table, target, version);
}

/** Puts a full copy in the place of the present table. To be called while no batch is being applied. */
export async function exchange(clickhouse: ClickHouse, table: TableState, name: string): Promise<void> {
  await clickhouse.command(`EXCHANGE TABLES ${targetOf(table.name)} AND ${targetOf(name)}`);
  table.targets = [targetOf(table.name)];
}

export async function dropFresh(clickhouse: ClickHouse, table: TableState, name: string): Promise<void> {
  table.targets = table.targets.filter((target) => target !== targetOf(name));
  await clickhouse.command(`DROP TABLE IF EXISTS ${targetOf(name)} SYNC`);
}

/** Drops what copies and transactions that were interrupted have left behind. To be called while none is under way. */
export async function dropLeftovers(clickhouse: ClickHouse): Promise<void> {
  const rows = await clickhouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = 'raw' AND (${prefixes.map((prefix) => `startsWith(name, ${literal(prefix)})`).join(" OR ")})`,
  );
  for (const { name } of rows) await clickhouse.command(`DROP TABLE IF EXISTS ${targetOf(name)} SYNC`);
}

/** From which version on each landing table takes rows. What a table says of itself holds where `_copied` has not been told yet. */
export async function readFences(clickhouse: ClickHouse): Promise<Map<string, bigint>> {
  const rows = await clickhouse.query<{ name: string; version: string }>(
    `SELECT name, extract(create_table_query, ${literal(`${fence} CHECK _version >= toUInt128\\('(\\d+)'\\)`)}) AS version
     FROM system.tables WHERE database = 'raw' AND version != ''`,
  );
  return new Map(rows.map(({ name, version }) => [name, BigInt(version)]));
}

/** Whether ClickHouse says that a row is from before the copy that the table was made of. */
export const isFenced = (message: string): boolean => message.includes(`Constraint \`${fence}\``);

/** Makes the table for rows of a transaction that has not ended; ordered by their place in it, so that parts of it can be read alone. */
export async function openStage(clickhouse: ClickHouse, stage: Stage): Promise<void> {
  await clickhouse.command(createStageSql(stage.table.landing, ["raw", stage.name]));
  stage.isOpen = true;
}

/** Moves a piece of a stage into a landing table, with the versions that the commit gives its rows. */
export function moveSql({ table, name }: Stage, piece: Piece, target: string, version: bigint): string {
  const columns = table.landing.columns.map((column) => quoted(column.name)).join(", ");
  const segment = "toUInt32(bitShiftRight(_version, 32))";
  const before = `arrayElement([${piece.before.join(", ")}]::Array(Int64), ${segment} - ${piece.first} + 1)`;
  return `INSERT INTO ${target} (${columns}, _version, _deleted)
    SELECT ${columns}, toUInt128('${version}') + toUInt64(${before}) + toUInt32(bitAnd(_version, toUInt128(4294967295))), _deleted
    FROM ${targetOf(name)} WHERE _version BETWEEN toUInt128('${piece.from}') AND toUInt128('${piece.to}') AND ${before} >= 0`;
}

export async function dropStage(clickhouse: ClickHouse, stage: Stage): Promise<void> {
  if (stage.isOpen) await clickhouse.command(`DROP TABLE IF EXISTS ${targetOf(stage.name)} SYNC`);
}
