import { parseArgs } from "node:util";
import { readSettings } from "@xianfeng/env";
import { messageOf } from "./errors.ts";
import { type ReconcileResult, reconcile } from "./reconcile.ts";
import { recover } from "./recover.ts";

const usage = `node packages/stream/src/cli.ts reconcile [--table <name>] [--json]   compares every published table with its landing table; 1 = they differ
node packages/stream/src/cli.ts recover             drops the slot and has every table copied again`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, table: { type: "string" } },
});

function print(result: ReconcileResult): void {
  const width = Math.max(...result.tables.map((table) => table.table.length), 5);
  console.log(
    `${"table".padEnd(width)}  ${"PostgreSQL".padStart(12)}  ${"ClickHouse".padStart(12)}  ${"different".padStart(9)}`,
  );
  for (const row of result.tables) {
    console.log(
      `${row.table.padEnd(width)}  ${String(row.postgresRows).padStart(12)}  ${String(row.clickhouseRows).padStart(12)}  ${String(row.differences).padStart(9)}`,
    );
    for (const { key, where } of row.examples)
      console.log(`  ${where === "both" ? "other values" : `only in ${where}`}: ${key}`);
  }
  console.log(result.equal ? `Equal at ${result.lsn}.` : `Different at ${result.lsn}.`);
}

async function main(): Promise<number> {
  const settings = readSettings(["STREAM_DATABASE_URL", "CLICKHOUSE_HTTP_URL", "CLICKHOUSE_LANDING_PASSWORD"]);
  const place = {
    databaseUrl: settings.STREAM_DATABASE_URL,
    clickhouse: { url: settings.CLICKHOUSE_HTTP_URL, user: "landing", password: settings.CLICKHOUSE_LANDING_PASSWORD },
  };
  if (positionals[0] === "reconcile") {
    const result = await reconcile({ ...place, table: values.table });
    if (values.json) console.log(JSON.stringify(result));
    else print(result);
    return result.equal ? 0 : 1;
  }
  if (positionals[0] === "recover") {
    const epoch = await recover(place);
    console.log(`Epoch ${epoch} begins. The stream copies every table now, or as soon as it is started.`);
    return 0;
  }
  console.error(usage);
  return 2;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
