import type { Tx } from "@xianfeng/db";

/** The database itself, and what waits in it for a tenant. Mails rest from 22:00 to 7:00, which is no delay. */
export async function readDatabase(tx: Tx, tenantId: number) {
  const [row] = await tx.$queryRaw<
    { version: string; connections: number; limit: number; mail: number; sealing: number }[]
  >`
    SELECT current_setting('server_version') AS version,
      (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
      current_setting('max_connections')::int AS limit,
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
    mail: { overdueSeconds: row?.mail ?? 0 },
    sealing: { waitingSeconds: row?.sealing ?? 0 },
  };
}
