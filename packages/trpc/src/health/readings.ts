import type { Tx } from "@xianfeng/db";

/** As PostgreSQL tells it. */
type SlotReading = {
  status: string;
  safeBytes: number | null;
  keptBytes: number | null;
  lagBytes: number | null;
  limitMegabytes: number;
};

/** The slot, asked of the database itself: when the stream is away it matters most. Null before the stream's first start. */
function slotOf(slot: SlotReading | null) {
  if (!slot) return null;
  const { status, safeBytes, keptBytes, lagBytes, limitMegabytes } = slot;
  return {
    slot: status,
    lagBytes: Math.max(0, lagBytes ?? 0),
    ...(safeBytes === null ? {} : { slotSafeBytes: safeBytes }),
    ...(keptBytes === null ? {} : { slotKeptBytes: keptBytes }),
    ...(limitMegabytes > 0 ? { slotLimitBytes: limitMegabytes * 1024 * 1024 } : {}),
  };
}

/** The database itself, and what waits in it for a tenant. Mails rest from 22:00 to 7:00, which is no delay. */
export async function readDatabase(tx: Tx, tenantId: number) {
  const [row] = await tx.$queryRaw<
    {
      version: string;
      connections: number;
      limit: number;
      mail: number;
      sealing: number;
      slot: SlotReading | null;
    }[]
  >`
    SELECT current_setting('server_version') AS version,
      (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
      current_setting('max_connections')::int AS limit,
      (SELECT jsonb_build_object('status', wal_status, 'safeBytes', safe_wal_size,
          'keptBytes', pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn),
          'lagBytes', pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn),
          'limitMegabytes', (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size'))
        FROM pg_replication_slots WHERE slot_name = 'xianfeng_cdc' AND database = current_database()) AS slot,
      coalesce((SELECT CASE WHEN extract(hour FROM now() AT TIME ZONE 'Asia/Shanghai') BETWEEN 7 AND 21 THEN
          extract(epoch FROM now() - greatest(min(next_attempt_at),
            (date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') + interval '7 hours') AT TIME ZONE 'Asia/Shanghai')) END
        FROM outbox_message WHERE channel = 'mail' AND state = 'waiting' AND next_attempt_at < now() AND expires_at > now()), 0)::float8 AS mail,
      coalesce((SELECT extract(epoch FROM now() - created_at) FROM audit_event
        WHERE tenant_id = ${tenantId} AND id > coalesce(
          (SELECT through_id FROM audit_seal WHERE tenant_id = ${tenantId} ORDER BY no DESC LIMIT 1),
          '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT 1), 0)::float8 AS sealing`;
  return {
    postgres: {
      version: (row?.version ?? "").split(" ")[0] ?? "",
      connections: row?.connections ?? 0,
      limit: row?.limit ?? 0,
    },
    slot: slotOf(row?.slot ?? null),
    mail: { overdueSeconds: row?.mail ?? 0 },
    sealing: { waitingSeconds: row?.sealing ?? 0 },
  };
}
