import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { DataPlatform, type Memory } from "./platform.ts";

/** Seconds and bytes. */
export type BulkFigures = {
  rows: number;
  /** One transaction: until its statement has returned, from its commit to the first and to the last row in ClickHouse. */
  one: { write: number; first: number; last: number; rowsPerSecond: number; spilled: number };
  /** Transactions of a thousand that waited in the log, from the first rows seen to the last. */
  small: { rows: number; seconds: number; rowsPerSecond: number };
  memory: { before: Memory; after: Memory };
};

const insert = `INSERT INTO obligation (tenant_id, duty_key, subject_kind, subject_id, org_id, period_key, due_on, state)
  SELECT 1, 'theme_day', 'org', g::text, g % 500, to_char(date '2024-01-01' + (g % 700), 'YYYY-MM'), date '2024-01-01' + (g % 700), 'open'
  FROM generate_series($1::int, $2::int) g`;

/**
 * Measures one transaction of a million rows with the stream attached, the stream in a process of its own so that its memory can be told.
 * @param rows of the large transaction (default 1,000,000)
 */
export async function benchBulk(options: { rows?: number } = {}): Promise<BulkFigures> {
  const { rows = 1_000_000 } = options;
  const platform = await DataPlatform.start();
  try {
    await platform.run("engine");
    await platform.run("stream");
    const landing = platform.landing();
    try {
      const count = async (): Promise<number> => {
        const [row] = await landing.query<{ n: number }>("SELECT toUInt32(count()) AS n FROM raw.obligation");
        return row?.n ?? 0;
      };
      const from = async (began: number, wanted: number): Promise<number> => {
        for (;;) {
          if ((await count()) >= wanted) return (performance.now() - began) / 1000;
          if (performance.now() - began > 600_000) throw new Error(`not ${wanted} rows after ten minutes`);
          await pause(20);
        }
      };
      const before = platform.memory("stream");
      const began = performance.now();
      await platform.owner.query(insert, [1, rows]);
      const committed = performance.now();
      const first = await from(committed, 1);
      const last = await from(committed, rows);
      const memory = platform.memory("stream");
      const { rows: slots } = await platform.owner.query<{ spilled: string }>(
        "SELECT coalesce(sum(spill_bytes), 0)::text AS spilled FROM pg_stat_replication_slots",
      );

      // The rival waits in the log, too, so that both are read from a full one.
      await platform.end("stream");
      const many = Math.floor(rows / 4);
      for (let at = 0; at < many; at += 1_000) await platform.owner.query(insert, [2 * rows + at, 2 * rows + at + 999]);
      const wanted = rows + Math.ceil(many / 1_000) * 1_000;
      const starting = platform.run("stream");
      // From the first rows seen to the last, so that the start of a process does not count.
      await from(performance.now(), rows + 1);
      const [seen, seenAt] = [await count(), performance.now()];
      const drained = await from(seenAt, wanted);
      await starting;
      return {
        rows,
        one: {
          write: (committed - began) / 1000,
          first,
          last,
          rowsPerSecond: rows / last,
          spilled: Number(slots[0]?.spilled ?? 0),
        },
        small: { rows: wanted - seen, seconds: drained, rowsPerSecond: (wanted - seen) / drained },
        memory: { before, after: memory },
      };
    } finally {
      await landing.close();
    }
  } finally {
    await platform.stop();
  }
}
