import { readFileSync } from "node:fs";
import { readSettings } from "@xianfeng/env";
import { createDb } from "./client.ts";
import { applyReceipts, type Receipt, readReceipts } from "./erase.ts";

/** `list` prints the receipts of all tenants as JSON; `again` takes such a list and erases whoever a restored backup has brought back. */
const usage = "usage: node packages/db/src/erase-cli.ts list | again < receipts.json\n";

const [command] = process.argv.slice(2);
if (command !== "list" && command !== "again") {
  process.stderr.write(usage);
  process.exit(2);
}
const db = createDb(readSettings(["OWNER_DATABASE_URL"]).OWNER_DATABASE_URL);
try {
  if (command === "list") process.stdout.write(JSON.stringify(await readReceipts(db)));
  else {
    const keys = { dataKey: readSettings(["DATA_KEY"]).DATA_KEY };
    const receipts = JSON.parse(readFileSync(0, "utf8")) as Receipt[];
    process.stdout.write(String(await applyReceipts(db, keys, receipts)));
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await db.$disconnect();
}
