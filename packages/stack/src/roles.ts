import { Client, escapeIdentifier, escapeLiteral } from "pg";

/** The database and who may sign in to it. What each may do is granted by the migrations. */
export const databaseName = "xianfeng";

/** Passwords of the roles to make; the owner's only where the stack makes the owner, too. */
export type RolePasswords = { owner?: string; app?: string; stream?: string; report?: string };

const roles = {
  app: { name: "xf_app", rights: "login nobypassrls noreplication" },
  stream: { name: "xf_stream", rights: "login bypassrls replication" },
  report: { name: "xf_report", rights: "login nobypassrls noreplication" },
} as const;

// Not a superuser, so that what works on the embedded server also works where the owner of a managed server runs it.
const ownerRights = "login createdb createrole bypassrls replication";

/** Name of a role in PostgreSQL. */
export const roleName = (role: keyof RolePasswords): string => (role === "owner" ? "xf_owner" : roles[role].name);

/**
 * Ensures the roles, and with an owner's password also owner and database. Safe to repeat; passwords follow the given ones.
 * @throws Error naming the missing right when the connection may not make roles.
 */
export async function ensureRoles(adminUrl: string, passwords: RolePasswords): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    if (passwords.owner) {
      await ensureRole(client, "xf_owner", ownerRights, passwords.owner);
      await client.query("grant pg_monitor, pg_checkpoint to xf_owner");
      const found = await client.query("select 1 from pg_database where datname = $1", [databaseName]);
      if (found.rowCount === 0) await client.query(`create database ${databaseName} owner xf_owner`);
    }
    for (const role of ["app", "stream", "report"] as const) {
      const password = passwords[role];
      if (password) await ensureRole(client, roles[role].name, roles[role].rights, password);
    }
    // A transaction with more changes than this is sent while it runs, instead of being written to the server's disk until it ends.
    if (passwords.stream) await client.query("alter role xf_stream set logical_decoding_work_mem = '16MB'");
  } catch (error) {
    if ((error as { code?: string }).code === "42501") {
      throw new Error(
        "DATABASE_URL 的账号不能创建或修改角色 xf_app、xf_stream、xf_report：它需要 CREATEROLE、REPLICATION、BYPASSRLS。" +
          "也可以由管理员建好角色，并设置 APP_DATABASE_URL 和 STREAM_DATABASE_URL。" +
          ` (Needs CREATEROLE, REPLICATION, BYPASSRLS, or roles made beforehand.) PostgreSQL: ${(error as Error).message}`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    await client.end();
  }
}

/**
 * Refuses a server that cannot carry the platform, before anything is changed on it.
 * @throws Error saying what to set and where.
 */
export async function checkServer(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const found = await client.query<{ version: number; level: string; slots: number }>(
      `select current_setting('server_version_num')::int as version, current_setting('wal_level') as level,
              current_setting('max_replication_slots')::int as slots`,
    );
    const { version = 0, level = "", slots = 0 } = found.rows[0] ?? {};
    if (version < 180_000)
      throw new Error(`需要 PostgreSQL 18 或更高版本，现在是 (needs PostgreSQL 18, found) ${version}`);
    if (level !== "logical")
      throw new Error(`PostgreSQL 的 wal_level 是 ${level}，需要 logical。请修改 postgresql.conf 并重启数据库。`);
    if (slots < 1) throw new Error("PostgreSQL 的 max_replication_slots 是 0，至少需要 1。请修改并重启数据库。");
  } finally {
    await client.end();
  }
}

async function ensureRole(client: Client, name: string, rights: string, password: string): Promise<void> {
  const found = await client.query("select 1 from pg_roles where rolname = $1", [name]);
  const verb = found.rowCount === 0 ? "create" : "alter";
  await client.query(`${verb} role ${escapeIdentifier(name)} with ${rights} password ${escapeLiteral(password)}`);
}

/** The same server and database as somebody else. */
export function urlAs(url: string, user: string, password: string, database?: string): string {
  const other = new URL(url);
  other.username = encodeURIComponent(user);
  other.password = encodeURIComponent(password);
  if (database) other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}
