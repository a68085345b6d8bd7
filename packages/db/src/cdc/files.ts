import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type LandingTable, type Queryable, readLandingTables } from "@xianfeng/clickhouse/landing";
import type { Published } from "../../cdc/index.ts";
import { isRetired, readCatalog } from "./change/catalog.ts";
import { isPublished, publicationSql } from "./publication.ts";
import { appliedModel, landingFile, rowsFile, sourcesFile, stagingFile, stagingModel } from "./render.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const migrations = join(repository, "packages/db/prisma/migrations");
const staging = "warehouse/models/staging";

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
  const publication: [string, string][] = (await isPublished(database, tables))
    ? []
    : [await publicationFile(database, tables)];
  const read = await withoutRetired(database, tables);
  const described = read.map((table, index) => ({ table, purpose: published[index]?.purpose ?? "" }));
  return new Map([
    ...publication,
    ["packages/clickhouse/src/generated/landing.ts", landingFile(read)],
    ["packages/clickhouse/src/generated/rows.ts", rowsFile(described)],
    [join(staging, "_sources.yml"), sourcesFile(described)],
    [join(staging, "_staging.yml"), stagingFile(described)],
    [join(staging, "stg_applied.sql"), appliedModel()],
    ...read.map((table): [string, string] => [join(staging, `stg_${table.name}.sql`), stagingModel(table)]),
  ]);
}

/** The tables without the columns that go with the next deployment: no model may begin to read them. */
async function withoutRetired(database: Queryable, tables: readonly LandingTable[]): Promise<LandingTable[]> {
  const catalog = await readCatalog(database);
  return tables.map((table) => {
    const columns = catalog.tables.find(({ name }) => name === table.name)?.columns ?? [];
    const retired = new Set(columns.filter(isRetired).map(({ name }) => name));
    return { ...table, columns: table.columns.filter(({ name }) => !retired.has(name)) };
  });
}

/** A migration of its own behind the last one: a database may have applied every one that there is. */
async function publicationFile(database: Queryable, tables: readonly LandingTable[]): Promise<[string, string]> {
  const last = readdirSync(migrations, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .at(-1);
  const name = `${BigInt(last?.slice(0, 14) ?? "20261122000199") + 1n}_publication`;
  return [join("packages/db/prisma/migrations", name, "migration.sql"), await publicationSql(database, tables)];
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
