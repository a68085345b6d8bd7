import "server-only";
import { readSettings } from "@xianfeng/env";

const read = () =>
  readSettings([
    "APP_DATABASE_URL",
    "AUTH_SECRET",
    "DATA_KEY",
    "BLIND_INDEX_KEY",
    "SIGN_IN_CODE_KEY",
    "APP_URL",
    "LOG_LEVEL",
    "STATE_DIR",
    "STREAM_HEALTH_URL",
    "STREAM_CONTROL_KEY",
    "WAREHOUSE_HEALTH_URL",
    "MAIL_HEALTH_URL",
    "CUBE_HEALTH_URL",
    "INSIGHTS_HEALTH_URL",
  ]);

let known: ReturnType<typeof read> | undefined;

/** The settings of this process; the only place where it reads its environment. Read at the first request, so a build needs none. */
export function settings(): ReturnType<typeof read> {
  known ??= read();
  return known;
}
