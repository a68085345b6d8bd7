import { execFileSync } from "node:child_process";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Queryable } from "@xianfeng/clickhouse/landing";
import { forbiddenColumns, publishedTables } from "../../../cdc/index.ts";
import { columnsStillUsed, differing, generatedFiles, onDisk, staleFiles } from "../files.ts";
import { type Catalog, isRetired, readCatalog } from "./catalog.ts";
import { leftOver, planOf, type Wish } from "./change.ts";
import { examine, explain, migrationsIn } from "./examine.ts";
import { Journal } from "./journal.ts";
import { withField, withoutField, withRenamedField } from "./prisma-file.ts";
import { withScratch } from "./scratch.ts";

const usage = `npm run schema                                    the migration that the changed .prisma files need, and everything made from it
npm run schema -- add <table> <column> <type> [--not-null --default <value>]
npm run schema -- rename <table> <column> <new name>
npm run schema -- drop <table> <column>           first time: retires the column; next time: drops it
npm run schema -- --check                         changes nothing; fails when something is out of date or would break what runs`;

const packageFolder = resolve(import.meta.dirname, "../../..");
const migrationsFolder = join(packageFolder, "prisma/migrations");
const schemaFolder = join(packageFolder, "prisma/schema");
const root = resolve(packageFolder, "../..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: "boolean", default: false },
    "not-null": { type: "boolean", default: false },
    default: { type: "string" },
  },
});

/** Edits the Prisma schema as asked and says which migration is wished. */
function wishOf(journal: Journal, have: Catalog): Wish {
  const [verb, table = "", column = "", last = ""] = positionals;
  const write = ({ path, content }: { path: string; content: string }) => journal.write(path, content);
  for (const word of [table, column, ...(verb === "rename" ? [last] : [])]) {
    if (verb && !/^[a-z][a-z0-9_]*$/.test(word)) throw new Error(usage);
  }
  if (verb === undefined) return { kind: "follow" };
  if (verb === "add" && last) {
    const notNull = values["not-null"];
    write(withField(schemaFolder, table, { column, sqlType: last, notNull, default: values.default }));
    return { kind: "follow" };
  }
  if (verb === "rename") {
    write(withRenamedField(schemaFolder, table, column, last));
    return { kind: "rename", table, from: column, to: last };
  }
  if (verb !== "drop") throw new Error(usage);
  const present = have.tables.find(({ name }) => name === table)?.columns.find(({ name }) => name === column);
  // A renamed or retired column has left the Prisma schema already.
  if (present && present.comment === null) write(withoutField(schemaFolder, table, column));
  if (present && isRetired(present) && present.comment === null) throw new Error(usage);
  return { kind: "drop", table, column };
}

/** Later than every migration there is, and than now. */
function timestamp(last: string): string {
  const now = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  return now > last.slice(0, 14) ? now : String(BigInt(last.slice(0, 14)) + 1n);
}

async function mustPass(database: Queryable, migrations: Parameters<typeof examine>[1]): Promise<void> {
  const findings = await examine(database, migrations, forbiddenColumns);
  if (findings.length > 0) throw new Error(findings.map(explain).join("\n\n"));
}

async function run(journal: Journal): Promise<string[]> {
  return withScratch(async ({ migrated, wanted, wantSchema }) => {
    const before = migrationsIn(migrationsFolder);
    await mustPass(migrated, before);
    const have = await readCatalog(migrated);
    const wish = wishOf(journal, have);
    await wantSchema();
    const want = await readCatalog(wanted);
    const plan = await planOf(migrated, wish, have, want);
    if (plan && values.check)
      throw new Error(`The Prisma schema is ahead of the migrations; run npm run schema:\n${plan.sql}`);
    if (plan) {
      const name = `${timestamp(before.at(-1)?.name ?? "")}_${plan.label}`;
      journal.write(join(migrationsFolder, name, "migration.sql"), plan.sql);
      await mustPass(migrated, [{ name, sql: plan.sql }]);
    }
    const left = leftOver(await readCatalog(migrated), want);
    if (left.length > 0) {
      throw new Error(
        `These differences need a migration written by hand, in a new folder of ${relative(root, migrationsFolder)}:\n  ${left.join("\n  ")}`,
      );
    }
    await generate(journal, migrated);
    return plan?.next ?? [];
  });
}

/** The publication, the landing tables, the staging models and their descriptions, as the migrated catalog says. */
async function generate(journal: Journal, migrated: Queryable): Promise<void> {
  const files = await generatedFiles(migrated, publishedTables, forbiddenColumns);
  const used = columnsStillUsed(files);
  if (used.length > 0) throw new Error(`Models still use what would go; change them first:\n  ${used.join("\n  ")}`);
  const stale = new Set(staleFiles(files));
  const changed = differing(files);
  if (values.check) {
    if (changed.length > 0) throw new Error(`Out of date; run npm run schema:\n  ${changed.join("\n  ")}`);
    return;
  }
  for (const path of changed) {
    if (stale.has(path)) journal.remove(onDisk(path));
    else journal.write(onDisk(path), files.get(path) ?? "");
  }
  const publication = changed.find((path) => path.endsWith("_publication/migration.sql"));
  if (publication) {
    await mustPass(migrated, [{ name: publication.split("/").at(-2) ?? "", sql: files.get(publication) ?? "" }]);
  }
}

const journal = new Journal();
try {
  const next = await run(journal);
  const changed = journal.changed().map((path) => relative(root, path));
  if (changed.some((path) => path.endsWith(".prisma"))) {
    execFileSync(process.execPath, [join(packageFolder, "node_modules/prisma/build/index.js"), "generate"], {
      cwd: packageFolder,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/sh" },
      stdio: "pipe",
    });
  }
  console.log(
    changed.length === 0 ? "一切都是最新 (everything is up to date)" : `已写入 (written):\n  ${changed.join("\n  ")}`,
  );
  if (next.length > 0) console.log(`接下来 (next):\n  ${next.join("\n  ")}`);
} catch (error) {
  journal.undo();
  console.error(`没有更改任何文件 (nothing was changed)\n\n${(error as Error).message}`);
  process.exitCode = 1;
}
// The engine leaves a timer behind that would keep the finished process for ten seconds.
process.exit();
