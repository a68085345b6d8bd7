import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { DataPlatform } from "./platform.ts";

/** One round of the refresher: from commit to shown, and what it says of each table. */
export type Round = { ms: number; tables: Record<string, { ms: number; parts?: number }> };

type Health = { asOfLsn?: string; trouble?: string; tables: Round["tables"] };

/** The end of PostgreSQL's log. */
export async function placeNow(platform: DataPlatform): Promise<bigint> {
  const { rows } = await platform.owner.query<{ lsn: string }>(
    "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint::text AS lsn",
  );
  return BigInt(rows[0]?.lsn ?? 0);
}

/** Waits until the marts hold everything up to now. */
export async function shown(platform: DataPlatform): Promise<Round> {
  const place = await placeNow(platform);
  const began = performance.now();
  // Something after it, so that the stream's mark passes that place; no mart is made of it.
  await platform.owner.query("UPDATE rule_parameter SET updated_at = now() WHERE tenant_id = 1");
  for (;;) {
    const { asOfLsn, tables, trouble } = await platform.health<Health>("warehouse");
    if (BigInt(asOfLsn ?? 0) > place) return { ms: performance.now() - began, tables };
    if (performance.now() - began > 1_200_000)
      throw new Error(`the marts do not follow: ${trouble ?? "no reason given"}`);
    await pause(20);
  }
}

/** Corrects a hundred attendance rows of June 2026 of the first tenant. */
export const correctMonth = (platform: DataPlatform) =>
  platform.owner.query(
    `UPDATE attendance SET state = CASE state WHEN 'late' THEN 'on_time' ELSE 'late' END, updated_at = now() WHERE id IN (
       SELECT a.id FROM attendance a JOIN meeting m ON m.id = a.meeting_id
       WHERE m.tenant_id = 1 AND m.org_id = ANY (SELECT id FROM party_org WHERE tenant_id = 1 AND kind = 'branch' ORDER BY id LIMIT 20)
         AND m.held_on >= '2026-06-01' AND m.held_on < '2026-07-01' ORDER BY a.id LIMIT 100)`,
  );

/** Makes a landing table seem to have been made anew, so that everything is computed, and waits for it. */
export async function refreshEverything(platform: DataPlatform): Promise<Round> {
  const landing = platform.landing();
  try {
    await landing.command("INSERT INTO raw._copied (`table`, epoch, state) VALUES ('bench', 1, 'left')");
  } finally {
    await landing.close();
  }
  return shown(platform);
}
