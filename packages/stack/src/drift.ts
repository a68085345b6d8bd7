import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";

/** How a database differs from the migrations of the checkout; all empty means equal. */
export type Drift = {
  /** In the checkout, not in the database. */
  pending: string[];
  /** Began and did not finish. */
  failed: string[];
  /** Applied with another text than the checkout has now. */
  changed: string[];
  /** Applied, but not in the checkout: an older version runs on a newer database. */
  unknown: string[];
};

type Row = { name: string; checksum: string; finished: boolean };

/**
 * Compares `_prisma_migrations` with the folders of migrations.
 * @throws Error when the database does not answer.
 */
export async function migrationDrift(ownerUrl: string, folder: string): Promise<Drift> {
  const rows = await appliedMigrations(ownerUrl);
  const applied = rows.filter((row) => row.finished);
  const names = migrationsIn(folder);
  return {
    pending: names.filter((name) => !applied.some((row) => row.name === name)).sort(),
    failed: rows.filter((row) => !row.finished).map((row) => row.name),
    ...migrationsThatDiffer(applied, folder),
  };
}

const migrationsIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => existsSync(join(folder, name, "migration.sql")));

/** Those of a list of applied migrations that the checkout has with another text, or not at all. */
export function migrationsThatDiffer(
  applied: readonly { name: string; checksum: string }[],
  folder: string,
): Pick<Drift, "changed" | "unknown"> {
  const names = migrationsIn(folder);
  const checksum = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name, "migration.sql")))
      .digest("hex");
  return {
    changed: applied
      .filter((row) => names.includes(row.name) && row.checksum !== checksum(row.name))
      .map((row) => row.name),
    unknown: applied.filter((row) => !names.includes(row.name)).map((row) => row.name),
  };
}

async function appliedMigrations(url: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  await client.connect();
  try {
    const found = await client.query<Row>(
      `select migration_name as name, checksum, finished_at is not null as finished
         from _prisma_migrations where rolled_back_at is null order by started_at`,
    );
    return found.rows;
  } catch (error) {
    if ((error as { code?: string }).code === "42P01") return [];
    throw error;
  } finally {
    await client.end();
  }
}
