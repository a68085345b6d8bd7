import type { ClickHouse } from "@xianfeng/clickhouse";
import {
  addLandingColumn,
  addRangeIndexes,
  columnType,
  type LandingColumn,
  type LandingGap,
  landingGap,
  literal,
  quoted,
  rangeIndex,
} from "@xianfeng/clickhouse/landing";
import type pg from "pg";
import { targetOf } from "./fresh.ts";
import { partsOf } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import { changedUnseen } from "./shape.ts";
import type { Copied } from "./state.ts";

/** What is known of a table's last copy. */
export type Known = {
  epoch: number;
  copied: Copied | undefined;
  /** From which version on the landing table takes rows. */
  fence: bigint | undefined;
  /** To be asked before anything is changed: another process may lead, with a newer catalog. */
  sure(): Promise<void>;
};

/**
 * Brings a landing table into the shape of the published table where that keeps every row right. Sets `table.targets` for a table that
 * can take rows at once.
 * @returns whether the table has to be copied before its rows are complete
 */
export async function prepareTable(
  clickhouse: ClickHouse,
  client: pg.Client,
  table: TableState,
  { epoch, copied, fence, sure }: Known,
): Promise<boolean> {
  const gap = await landingGap(clickhouse, table.landing);
  const isCopied =
    copied?.state === "copied" &&
    copied.epoch === epoch &&
    copied.relation === table.relationOid &&
    copied.membership === table.membershipOid &&
    gap.exists;
  if (!isCopied) return true;
  table.copiedLsn = copied.copiedLsn;
  // Whoever exchanged the table may have been killed before it wrote down where the copy stands.
  const last = partsOf(fence ?? 0n);
  if (last.epoch === epoch && last.lsn > table.copiedLsn) table.copiedLsn = last.lsn;
  const unseen = copied.shape ? changedUnseen(copied.shape, table.shape, gap.missing) : "nothing";
  if (unseen === "key") return true;
  await sure();
  const sameShape = await adjust(clickhouse, client, table, gap, sure);
  if (sameShape !== "other") await addRangeIndexes(clickhouse, table.landing);
  if (sameShape !== "other") table.targets = [targetOf(table.name)];
  return sameShape !== "same" || unseen === "values";
}

/** "same": rows are right now; "filling": it takes rows, but older ones lack values; "other": it cannot take rows. */
async function adjust(
  clickhouse: ClickHouse,
  client: pg.Client,
  table: TableState,
  gap: LandingGap,
  sure: () => Promise<void>,
): Promise<"same" | "filling" | "other"> {
  if (gap.missing.length === 0 && gap.different.length === 0) return "same";
  const columns = new Map(table.landing.columns.map((column) => [column.name, column]));
  const gone = gap.different.filter((name) => !columns.has(name));
  // A column that went while another came may be the same one under a new name, whose old values are never sent again.
  if (gone.length > 0 && gap.missing.length > 0) return "other";
  // One that the deployed staging view still names stays, empty in new rows, until it does without.
  for (const name of gone.filter((name) => !gap.held.includes(name))) {
    await sure();
    await clickhouse.command(
      `ALTER TABLE ${targetOf(table.name)} DROP INDEX IF EXISTS ${quoted(rangeIndex(name))}, DROP COLUMN ${quoted(name)}`,
    );
  }
  for (const name of gap.different.filter((candidate) => columns.has(candidate))) {
    const column = columns.get(name);
    if (!column || !(await mayBecomeNullable(clickhouse, table, column))) return "other";
    await sure();
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
