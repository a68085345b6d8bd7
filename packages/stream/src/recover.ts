import { createClickHouse } from "@xianfeng/clickhouse";
import { ensureControlTables, slotName } from "@xianfeng/clickhouse/landing";
import pg from "pg";
import { lockKey } from "./lease.ts";
import { ReplicationConnection, sessionUrl } from "./socket.ts";
import { StateStore } from "./state.ts";

/**
 * Asks for a complete new copy, after the slot was lost or the server was restored: drops the slot and begins a new epoch, whose versions
 * win over all older ones. A running stream, or the next one that starts, fills fresh tables and exchanges them, so that rows deleted
 * meanwhile do not come back.
 * @returns the new epoch
 * @throws Error when a stream is reading right now
 */
export async function recover(options: {
  databaseUrl: string;
  clickhouse: { url: string; user: string; password: string };
}): Promise<number> {
  const clickhouse = createClickHouse({ ...options.clickhouse, tag: "stream:recover" });
  const client = new pg.Client({ connectionString: sessionUrl(options.databaseUrl, "xianfeng-stream-recover") });
  await client.connect();
  try {
    await takeLock(client);
    await ensureControlTables(clickhouse);
    const connection = await ReplicationConnection.open(options.databaseUrl);
    const identity = await connection.identify().finally(() => connection.close());
    const store = new StateStore(clickhouse);
    const epoch = ((await store.source())?.epoch ?? 0) + 1;
    await client.query(
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and database = current_database()",
      [slotName],
    );
    await store.saveSource({ epoch, ...identity, slot: slotName, slotLsn: 0n });
    return epoch;
  } finally {
    await client.end();
    await clickhouse.close();
  }
}

async function takeLock(client: pg.Client): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [lockKey]);
    if (rows[0]?.mine) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error("A stream is reading the slot and is well. Stop it first if you want every table copied again.");
}
