import { readSettings } from "@xianfeng/env";
import { createLog } from "@xianfeng/service";
import { startHealthServer } from "./server.ts";
import { Stream } from "./stream.ts";

const settings = readSettings([
  "STREAM_DATABASE_URL",
  "CLICKHOUSE_HTTP_URL",
  "CLICKHOUSE_LANDING_PASSWORD",
  "STREAM_PORT",
  "STREAM_CONTROL_KEY",
  "LOG_LEVEL",
]);
const log = createLog("stream", settings.LOG_LEVEL);
const stream = new Stream({
  databaseUrl: settings.STREAM_DATABASE_URL,
  clickhouse: { url: settings.CLICKHOUSE_HTTP_URL, user: "landing", password: settings.CLICKHOUSE_LANDING_PASSWORD },
  log,
});
const server = await startHealthServer(stream, settings.STREAM_PORT, settings.STREAM_CONTROL_KEY);
stream.start();
log("info", "started", { port: server.port });

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  // What has not been confirmed comes again at the next start, so a stop need not wait for ClickHouse.
  setTimeout(() => process.exit(0), 5_000).unref();
  await stream.stop();
  await server.close();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
