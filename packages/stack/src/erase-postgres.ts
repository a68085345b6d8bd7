import { Client } from "pg";

/** Tables that held something personal of an erased person, and what the server itself remembers of their values. */
const tables = [
  "person_private",
  "person",
  "membership",
  "person_status",
  "post",
  "sanction",
  "import_row",
  "import_batch",
  "outbox_message",
  "message_preference",
  "attendance_note",
  "reveal_log",
  "audit_event",
  "meeting_body",
  "todo",
  "evaluation_report",
  "principal",
  "auth_user",
  "auth_account",
  "auth_session",
  "auth_verification",
  "sign_in_wait",
  "call_count",
];

const waitMs = 180_000;

/**
 * Writes the tables that held erased rows anew and lets every file of the log from before go, those kept for reuse too.
 * @param url the superuser, in the database of the platform
 * @throws Error saying what still holds the old rows
 */
export async function cleanPostgres(url: string, say: (line: string) => void): Promise<void> {
  const client = new Client({
    connectionString: url,
    application_name: "xianfeng-erase",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("set statement_timeout = 0");
    say("重写数据表 (writing the tables anew) …");
    // Statistics hold the most frequent values of each column; they are made anew before the old ones are thrown away.
    await client.query(`analyze ${tables.join(", ")}`);
    await untilNobodySeesTheOld(client);
    for (const table of [...tables.map((name) => `public.${name}`), "pg_catalog.pg_statistic"])
      await client.query(`vacuum full ${table}`);
    say("清理日志文件 (letting old log files go) …");
    await dropOldLog(client);
  } finally {
    await client.end();
  }
}

/** VACUUM keeps rows that an older transaction, or a reader of the log, could still need. */
async function untilNobodySeesTheOld(client: Client): Promise<void> {
  const { rows } = await client.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
  const xid = rows[0]?.xid ?? "0";
  await poll("旧事务或数据流仍需要旧的行 (an older transaction or the stream still needs old rows)", async () => {
    // The log tells readers which transactions are open; only then may they let go of older ones.
    await client.query("select pg_log_standby_snapshot()");
    const { rows: held } = await client.query<{ n: number }>(
      `select (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                 and (age(backend_xmin) > age($1::text::xid) or age(backend_xid) > age($1::text::xid)))::int
            + (select count(*) from pg_replication_slots where age(catalog_xmin) > age($1::text::xid) or age(xmin) > age($1::text::xid))::int as n`,
      [String(BigInt(xid) & 0xffff_ffffn)],
    );
    return held[0]?.n === 0;
  });
}

/**
 * Old files of the log are renamed and used again with what they hold. For once they are thrown away instead, and those that wait to be used
 * are written through.
 */
async function dropOldLog(client: Client): Promise<void> {
  await client.query("alter system set wal_recycle = off");
  await client.query("select pg_reload_conf()");
  try {
    const { rows } = await client.query<{ last: string }>(
      "select max(name) as last from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'",
    );
    const through = rows[0]?.last ?? "";
    await poll("旧的日志文件还被占用 (old log files are still needed; does the stream run?)", async () => {
      // A segment that is left is filled with zeros to its end.
      for (let turn = 0; turn < 200; turn += 1) {
        const { rows: now } = await client.query<{ current: string }>(
          "select pg_walfile_name(pg_current_wal_lsn()) as current",
        );
        if ((now[0]?.current ?? "") > through) break;
        await client.query("select pg_log_standby_snapshot(), pg_logical_emit_message(false, 'xianfeng', '')");
        await client.query("select pg_switch_wal()");
      }
      await client.query("select pg_log_standby_snapshot()");
      await client.query("checkpoint");
      const { rows: left } = await client.query<{ n: number }>(
        "select count(*)::int as n from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$' and name <= $1",
        [through],
      );
      return left[0]?.n === 0;
    });
  } finally {
    await client.query("alter system reset wal_recycle");
    await client.query("select pg_reload_conf()");
  }
}

async function poll(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error(what);
    await new Promise((wake) => setTimeout(wake, 500));
  }
}
