import { join } from "node:path";
import { readSettings } from "@xianfeng/env";
import { platformUsers, withDefaults } from "./options.ts";
import { withEnoughThreads } from "./threads.ts";

withEnoughThreads();

const { serveEngine, stopProcess } = await import("./server.ts");
const settings = readSettings([
  "ENGINE_PORT",
  "STATE_DIR",
  "CLICKHOUSE_LANDING_PASSWORD",
  "CLICKHOUSE_DBT_PASSWORD",
  "CLICKHOUSE_CUBE_PASSWORD",
  "CLICKHOUSE_SEAL_PASSWORD",
]);

try {
  const serving = await serveEngine(
    withDefaults({
      port: settings.ENGINE_PORT,
      dataPath: join(settings.STATE_DIR, "clickhouse"),
      users: platformUsers({
        landing: settings.CLICKHOUSE_LANDING_PASSWORD,
        dbt: settings.CLICKHOUSE_DBT_PASSWORD,
        cube: settings.CLICKHOUSE_CUBE_PASSWORD,
        seal: settings.CLICKHOUSE_SEAL_PASSWORD,
      }),
    }),
  );
  process.stdout.write(`${JSON.stringify({ level: "info", message: "engine ready", port: serving.port })}\n`);
  const stop = () => stopProcess(serving);
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${JSON.stringify({ level: "error", message })}\n`);
  process.exit(1);
}
