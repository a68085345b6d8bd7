import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { createTestDatabase, startTestPostgres } from "@xianfeng/stack/testing";
import pg from "pg";
import { forbiddenColumns, publishedTables } from "../../cdc/index.ts";
import { migrate } from "../migrate.ts";
import { columnsStillUsed, differing, generatedFiles, onDisk, staleFiles } from "./files.ts";

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

function write(files: ReadonlyMap<string, string>): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(onDisk(path)), { recursive: true });
    writeFileSync(onDisk(path), content);
  }
  for (const path of staleFiles(files)) rmSync(onDisk(path));
}

// --check compares only and fails on a difference; --root names another checkout to compare with.
const { values } = parseArgs({ options: { check: { type: "boolean", default: false }, root: { type: "string" } } });
try {
  const files = await withFreshDatabase((client) => generatedFiles(client, publishedTables, forbiddenColumns));
  const used = columnsStillUsed(files);
  if (used.length > 0) throw new Error(`Columns would go that models still use:\n  ${used.join("\n  ")}`);
  const changed = differing(files, values.root);
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
// The engine leaves a timer behind that would keep the finished process for ten seconds.
process.exit();
