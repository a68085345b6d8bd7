import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type LandingTable, type Queryable, readLandingTables } from "@xianfeng/clickhouse/landing";
import type { Published } from "../../cdc/index.ts";
import { publicationSql } from "./publication.ts";
import { appliedModel, landingFile, rowsFile, sourcesFile, stagingFile, stagingModel } from "./render.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const migrations = join(repository, "packages/db/prisma/migrations");
const staging = "warehouse/models/staging";

const variableLengthSql = `
  select c.relname || '.' || a.attname as "column"
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped and t.typlen = -1`;

/** A published table may not hold a column whose name says that it is about an identifiable person. */
function refuseForbidden(tables: readonly LandingTable[], forbidden: readonly string[]): void {
  const found = tables.flatMap((table) =>
    table.columns.filter((column) => forbidden.includes(column.name)).map((column) => `${table.name}.${column.name}`),
  );
  if (found.length > 0) {
    throw new Error(
      `These columns may not be published; move them into a table that is not published:\n  ${found.join("\n  ")}`,
    );
  }
}

/**
 * All generated files, by path from the root of the repository, with their wanted content.
 * @param database a freshly migrated database, whose catalog is the truth
 */
export async function generatedFiles(
  database: Queryable,
  published: readonly Published[],
  forbidden: readonly string[],
): Promise<Map<string, string>> {
  const names = published.map((entry) => entry.table);
  const tables = await readLandingTables(database, names);
  refuseForbidden(tables, forbidden);
  const { rows } = await database.query(variableLengthSql);
  const variableLength = new Set((rows as { column: string }[]).map((row) => row.column));
  const described = tables.map((table, index) => ({ table, purpose: published[index]?.purpose ?? "" }));
  const sql = publicationSql(tables, variableLength);
  return new Map([
    [join("packages/db/prisma/migrations", publicationMigration(sql), "migration.sql"), sql],
    ["packages/clickhouse/src/generated/landing.ts", landingFile(tables)],
    ["packages/clickhouse/src/generated/rows.ts", rowsFile(described)],
    [join(staging, "_sources.yml"), sourcesFile(described)],
    [join(staging, "_staging.yml"), stagingFile(described)],
    [join(staging, "stg_applied.sql"), appliedModel()],
    ...tables.map((table): [string, string] => [join(staging, `stg_${table.name}.sql`), stagingModel(table)]),
  ]);
}

/**
 * The folder that holds the newest publication. It is written again while no other migration follows it; after that a database
 * may have applied it, so a change becomes a migration of its own behind the last one.
 */
function publicationMigration(sql: string): string {
  const names = readdirSync(migrations, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const last = names.at(-1) ?? "";
  const newest = names.filter((name) => name.endsWith("_publication")).at(-1);
  if (newest === undefined) return "20261122000200_publication";
  const file = join(migrations, newest, "migration.sql");
  const unchanged = existsSync(file) && readFileSync(file, "utf8") === sql;
  if (newest === last || unchanged) return newest;
  return `${BigInt(last.slice(0, 14)) + 1n}_publication`;
}

/** Generated staging files that no published table stands behind any more. */
export function staleFiles(wanted: ReadonlyMap<string, string>): string[] {
  const folder = join(repository, staging);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(staging, name))
    .filter((path) => /stg_\w+\.sql$/.test(path) && !wanted.has(path));
}

/** Columns that would go while a model still names them: expand, migrate, then contract. */
export function columnsStillUsed(wanted: ReadonlyMap<string, string>): string[] {
  const models = join(repository, "warehouse/models");
  if (!existsSync(models)) return [];
  const users = readdirSync(models, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sql") && !path.startsWith("staging"))
    .map((path) => ({ path, sql: readFileSync(join(models, path), "utf8") }));
  return [...wanted, ...staleFiles(wanted).map((path): [string, string] => [path, ""])].flatMap(([path, content]) => {
    const model = /(stg_\w+)\.sql$/.exec(path)?.[1];
    const file = join(repository, path);
    if (!model || !existsSync(file)) return [];
    const gone = selected(readFileSync(file, "utf8")).filter((column) => !selected(content).includes(column));
    return gone.flatMap((column) =>
      users
        .filter(({ sql }) => sql.includes(`'${model}'`) && new RegExp(`\\b${column}\\b`).test(sql))
        .map((user) => `${relative(repository, join(models, user.path))} uses ${model}.${column}`),
    );
  });
}

const selected = (sql: string) => [...sql.matchAll(/^ {4}(\w+),?$/gm)].map((match) => match[1] ?? "");

/** Where a generated file lies on this machine. */
export const onDisk = (path: string, root = repository): string => join(root, path);

/** Paths whose content on disk is not the wanted one. */
export function differing(files: ReadonlyMap<string, string>, root = repository): string[] {
  const changed = [...files].filter(([path, content]) => {
    const file = onDisk(path, root);
    return !existsSync(file) || readFileSync(file, "utf8") !== content;
  });
  return [...changed.map(([path]) => path), ...staleFiles(files)];
}
