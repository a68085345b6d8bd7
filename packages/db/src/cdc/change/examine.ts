import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Queryable } from "@xianfeng/clickhouse/landing";
import { readCatalog } from "./catalog.ts";
import { type Refusal, refusalsOf, rules } from "./refusals.ts";
import { statementsOf, withoutComments } from "./statements.ts";

export type Migration = { name: string; sql: string };
/** A refusal with its place. */
export type Finding = Refusal & { migration: string; statement: string };

/** First line of every migration that `publication.ts` writes. */
const generated = "-- Generated from the catalog and packages/db/cdc by";

/** The migrations of a folder, oldest first. */
export const migrationsIn = (folder: string): Migration[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name, "migration.sql"), "utf8") }));

/**
 * Applies migrations to an empty database, one after the other, and looks at the catalog after each: what a statement does is seen, however
 * it is written. Stops behind the first migration that is refused.
 * @param database a connection of the owner to an empty database, thrown away afterwards
 */
export async function examine(
  database: Queryable,
  migrations: readonly Migration[],
  forbidden: readonly string[],
): Promise<Finding[]> {
  // Migrations speak of the list that Prisma keeps, which nobody keeps here.
  await database.query("create table if not exists _prisma_migrations (id varchar(36) primary key)");
  for (const migration of migrations) {
    const mayPublish = migration.name.endsWith("_publication") && migration.sql.startsWith(generated);
    const options = { forbidden, mayPublish, truncates: /\btruncate\b/i.test(withoutComments(migration.sql)) };
    const before = await readCatalog(database);
    await database.query("begin");
    await run(database, migration, migration.sql);
    const refused = refusalsOf(before, await readCatalog(database), options);
    if (refused.length === 0) {
      await database.query("commit");
      continue;
    }
    await database.query("rollback");
    return attribute(database, migration, refused, (after) => refusalsOf(before, after, options));
  }
  return [];
}

/** Runs the refused migration again, statement by statement, and finds the one after which each refusal begins. */
async function attribute(
  database: Queryable,
  migration: Migration,
  refused: readonly Refusal[],
  judge: (after: Awaited<ReturnType<typeof readCatalog>>) => Refusal[],
): Promise<Finding[]> {
  const same = (one: Refusal) => (other: Refusal) => one.rule === other.rule && one.what === other.what;
  const since = new Map<Refusal, string>();
  await database.query("begin");
  for (const statement of statementsOf(migration.sql)) {
    await run(database, migration, statement);
    const present = judge(await readCatalog(database));
    for (const refusal of refused) {
      if (!present.some(same(refusal))) since.delete(refusal);
      else if (!since.has(refusal)) since.set(refusal, withoutComments(statement));
    }
  }
  await database.query("rollback");
  return refused.map((refusal) => ({ ...refusal, migration: migration.name, statement: since.get(refusal) ?? "" }));
}

async function run(database: Queryable, migration: Migration, sql: string): Promise<void> {
  try {
    await database.query(sql);
  } catch (error) {
    throw new Error(`${migration.name}: ${(error as Error).message}`, { cause: error });
  }
}

const short = (text: string) => (text.length > 160 ? `${text.slice(0, 160)} …` : text);

/** What a person reads: the migration, the statement, the reason, what to do instead. */
export const explain = (finding: Finding): string => {
  const { zh, en, instead } = rules[finding.rule];
  return `${finding.migration}: ${finding.what}
  ${short(finding.statement)};
  ${zh} (${en}).
  请改为 (instead): ${instead}`;
};
