import { createDb } from "@xianfeng/db";
import { readSettings, SettingError } from "@xianfeng/env";
import { createLog } from "@xianfeng/service";
import { createDeliver } from "./deliver.ts";
import { Sender } from "./sender.ts";
import { startHealthServer } from "./server.ts";

const settings = readSettings([
  "APP_DATABASE_URL",
  "DATA_KEY",
  "APP_URL",
  "RESEND_API_KEY",
  "RESEND_URL",
  "MAIL_FROM",
  "MAIL_PORT",
  "LOG_LEVEL",
]);
const { RESEND_API_KEY: key, MAIL_FROM: from, RESEND_URL: url } = settings;
if (key && !from) throw new SettingError("设置了 RESEND_API_KEY，还需要 MAIL_FROM (RESEND_API_KEY needs MAIL_FROM)");

const log = createLog("mail", settings.LOG_LEVEL);
const db = createDb(settings.APP_DATABASE_URL);
const sender = new Sender({
  db,
  dataKey: settings.DATA_KEY,
  deliver: key && from ? createDeliver({ key, from, url }) : null,
  appUrl: settings.APP_URL,
  log,
});
const server = await startHealthServer(sender, settings.MAIL_PORT);
const running = sender.run();
log("info", key ? "started" : "started-without-mail-service", { port: server.port });

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  // A mail in flight is finished; if that takes too long, its row is free again and the idempotency key keeps it to one.
  setTimeout(() => process.exit(0), 8_000).unref();
  sender.stop();
  await running;
  await server.close();
  await db.$disconnect();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
