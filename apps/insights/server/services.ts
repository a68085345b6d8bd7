import { type Accounts, createAccounts } from "@xianfeng/auth";
import { createDb, type Db } from "@xianfeng/db";
import { createLog, createPulse, type Log, type Pulse } from "@xianfeng/service";
import { type CubeClient, createCubeClient } from "./cube/client.ts";
import { createRunReader, type RunReader } from "./seal.ts";
import type { InsightsSettings } from "./settings.ts";

/** Everything that lives as long as the process. */
export type Services = {
  db: Db;
  accounts: Accounts;
  cube: CubeClient;
  cubeSecret: string;
  seal: RunReader;
  /** What the stream says. */
  pulse: Pulse;
  /** What the refresher of the marts says: rows up to that commit are in every mart. */
  marts: Pulse;
  log: Log;
  appUrl: string;
  now: () => Date;
  close(): Promise<void>;
};

export function createServices(settings: InsightsSettings): Services {
  const db = createDb(settings.APP_DATABASE_URL);
  const pulse = createPulse({ url: settings.STREAM_HEALTH_URL });
  const marts = createPulse({ url: settings.WAREHOUSE_HEALTH_URL });
  const seal = createRunReader({ url: settings.CLICKHOUSE_HTTP_URL, password: settings.CLICKHOUSE_SEAL_PASSWORD });
  return {
    db,
    accounts: createAccounts(db, { secret: settings.AUTH_SECRET, url: settings.APP_URL }),
    cube: createCubeClient({ url: settings.CUBE_URL }),
    cubeSecret: settings.CUBE_API_SECRET,
    seal,
    pulse,
    marts,
    log: createLog("insights", settings.LOG_LEVEL),
    appUrl: settings.APP_URL,
    now: () => new Date(),
    async close() {
      pulse.close();
      marts.close();
      await seal.close();
      await db.$disconnect();
    },
  };
}
