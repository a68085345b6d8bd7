import pg from "pg";
import type { ReadableRuns } from "./rewrite.ts";

/** Asks PostgreSQL which runs may be read now: live ones, published sealed ones, previews for those who generate. */
export function createReadableRuns(databaseUrl: string): {
  readable: ReadableRuns;
  ping(): Promise<void>;
  close(): Promise<void>;
} {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, connectionTimeoutMillis: 5_000 });
  pool.on("error", () => undefined);
  const sql = `
    SELECT run.id FROM evaluation_run run LEFT JOIN evaluation_report report ON report.run_id = run.id
    WHERE run.tenant_id = $1 AND ($2::uuid[] IS NULL OR run.id = ANY ($2::uuid[]))
      AND (run.state = 'live' OR (run.state = 'sealed' AND report.state = 'published') OR ($3 AND run.state = 'preview'))
    LIMIT 2000`;
  const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  return {
    async readable(tenantId, runIds, previews) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN READ ONLY");
        await client.query("SELECT set_config('app.tenant_id', $1, true)", [String(tenantId)]);
        const { rows } = await client.query<{ id: string }>(sql, [tenantId, runIds?.filter(isUuid) ?? null, previews]);
        await client.query("COMMIT");
        client.release();
        return rows.map((row) => row.id);
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    ping: async () => void (await pool.query("SELECT 1")),
    close: () => pool.end(),
  };
}
