import type { ClickHouse } from "@xianfeng/clickhouse";
import {
  addHeldColumns,
  addLandingColumn,
  addRangeIndexes,
  columnType,
  createLandingSql,
  type LandingColumn,
  type LandingGap,
  landingGap,
  literal,
  quoted,
  rangeIndex,
} from "@xianfeng/clickhouse/landing";
import type pg from "pg";
import type { TableState } from "./relation.ts";
import { changedUnseen } from "./shape.ts";
import type { Copied } from "./state.ts";

/** What has to happen to a table before its rows are complete. */
export type Plan = {
  table: TableState;
  /** It has to be copied … */
  copy: boolean;
  /** … into a table beside the present one, which is exchanged when it is full. */
  fresh: boolean;
};

export const targetOf = (name: string): string => `raw.${quoted(name)}`;
export const freshName = (name: string): string => `_copy_${name}`;

/**
 * Brings a landing table into the shape of the published table where that keeps every row right, and decides whether it needs a copy.
 * Sets `table.targets` for a table that can take rows at once.
 */
export async function prepareTable(
  clickhouse: ClickHouse,
  client: pg.Client,
  table: TableState,
  copied: Copied | undefined,
  epoch: number,
): Promise<Plan> {
  const gap = await landingGap(clickhouse, table.landing);
  const isCopied =
    copied?.state === "copied" &&
    copied.epoch === epoch &&
    copied.relation === table.relationOid &&
    copied.membership === table.membershipOid &&
    gap.exists;
  if (!isCopied) return { table, copy: true, fresh: gap.exists && (await holdsAnything(clickhouse, table, gap)) };
  table.copiedLsn = copied.copiedLsn;
  const unseen = copied.shape ? changedUnseen(copied.shape, table.shape, gap.missing) : "nothing";
  if (unseen === "key") return { table, copy: true, fresh: true };
  const sameShape = await adjust(clickhouse, client, table, gap);
  if (sameShape !== "other") await addRangeIndexes(clickhouse, table.landing);
  if (sameShape !== "other") table.targets = [targetOf(table.name)];
  return { table, copy: sameShape !== "same" || unseen === "values", fresh: true };
}

async function holdsAnything(clickhouse: ClickHouse, table: TableState, gap: LandingGap): Promise<boolean> {
  if (gap.missing.length > 0 || gap.different.length > 0) return true;
  const rows = await clickhouse.query<unknown>(`SELECT 1 FROM ${targetOf(table.name)} LIMIT 1`);
  return rows.length > 0;
}

/** "same": rows are right now; "filling": it takes rows, but older ones lack values; "other": it cannot take rows. */
async function adjust(
  clickhouse: ClickHouse,
  client: pg.Client,
  table: TableState,
  gap: LandingGap,
): Promise<"same" | "filling" | "other"> {
  if (gap.missing.length === 0 && gap.different.length === 0) return "same";
  const columns = new Map(table.landing.columns.map((column) => [column.name, column]));
  const gone = gap.different.filter((name) => !columns.has(name));
  // A column that went while another came may be the same one under a new name, whose old values are never sent again.
  if (gone.length > 0 && gap.missing.length > 0) return "other";
  // One that the deployed staging view still names stays, empty in new rows, until it does without.
  for (const name of gone.filter((name) => !gap.held.includes(name))) {
    await clickhouse.command(
      `ALTER TABLE ${targetOf(table.name)} DROP INDEX IF EXISTS ${quoted(rangeIndex(name))}, DROP COLUMN ${quoted(name)}`,
    );
  }
  for (const name of gap.different.filter((candidate) => columns.has(candidate))) {
    const column = columns.get(name);
    if (!column || !(await mayBecomeNullable(clickhouse, table, column))) return "other";
    await clickhouse.command(
      `ALTER TABLE ${targetOf(table.name)} DROP INDEX IF EXISTS ${quoted(rangeIndex(name))}, MODIFY COLUMN ${quoted(name)} ${columnType(column)}`,
    );
  }
  for (const name of gap.missing) await addLandingColumn(clickhouse, table.landing, name);
  return (await allStartAsNull(client, table, gap.missing)) ? "same" : "filling";
}

async function mayBecomeNullable(clickhouse: ClickHouse, table: TableState, column: LandingColumn): Promise<boolean> {
  const rows = await clickhouse.query<{ type: string }>(
    `SELECT type FROM system.columns WHERE database = 'raw' AND table = ${literal(table.name)} AND name = ${literal(column.name)}`,
  );
  return column.nullable && rows[0]?.type === column.clickhouse && !table.landing.key.includes(column.name);
}

/** True when the rows that were there before these columns hold NULL in them; with a default they hold something never sent. */
async function allStartAsNull(client: pg.Client, table: TableState, names: readonly string[]): Promise<boolean> {
  const { rows } = await client.query<{ plain: boolean }>(
    `select not (attnotnull or atthasdef or atthasmissing) as plain from pg_attribute
     where attrelid = $1::oid and attname = any($2)`,
    [table.relationOid, names],
  );
  return rows.every((row) => row.plain);
}

/** Makes the empty table that a copy fills, and names it as a target of the table's rows from now on. */
export async function openTarget(clickhouse: ClickHouse, plan: Plan): Promise<string> {
  const name = plan.fresh ? freshName(plan.table.name) : plan.table.name;
  await clickhouse.command(`DROP TABLE IF EXISTS ${targetOf(name)} SYNC`);
  await clickhouse.command(createLandingSql(plan.table.landing, ["raw", name]));
  if (plan.fresh) {
    const { held } = await landingGap(clickhouse, plan.table.landing);
    await addHeldColumns(clickhouse, plan.table.name, name, held);
  }
  plan.table.targets = [...plan.table.targets, targetOf(name)];
  return targetOf(name);
}

/**
 * Deletes what the stream brought into a copy's table from before the copy's place and the copy does not hold: rows that went without
 * an event, while the table was out of the publication or under another key.
 */
export async function sweep(clickhouse: ClickHouse, table: TableState, target: string, version: bigint): Promise<void> {
  const key = table.landing.key.map(quoted).join(", ");
  await clickhouse.command(
    `INSERT INTO ${target} (${key}, _version, _deleted)
     SELECT ${key}, toUInt128('${version}'), 1 FROM ${target} FINAL WHERE _deleted = 0 AND _version < toUInt128('${version}')`,
  );
}

/** Puts a full copy in the place of the old table. To be called while no batch is being applied. */
export async function exchange(clickhouse: ClickHouse, table: TableState): Promise<void> {
  const fresh = targetOf(freshName(table.name));
  await clickhouse.command(`EXCHANGE TABLES ${targetOf(table.name)} AND ${fresh}`);
  table.targets = [targetOf(table.name)];
  await clickhouse.command(`DROP TABLE IF EXISTS ${fresh} SYNC`);
}
