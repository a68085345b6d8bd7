import { type CubeClaims, signCubeToken } from "@xianfeng/cube/token";
import pg from "pg";
import type { Platform } from "./platform.ts";
import { poll } from "./poll.ts";

export type CubeRow = Record<string, string | number | boolean | null>;
export type CubeQuery = {
  measures?: string[];
  dimensions?: string[];
  filters?: unknown[];
  limit?: number;
  [other: string]: unknown;
};

/** The two sides of a platform's stream, as it signs in to them itself. */
export const streamPlace = ({ settings }: Platform) => ({
  databaseUrl: String(settings.STREAM_DATABASE_URL),
  clickhouse: {
    url: String(settings.CLICKHOUSE_HTTP_URL),
    user: "landing",
    password: String(settings.CLICKHOUSE_LANDING_PASSWORD),
  },
});

/** One answer of Cube's data route, with what it said when it refused. */
export async function askCube(
  platform: Platform,
  token: string | null,
  query: CubeQuery,
): Promise<{ status: number; rows: CubeRow[]; text: string }> {
  const { CUBE_URL } = platform.settings;
  return poll("Cube to answer", 120_000, async () => {
    const answer = await fetch(`${CUBE_URL}/load`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: token }) },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (text.includes("Continue wait")) return null;
    const rows = answer.ok ? (JSON.parse(text) as { data: CubeRow[] }).data : [];
    return { status: answer.status, rows, text };
  });
}

/** A token as the analytics server mints it. */
export const mint = (platform: Platform, claims: Omit<CubeClaims, "scope">, now = new Date()): Promise<string> =>
  signCubeToken({ ...claims, scope: ["data"] }, String(platform.settings.CUBE_API_SECRET), now);

/** All of a tenant for one permission. */
export async function mintWhole(
  platform: Platform,
  client: pg.Client,
  tenantId: number,
  permission: string,
): Promise<string> {
  const { rows } = await client.query<{ tree_version: string; root_org_id: number }>(
    "SELECT tree_version::text, root_org_id FROM tenant WHERE id = $1",
    [tenantId],
  );
  const tenant = rows[0];
  if (!tenant) throw new Error(`no tenant ${tenantId}`);
  return mint(platform, {
    tenantId,
    treeVersion: tenant.tree_version,
    permissions: [permission],
    roots: [{ level: 0, orgId: tenant.root_org_id, below: true }],
  });
}

/** PostgreSQL as its owner: row security does not apply. */
export async function openOwner(platform: Platform): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: String(platform.settings.OWNER_DATABASE_URL) });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** The position of the log now, as the whole number that marts carry. */
export async function logPosition(client: pg.Client): Promise<bigint> {
  const { rows } = await client.query<{ n: string }>("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text AS n");
  return BigInt(rows[0]?.n ?? "0");
}

/** Waits until a mart shows everything that was committed before now. A commit of our own marks the place. */
export async function untilShown(
  platform: Platform,
  client: pg.Client,
  tenantId: number,
  view = "evaluation_report",
  permission = "report.read",
): Promise<void> {
  const position = await logPosition(client);
  // Something small that travels: the newest commit must lie behind the position.
  await client.query("UPDATE tenant SET updated_at = now() WHERE id = $1", [tenantId]);
  await poll(`${view} to show tenant ${tenantId}`, 180_000, async () => {
    const token = await mintWhole(platform, client, tenantId, permission);
    const { rows } = await askCube(platform, token, { dimensions: [`${view}.as_of_lsn`], limit: 10 });
    return rows.length > 0 && rows.every((row) => BigInt(String(row[`${view}.as_of_lsn`])) >= position);
  });
}
