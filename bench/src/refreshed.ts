import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { DataPlatform } from "./platform.ts";

/** From commit to shown, and what the refresher says of each table, added up over the rounds that it took. */
export type Round = { ms: number; tables: Record<string, { ms: number; parts: number }> };

type Health = {
  asOfLsn?: string;
  trouble?: string;
  rounds: number;
  tables: Record<string, { ms: number; parts?: number }>;
};

/** The end of PostgreSQL's log. */
export async function placeNow(platform: DataPlatform): Promise<bigint> {
  const { rows } = await platform.owner.query<{ lsn: string }>(
    "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint::text AS lsn",
  );
  return BigInt(rows[0]?.lsn ?? 0);
}

/** Commits one change and waits until the marts hold it. */
export async function follow(platform: DataPlatform, change: () => Promise<unknown>): Promise<Round> {
  const place = await placeNow(platform);
  let seen = (await platform.health<Health>("warehouse")).rounds;
  await change();
  const began = performance.now();
  const tables: Round["tables"] = {};
  for (;;) {
    const { asOfLsn, trouble, rounds, tables: last } = await platform.health<Health>("warehouse");
    if (rounds !== seen)
      for (const [name, { ms, parts = 0 }] of Object.entries(last)) {
        const sum = tables[name] ?? { ms: 0, parts: 0 };
        tables[name] = { ms: sum.ms + ms, parts: sum.parts + parts };
      }
    seen = rounds;
    if (BigInt(asOfLsn ?? 0) > place) return { ms: performance.now() - began, tables };
    if (performance.now() - began > 1_200_000)
      throw new Error(`the marts do not follow: ${trouble ?? "no reason given"}`);
    await pause(10);
  }
}

/** Waits until the marts hold everything up to now, by a change of which no mart is made. */
export const shown = (platform: DataPlatform): Promise<Round> =>
  follow(platform, () => platform.owner.query("UPDATE rule_parameter SET updated_at = now() WHERE tenant_id = 1"));

/** Corrects a hundred attendance rows of June 2026 of the first tenant, and waits until the marts show it. */
export const correctMonth = (platform: DataPlatform): Promise<Round> =>
  follow(platform, () =>
    platform.owner.query(
      `UPDATE attendance SET state = CASE state WHEN 'late' THEN 'on_time' ELSE 'late' END, updated_at = now() WHERE id IN (
         SELECT a.id FROM attendance a JOIN meeting m ON m.id = a.meeting_id
         WHERE m.tenant_id = 1 AND m.org_id = ANY (SELECT id FROM party_org WHERE tenant_id = 1 AND kind = 'branch' ORDER BY id LIMIT 20)
           AND m.held_on >= '2026-06-01' AND m.held_on < '2026-07-01' ORDER BY a.id LIMIT 100)`,
    ),
  );

/** Makes a landing table seem to have been made anew, so that everything is computed, and waits for it. */
export const refreshEverything = (platform: DataPlatform): Promise<Round> =>
  follow(platform, async () => {
    const landing = platform.landing();
    try {
      await landing.command("INSERT INTO raw._copied (`table`, epoch, state) VALUES ('bench', 1, 'left')");
    } finally {
      await landing.close();
    }
    await platform.owner.query("UPDATE rule_parameter SET updated_at = now() WHERE tenant_id = 1");
  });
