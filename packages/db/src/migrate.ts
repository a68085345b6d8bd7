import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { SchemaEngine } from "@prisma/schema-engine-wasm";
import pg from "pg";

const schemaFolder = join(import.meta.dirname, "../prisma/schema");
const migrationsFolder = join(import.meta.dirname, "../prisma/migrations");
const noFilter = { externalTables: [], externalEnums: [] };

const schemaFiles = () =>
  readdirSync(schemaFolder)
    .filter((name) => name.endsWith(".prisma"))
    .sort()
    .map((name) => ({ path: join(schemaFolder, name), content: readFileSync(join(schemaFolder, name), "utf8") }));

function migrationList() {
  const names = readdirSync(migrationsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const lockfile = join(migrationsFolder, "migration_lock.toml");
  return {
    baseDir: migrationsFolder,
    lockfile: { path: "migration_lock.toml", content: existsSync(lockfile) ? readFileSync(lockfile, "utf8") : null },
    shadowDbInitScript: "",
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok" as const, value: readFileSync(join(migrationsFolder, name, "migration.sql"), "utf8") },
      },
    })),
  };
}

/** The driver adapter cuts scripts at every semicolon, also inside function bodies; the server can take them whole. */
class WholeScriptPg extends PrismaPg {
  readonly #pool: pg.Pool;
  constructor(pool: pg.Pool) {
    super(pool);
    this.#pool = pool;
  }
  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await this.#pool.query(script);
    };
    return adapter;
  }
}

/** The schema engine as WebAssembly: the ordinary one is a binary that only Prisma's own server offers. */
async function withEngine<Result>(url: string, work: (engine: SchemaEngine) => Promise<Result>): Promise<Result> {
  const pool = new pg.Pool({ connectionString: url });
  const datamodels = schemaFiles().map(({ path, content }): [string, string] => [path, content]);
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScriptPg(pool));
  const engine = await SchemaEngine.new({ datamodels }, () => undefined, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

/**
 * Applies every migration that the database does not have yet.
 * @param ownerUrl connection of the database's owner
 * @param only these and no others: the shape that a backup was taken from
 * @returns names of the migrations applied now
 */
export async function migrate(ownerUrl: string, only?: readonly string[]): Promise<string[]> {
  return withEngine(ownerUrl, async (engine) => {
    const list = migrationList();
    const migrationDirectories = list.migrationDirectories.filter(({ path }) => !only || only.includes(path));
    const migrationsList = { ...list, migrationDirectories };
    const result = await engine.applyMigrations({ migrationsList, filters: noFilter });
    return result.appliedMigrationNames;
  });
}

/** Names of the migrations in the checkout, oldest first: what a database must have applied. */
export const migrationNames = (): string[] => migrationList().migrationDirectories.map((directory) => directory.path);

/** SQL that makes an empty database into the Prisma schema: the start of a new migration. */
export async function schemaAsSql(url: string): Promise<string> {
  return withEngine(url, async (engine) => {
    const result = await engine.diff({
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files: schemaFiles() },
      script: true,
      exitCode: null,
      filters: noFilter,
    });
    return result.stdout ?? "";
  });
}
