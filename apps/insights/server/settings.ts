import { readSettings } from "@xianfeng/env";

/** The only place where the analytics app reads its environment. */
export const readInsightsSettings = (source?: Record<string, string | undefined>) =>
  readSettings(
    [
      "APP_DATABASE_URL",
      "APP_URL",
      "AUTH_SECRET",
      "CUBE_URL",
      "CUBE_API_SECRET",
      "CLICKHOUSE_HTTP_URL",
      "CLICKHOUSE_SEAL_PASSWORD",
      "STREAM_HEALTH_URL",
      "WAREHOUSE_HEALTH_URL",
      "INSIGHTS_PORT",
      "LOG_LEVEL",
    ],
    source,
  );

export type InsightsSettings = ReturnType<typeof readInsightsSettings>;
