import pg from "pg";
import { type Ledger, tableOrder } from "./ledger.ts";
import { copyRows } from "./rows.ts";

/** Opens the owner's connection for `work`. */
export async function asOwner<Result>(ownerUrl: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The next free tenant and organisation numbers. */
export async function nextNumbers(client: pg.Client): Promise<{ tenantId: number; firstOrgId: number }> {
  const { rows } = await client.query<{ tenant: number; org: number }>(
    "SELECT coalesce((SELECT max(id) FROM tenant), 0) + 1 AS tenant, coalesce((SELECT max(id) FROM party_org), 0) + 1 AS org",
  );
  const row = rows[0];
  return { tenantId: row?.tenant ?? 1, firstOrgId: row?.org ?? 1 };
}

/** Writes a whole tenant in one transaction, by COPY. @returns rows written */
export async function load(client: pg.Client, ledger: Ledger): Promise<number> {
  await client.query("BEGIN");
  try {
    let written = 0;
    for (const table of tableOrder) written += await copyRows(client, table, ledger.rows.get(table) ?? []);
    await client.query(
      "SELECT setval('tenant_id_seq', (SELECT max(id) FROM tenant)), setval('party_org_id_seq', (SELECT max(id) FROM party_org))",
    );
    await client.query("COMMIT");
    return written;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
