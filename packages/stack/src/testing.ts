import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { embeddedPostgres, type RunningPostgres, removeElsewhere } from "./postgres.ts";
import { ensureRoles, roleName, urlAs } from "./roles.ts";

/** Fixed, because a throw-away server on loopback has nothing to hide. */
export const testPasswords = {
  owner: "test-owner-password-000000",
  app: "test-app-password-00000000",
  stream: "test-stream-password-00000",
  report: "test-report-password-00000",
};

export type TestPostgres = { url: string; server?: RunningPostgres; stop(): Promise<void> };

/**
 * One throw-away server with `wal_level=logical` and all roles of the product, in a folder that goes away with it.
 * With `XF_TEST_POSTGRES_URL` set that server is used instead, and left running.
 */
export async function startTestPostgres(settings: Record<string, string> = {}): Promise<TestPostgres> {
  const given = process.env.XF_TEST_POSTGRES_URL;
  if (given) return { url: given, stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), "xianfeng-test-pg-"));
  // The server runs as another account when the tests run as root.
  chmodSync(folder, 0o755);
  const dataDir = join(folder, "data");
  const server = await embeddedPostgres({
    dataDir,
    // A power cut cannot happen to a test; SIGKILL loses nothing without fsync.
    settings: { fsync: "off", shared_buffers: "64MB", max_replication_slots: "30", max_wal_senders: "30", ...settings },
  });
  await ensureRoles(server.url, testPasswords);
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    removeElsewhere(dataDir);
  };
  return { url: server.url, server, stop };
}

/** A database of its own for one test file, as each role sees it. `admin` is the superuser. */
export type TestDatabase = {
  name: string;
  admin: string;
  owner: string;
  app: string;
  stream: string;
  report: string;
  drop(): Promise<void>;
};

/**
 * Makes an empty database, or a copy of `template`, owned by `xf_owner`, on the server of `startTestPostgres`.
 * `drop` also drops replication slots that were left in it.
 */
export async function createTestDatabase(
  options: { serverUrl?: string; template?: string } = {},
): Promise<TestDatabase> {
  const serverUrl = options.serverUrl ?? process.env.XF_TEST_POSTGRES_URL;
  if (!serverUrl) throw new Error('No test server: set globalSetup: ["@xianfeng/stack/testing"] in vitest.config.ts');
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await asAdmin(serverUrl, (client) =>
    client.query(`create database ${name} owner xf_owner template ${options.template ?? "template0"}`),
  );
  const as = (role: keyof typeof testPasswords) => urlAs(serverUrl, roleName(role), testPasswords[role], name);
  const admin = new URL(serverUrl);
  admin.pathname = `/${name}`;
  const drop = () =>
    asAdmin(serverUrl, async (client) => {
      await client.query(
        "select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active",
        [name],
      );
      await client.query(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1 and not active",
        [name],
      );
      await client.query(`drop database if exists ${name} with (force)`);
    });
  return {
    name,
    admin: admin.href,
    owner: as("owner"),
    app: as("app"),
    stream: as("stream"),
    report: as("report"),
    drop,
  };
}

async function asAdmin(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** `globalSetup` of vitest: one server for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  const { url, stop } = await startTestPostgres();
  const before = process.env.XF_TEST_POSTGRES_URL;
  process.env.XF_TEST_POSTGRES_URL = url;
  return async () => {
    if (before === undefined) delete process.env.XF_TEST_POSTGRES_URL;
    await stop();
  };
}
