import { delimiter, dirname, join } from "node:path";
import type { SettingName } from "@xianfeng/env";
import { postgresUrl } from "./postgres.ts";
import { databaseName, roleName, urlAs } from "./roles.ts";
import type { Secrets } from "./secrets.ts";
import { type Checkout, root } from "./settings.ts";
import type { Paths } from "./state.ts";

/** What the parts are made from. */
export type Plan = { checkout: Checkout; secrets: Secrets; ports: Record<string, number>; paths: Paths; url: string };

type Values = Partial<Record<SettingName, string>>;

/** Addresses and keys of the running platform, by the names under which the processes read them. */
export function derivedSettings({
  checkout,
  secrets,
  ports,
  paths,
  url,
}: Plan): Values & { ADMIN_DATABASE_URL?: string } {
  const { given, settings } = checkout;
  const local = (port: string) => `http://127.0.0.1:${ports[port]}`;
  const admin = { user: "postgres", password: secrets.POSTGRES_ADMIN_PASSWORD, port: ports.POSTGRES_PORT ?? 0 };
  const owner =
    settings.DATABASE_URL ??
    postgresUrl({
      ...admin,
      user: roleName("owner"),
      password: secrets.POSTGRES_OWNER_PASSWORD,
      database: databaseName,
    });
  return {
    ...given,
    ADMIN_DATABASE_URL: settings.DATABASE_URL ? undefined : postgresUrl(admin),
    OWNER_DATABASE_URL: owner,
    APP_DATABASE_URL: given.APP_DATABASE_URL ?? urlAs(owner, roleName("app"), secrets.POSTGRES_APP_PASSWORD),
    STREAM_DATABASE_URL:
      given.STREAM_DATABASE_URL ?? urlAs(owner, roleName("stream"), secrets.POSTGRES_STREAM_PASSWORD),
    CLICKHOUSE_HTTP_URL: settings.CLICKHOUSE_URL ?? local("ENGINE_PORT"),
    CLICKHOUSE_LANDING_PASSWORD: secrets.CLICKHOUSE_LANDING_PASSWORD,
    CLICKHOUSE_DBT_PASSWORD: secrets.CLICKHOUSE_DBT_PASSWORD,
    CLICKHOUSE_CUBE_PASSWORD: secrets.CLICKHOUSE_CUBE_PASSWORD,
    CLICKHOUSE_SEAL_PASSWORD: secrets.CLICKHOUSE_SEAL_PASSWORD,
    CUBE_URL: settings.CUBE_API_URL ?? `${local("CUBE_PORT")}/cubejs-api/v1`,
    CUBE_API_SECRET: secrets.CUBE_API_SECRET,
    AUTH_SECRET: secrets.AUTH_SECRET,
    DATA_KEY: secrets.DATA_KEY,
    BLIND_INDEX_KEY: secrets.BLIND_INDEX_KEY,
    SIGN_IN_CODE_KEY: secrets.SIGN_IN_CODE_KEY,
    STREAM_CONTROL_KEY: secrets.STREAM_CONTROL_KEY,
    APP_URL: url,
    STREAM_HEALTH_URL: local("STREAM_PORT"),
    WAREHOUSE_HEALTH_URL: local("WAREHOUSE_PORT"),
    MAIL_HEALTH_URL: local("MAIL_PORT"),
    CUBE_HEALTH_URL: settings.CUBE_API_URL ? new URL(settings.CUBE_API_URL).origin : local("CUBE_PORT"),
    INSIGHTS_HEALTH_URL: local("INSIGHTS_PORT"),
    STATE_DIR: paths.stateDir,
    LOG_LEVEL: settings.LOG_LEVEL,
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
  };
}

/** What each process is told: these settings and nothing else of ours. */
export const told = {
  migrate: ["OWNER_DATABASE_URL"],
  seed: ["OWNER_DATABASE_URL", "APP_DATABASE_URL", "DATA_KEY", "BLIND_INDEX_KEY", "STATE_DIR"],
  engine: [
    "ENGINE_PORT",
    "STATE_DIR",
    "LOG_LEVEL",
    "CLICKHOUSE_LANDING_PASSWORD",
    "CLICKHOUSE_DBT_PASSWORD",
    "CLICKHOUSE_CUBE_PASSWORD",
    "CLICKHOUSE_SEAL_PASSWORD",
  ],
  stream: [
    "STREAM_DATABASE_URL",
    "CLICKHOUSE_HTTP_URL",
    "CLICKHOUSE_LANDING_PASSWORD",
    "STREAM_PORT",
    "STREAM_CONTROL_KEY",
    "STATE_DIR",
    "LOG_LEVEL",
  ],
  warehouse: [
    "CLICKHOUSE_HTTP_URL",
    "CLICKHOUSE_DBT_PASSWORD",
    "STREAM_HEALTH_URL",
    "STATE_DIR",
    "WAREHOUSE_PORT",
    "LOG_LEVEL",
  ],
  // PostgreSQL too: a retracted report is refused at once, not when the warehouse has heard of it.
  cube: [
    "CUBE_PORT",
    "CUBE_API_SECRET",
    "CLICKHOUSE_HTTP_URL",
    "CLICKHOUSE_CUBE_PASSWORD",
    "APP_DATABASE_URL",
    "LOG_LEVEL",
  ],
  ops: [
    "APP_DATABASE_URL",
    "APP_URL",
    "AUTH_SECRET",
    "DATA_KEY",
    "BLIND_INDEX_KEY",
    "SIGN_IN_CODE_KEY",
    "STREAM_HEALTH_URL",
    "STREAM_CONTROL_KEY",
    "WAREHOUSE_HEALTH_URL",
    "MAIL_HEALTH_URL",
    "CUBE_HEALTH_URL",
    "INSIGHTS_HEALTH_URL",
    "OPS_PORT",
    "STATE_DIR",
    "LOG_LEVEL",
  ],
  mail: [
    "APP_DATABASE_URL",
    "APP_URL",
    "DATA_KEY",
    "RESEND_API_KEY",
    "RESEND_URL",
    "MAIL_FROM",
    "MAIL_PORT",
    "LOG_LEVEL",
  ],
  insights: [
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
} as const satisfies Record<string, readonly SettingName[]>;

const python = join(root, ".tools", "venv", "bin");

/** What every process needs to run at all; no program of ours may speak to the outside about itself. */
export function commonEnvironment(): Record<string, string> {
  const kept = ["HOME", "TMPDIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY"];
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    PATH: [dirname(process.execPath), python, process.env.PATH].join(delimiter),
    LANG: "C.UTF-8",
    // Days are computed for Asia/Shanghai by name; nothing may depend on where the machine stands.
    TZ: "UTC",
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    CUBEJS_TELEMETRY: "false",
    DBT_SEND_ANONYMOUS_USAGE_STATS: "false",
    CHECKPOINT_DISABLE: "1",
    DO_NOT_TRACK: "1",
  };
}

/** The environment of one process: what every process needs, and these settings. */
export function environmentFor(values: Values, names: readonly SettingName[]): Record<string, string> {
  const environment = commonEnvironment();
  for (const name of names) {
    const value = values[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
