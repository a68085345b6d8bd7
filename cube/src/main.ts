import { readSettings } from "@xianfeng/env";
import { startCube } from "./server.ts";

const settings = readSettings([
  "CUBE_PORT",
  "CLICKHOUSE_HTTP_URL",
  "CLICKHOUSE_CUBE_PASSWORD",
  "CUBE_API_SECRET",
  "APP_DATABASE_URL",
  "LOG_LEVEL",
]);
const cube = await startCube({
  port: settings.CUBE_PORT,
  clickhouseUrl: settings.CLICKHOUSE_HTTP_URL,
  clickhousePassword: settings.CLICKHOUSE_CUBE_PASSWORD,
  secret: settings.CUBE_API_SECRET,
  databaseUrl: settings.APP_DATABASE_URL,
  logLevel: settings.LOG_LEVEL,
});
process.stdout.write(`${JSON.stringify({ service: "cube", port: cube.port, native: cube.native })}\n`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(0), 5_000).unref();
    void cube.close().finally(() => process.exit(0));
  });
}
