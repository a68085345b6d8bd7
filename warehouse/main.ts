import { readSettings } from "@xianfeng/env";
import { createLog, createPulse } from "@xianfeng/service";
import { deployWarehouse } from "./deploy.ts";
import { Refresher } from "./refresh/refresher.ts";
import { startHealthServer } from "./refresh/server.ts";

// Brings ClickHouse to the models in this checkout, then keeps the marts fresh until it is told to stop.
const settings = readSettings([
  "CLICKHOUSE_HTTP_URL",
  "CLICKHOUSE_DBT_PASSWORD",
  "STATE_DIR",
  "WAREHOUSE_PORT",
  "STREAM_HEALTH_URL",
  "LOG_LEVEL",
]);
const log = createLog("warehouse", settings.LOG_LEVEL);

let refresher: Refresher | undefined;
const server = await startHealthServer(() => refresher, settings.WAREHOUSE_PORT);

async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), 5_000).unref();
  await refresher?.stop();
  await server.close();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

try {
  await deployWarehouse({
    url: settings.CLICKHOUSE_HTTP_URL,
    password: settings.CLICKHOUSE_DBT_PASSWORD,
    stateDir: settings.STATE_DIR,
    say: (line) => console.log(line),
  });
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
refresher = new Refresher({
  url: settings.CLICKHOUSE_HTTP_URL,
  password: settings.CLICKHOUSE_DBT_PASSWORD,
  log,
  pulse: createPulse({ url: settings.STREAM_HEALTH_URL }),
});
refresher.start();
