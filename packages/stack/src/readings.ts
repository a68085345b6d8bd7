import type { Readings } from "@xianfeng/service/alarms";
import { Client } from "pg";
import { derivedSettings, type Plan } from "./environment.ts";
import { diskOf, readRecord } from "./records.ts";

/** Reads the running platform. `silent` names the parts that did not answer. */
export async function readingsOf(plan: Plan): Promise<{ readings: Readings; silent: string[] }> {
  const [stream, marts, database] = await Promise.all([
    page<{ readings: Readings }>(plan, "STREAM_PORT"),
    page<{ trouble?: string; behindSince?: string }>(plan, "WAREHOUSE_PORT"),
    fromDatabase(plan).catch(() => undefined),
  ]);
  const backup = readRecord(plan.paths.stateDir, "backup");
  const silent = { stream, warehouse: marts, postgres: database };
  return {
    readings: {
      ...stream?.readings,
      ...database?.other,
      ...(database?.slot || stream?.readings.stream
        ? { stream: { lagBytes: 0, ...stream?.readings.stream, ...database?.slot } }
        : {}),
      dataDisk: diskOf(plan.paths.stateDir),
      marts: marts && { behindSeconds: secondsSince(marts.behindSince), trouble: marts.trouble },
      backup: { ageSeconds: backup ? secondsSince(backup.at) : null },
    },
    silent: Object.entries(silent).flatMap(([part, answer]) => (answer ? [] : [part])),
  };
}

const secondsSince = (instant: string | undefined) => (instant ? (Date.now() - Date.parse(instant)) / 1000 : 0);

/** What a process says on its own page, whether it calls itself well or not. */
const page = <Answer>({ ports }: Plan, port: string): Promise<Answer | undefined> =>
  fetch(`http://127.0.0.1:${ports[port]}/healthz`, { signal: AbortSignal.timeout(5_000) }).then(
    (answer) => answer.json() as Promise<Answer>,
    () => undefined,
  );

/** Mails that could have gone out (they rest from 22:00 to 7:00), and what waits for its seal. */
async function fromDatabase(plan: Plan): Promise<{ other: Readings; slot?: Readings["stream"] }> {
  const client = new Client({ connectionString: derivedSettings(plan).OWNER_DATABASE_URL, query_timeout: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ mail: number; sealing: number }>(
      `select coalesce((select case when extract(hour from now() at time zone 'Asia/Shanghai') between 7 and 21 then
                  extract(epoch from now() - greatest(min(next_attempt_at),
                    (date_trunc('day', now() at time zone 'Asia/Shanghai') + interval '7 hours') at time zone 'Asia/Shanghai')) end
                from outbox_message
                where channel = 'mail' and state = 'waiting' and next_attempt_at < now() and expires_at > now()), 0)::float8 as mail,
              coalesce((select extract(epoch from now() - min(e.created_at)) from tenant t
                left join lateral (select through_id from audit_seal where tenant_id = t.id order by no desc limit 1) s on true
                cross join lateral (select created_at from audit_event where tenant_id = t.id
                  and id > coalesce(s.through_id, '00000000-0000-0000-0000-000000000000') order by id limit 1) e), 0)::float8 as sealing`,
    );
    const other = { mail: { overdueSeconds: rows[0]?.mail ?? 0 }, sealing: { waitingSeconds: rows[0]?.sealing ?? 0 } };
    return { other, slot: await slotOf(client) };
  } finally {
    await client.end();
  }
}

/** The slot, asked of the database itself: when the stream is away it matters most. */
async function slotOf(client: Client): Promise<Readings["stream"]> {
  const { rows } = await client.query<Record<"slot" | "safe" | "kept" | "lag" | "megabytes", string | null>>(
    `select wal_status as slot, safe_wal_size::text as safe, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::text as kept,
       pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::text as lag,
       (select setting from pg_settings where name = 'max_slot_wal_keep_size') as megabytes
     from pg_replication_slots where slot_name = 'xianfeng_cdc' and database = current_database()`,
  );
  const [row] = rows;
  if (!row) return undefined;
  const number = (text: string | null) => (text === null ? undefined : Number(text));
  const megabytes = Number(row.megabytes);
  return {
    slot: row.slot ?? undefined,
    lagBytes: Math.max(0, number(row.lag) ?? 0),
    slotSafeBytes: number(row.safe),
    slotKeptBytes: number(row.kept),
    slotLimitBytes: megabytes > 0 ? megabytes * 1024 * 1024 : undefined,
  };
}
