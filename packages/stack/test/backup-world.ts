import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Client } from "pg";
import { meter } from "../src/backup-archive.ts";
import { connectForCopy, readTables, rowsOf } from "../src/backup-tables.ts";
import { root } from "../src/settings.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing.ts";

export const keys = { DATA_KEY: "data-key-of-the-tests-000000", BLIND_INDEX_KEY: "blind-index-key-of-the-tests-0" };
export const passphrase = "一个足够长的备份口令 2026";
export const silent = () => undefined;

/** Runs a program of the checkout to its end. */
export function run(
  program: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; text: string }> {
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [join(root, program), ...args],
      { env: { PATH: process.env.PATH ?? "", ...env } },
      (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, text: out + err }),
    ),
  );
}

/** The same, but it is killed as soon as it has said `word`. */
export function killAt(word: string, program: string, args: string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, program), ...args], {
      env: { PATH: process.env.PATH ?? "", ...env },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece: Buffer) => {
        text += piece.toString();
        if (text.includes(word)) child.kill("SIGKILL");
      });
    child.once("close", (_, signal) => resolve(`${signal} ${text}`));
  });
}

/** A database with the demo college: about forty tables of every kind. */
export async function demoDatabase(stateDir: string): Promise<TestDatabase> {
  const database = await createTestDatabase();
  const env = { OWNER_DATABASE_URL: database.owner, STATE_DIR: stateDir, ...keys };
  for (const [program, ...args] of [
    ["packages/db/src/cli.ts", "migrate"],
    ["packages/seed/src/cli.ts", "demo"],
  ] as const) {
    const { code, text } = await run(program, args, env);
    if (code !== 0) throw new Error(text);
  }
  return database;
}

export async function sql<Row extends object>(url: string, ...statements: string[]): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Rows and hash of every table, its sequences, and everything about its shape that a restore could lose. */
export async function fingerprint(url: string): Promise<Record<string, string>> {
  const client = await connectForCopy(url);
  const found: Record<string, string> = {};
  try {
    for (const table of await readTables(client)) {
      const { through, measured } = meter();
      for await (const _ of through(rowsOf(client, table)));
      found[table.name] = `${measured.rows} ${measured.sha256}`;
    }
    const shape = await client.query<{ what: string }>(
      `select 'constraint ' || conrelid::regclass || conname || pg_get_constraintdef(oid) || convalidated as what from pg_constraint where connamespace = 'public'::regnamespace
       union all select 'trigger ' || tgrelid::regclass || pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal
       union all select 'policy ' || polrelid::regclass || polname || pg_get_expr(polqual, polrelid) from pg_policy
       union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
       union all select 'grants ' || relname || coalesce(relacl::text, '') from pg_class where relnamespace = 'public'::regnamespace
       union all select 'publication ' || pubname || schemaname || tablename from pg_publication_tables
       union all select 'sequence ' || sequencename || coalesce(last_value, 0) from pg_sequences
       order by 1`,
    );
    found.shape = createHash("sha256")
      .update(shape.rows.map(({ what }) => what).join("\n"))
      .digest("hex");
  } finally {
    await client.end();
  }
  return found;
}
