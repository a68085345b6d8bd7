import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { createTestDatabase, startTestPostgres } from "@xianfeng/stack/testing";
import pg from "pg";
import { forbiddenColumns, publishedTables } from "../../cdc/index.ts";
import { migrate } from "../migrate.ts";
import { columnsStillUsed, generatedFiles, onDisk, staleFiles } from "./files.ts";

/** Runs with a connection to a database that has just got every migration, made for this and thrown away. */
async function withFreshDatabase<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const server = await startTestPostgres();
  try {
    const database = await createTestDatabase({ serverUrl: server.url });
    await migrate(database.owner);
    const client = new pg.Client({ connectionString: database.owner });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
      await database.drop();
    }
  } finally {
    await server.stop();
  }
}

/** Paths whose content on disk is not the wanted one. */
function differing(files: ReadonlyMap<string, string>): string[] {
  const changed = [...files].filter(([path, content]) => {
    const file = onDisk(path);
    return !existsSync(file) || readFileSync(file, "utf8") !== content;
  });
  return [...changed.map(([path]) => path), ...staleFiles(files)];
}

function write(files: ReadonlyMap<string, string>): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(onDisk(path)), { recursive: true });
    writeFileSync(onDisk(path), content);
  }
  for (const path of staleFiles(files)) rmSync(onDisk(path));
}

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
try {
  const files = await withFreshDatabase((client) => generatedFiles(client, publishedTables, forbiddenColumns));
  const used = columnsStillUsed(files);
  if (used.length > 0) throw new Error(`Columns would go that models still use:\n  ${used.join("\n  ")}`);
  const changed = differing(files);
  if (values.check) {
    if (changed.length > 0) throw new Error(`Out of date; run pnpm cdc:generate:\n  ${changed.join("\n  ")}`);
  } else {
    write(files);
  }
  console.log(changed.length === 0 ? "Generated files are up to date." : `Written:\n  ${changed.join("\n  ")}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
