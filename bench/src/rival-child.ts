import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// ClickHouse's own replication from PostgreSQL needs rights that our endpoint gives to nobody, so the engine is opened directly here, in a
// process of its own: one line of SQL in, one line of JSON out.
type Session = { query(sql: string, format: string): string; cleanup(): void };
const fromEngine = createRequire(new URL("../../packages/engine/src/index.ts", import.meta.url));
const { Session } = fromEngine("chdb") as { Session: new (path: string) => Session };

const session = new Session(process.argv[2] ?? "");
for await (const line of createInterface({ input: process.stdin })) {
  const sql = JSON.parse(line) as string;
  try {
    process.stdout.write(`${JSON.stringify({ answer: session.query(sql, "TSV") })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ failure: (error as Error).message.slice(0, 500) })}\n`);
  }
}
session.cleanup();
process.exit(0);
