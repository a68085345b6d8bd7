import type pg from "pg";
import { parseLsn } from "../src/index.ts";

/** What the server thinks that we have; 0 when there is no slot. */
export async function slotLsn(sql: pg.Client): Promise<bigint> {
  const { rows } = await sql.query<{ lsn: string }>(
    "select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = 'xianfeng_cdc'",
  );
  return parseLsn(rows[0]?.lsn ?? "0/0");
}

/** Makes a change that may not be made while the slot is in use. */
export async function onFreeSlot(sql: pg.Client, statement: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; ; ) {
    try {
      await sql.query(statement);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "55006" || Date.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}
