import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { SettingName } from "@xianfeng/env";
import { migrationDrift } from "./drift.ts";
import type { FrontArguments } from "./front-main.ts";
import { askPostgres, type PreparedPostgres, postgresUrl, preparePostgres } from "./postgres.ts";
import { checkServer, databaseName, ensureRoles, roleName, urlAs } from "./roles.ts";
import type { Secrets } from "./secrets.ts";
import { type Checkout, root } from "./settings.ts";
import { type Paths, writeWhole } from "./state.ts";
import type { Launch, PartSpec, Probe } from "./supervisor.ts";

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
    APP_URL: url,
    STREAM_HEALTH_URL: local("STREAM_PORT"),
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
    "STATE_DIR",
    "LOG_LEVEL",
  ],
  warehouse: ["CLICKHOUSE_HTTP_URL", "CLICKHOUSE_DBT_PASSWORD", "STATE_DIR"],
  cube: ["CUBE_PORT", "CUBE_API_SECRET", "CLICKHOUSE_HTTP_URL", "CLICKHOUSE_CUBE_PASSWORD", "LOG_LEVEL"],
  ops: [
    "APP_DATABASE_URL",
    "APP_URL",
    "AUTH_SECRET",
    "DATA_KEY",
    "BLIND_INDEX_KEY",
    "SIGN_IN_CODE_KEY",
    "STREAM_HEALTH_URL",
    "RESEND_API_KEY",
    "OPS_PORT",
    "STATE_DIR",
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

/** 200 within two seconds, else the beginning of what it answered. */
export function httpProbe(url: string): Probe {
  return async () => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: "manual" });
      const text = await answer.text();
      return answer.status === 200 ? undefined : `${answer.status} ${text.slice(0, 300)}`.trim();
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string } };
      return `没有应答 (no answer): ${cause?.code ?? message}`;
    }
  };
}

const postgresProbe =
  (url: string): Probe =>
  async () => {
    const state = await askPostgres(url);
    if (state === "answers") return undefined;
    return state === "refused"
      ? "密码被拒绝 (password refused)：数据是用别的密钥创建的，请恢复原来的 secrets.json"
      : "没有应答 (no answer)";
  };

/** All parts, in an order in which each stands after what it needs. */
export function partsOf(plan: Plan): PartSpec[] {
  const { checkout, secrets, ports, paths, url } = plan;
  const { settings } = checkout;
  const { ADMIN_DATABASE_URL: adminUrl, ...values } = derivedSettings(plan);
  const ownerUrl = values.OWNER_DATABASE_URL ?? "";
  const environment = (names: readonly SettingName[]) => ({
    ...commonEnvironment(),
    ...Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]))),
  });
  const node = (cwd: string, args: string[], names: readonly SettingName[]): Launch => ({
    command: process.execPath,
    args,
    cwd: join(root, cwd),
    env: environment(names) as Record<string, string>,
  });
  const ready = (port: string) => httpProbe(`http://127.0.0.1:${ports[port]}/readyz`);
  const migrations = join(root, "packages/db/prisma/migrations");
  const seedStamp = join(paths.stamps, "seed.json");
  const warehouseStamp = join(paths.clickhouse, ".warehouse-deployed");

  const front: FrontArguments = {
    port: ports.PORT ?? 0,
    host: settings.HOST,
    opsPort: ports.OPS_PORT ?? 0,
    insightsPort: ports.INSIGHTS_PORT ?? 0,
    publicUrl: url,
    trustedProxy: settings.TRUSTED_PROXY,
    statusFile: paths.status,
  };

  const specs: (PartSpec | undefined)[] = [
    {
      name: "front",
      title: "统一入口 front",
      kind: "service",
      dependsOn: [],
      launch: () => node(".", ["packages/stack/src/front-main.ts", JSON.stringify(front)], []),
      probe: async () => {
        const answer = await fetch(`http://127.0.0.1:${ports.PORT}/healthz`, { signal: AbortSignal.timeout(2_000) });
        return (await answer.text()).includes('"parts"') ? undefined : "端口上的不是本系统 (not our answer)";
      },
      stopTimeoutMs: 3_000,
    },
    settings.DATABASE_URL
      ? { name: "postgres", title: "PostgreSQL", kind: "external", dependsOn: [], probe: postgresProbe(ownerUrl) }
      : {
          name: "postgres",
          title: "PostgreSQL",
          kind: "service",
          dependsOn: [],
          launch: async () => launchOf(await prepared(plan)),
          probe: postgresProbe(adminUrl ?? ""),
          // After a power cut it replays its log first; that is work, not a fault.
          readyTimeoutMs: 600_000,
          stopSignal: "SIGINT",
          stopTimeoutMs: 30_000,
          alone: true,
        },
    {
      name: "roles",
      title: "数据库账号 roles",
      kind: "step",
      dependsOn: ["postgres"],
      run: async () => {
        await checkServer(adminUrl ?? ownerUrl);
        await ensureRoles(adminUrl ?? ownerUrl, {
          owner: adminUrl && secrets.POSTGRES_OWNER_PASSWORD,
          // An address given for a role means that somebody else made it.
          app: checkout.given.APP_DATABASE_URL ? undefined : secrets.POSTGRES_APP_PASSWORD,
          stream: checkout.given.STREAM_DATABASE_URL ? undefined : secrets.POSTGRES_STREAM_PASSWORD,
          report: secrets.POSTGRES_REPORT_PASSWORD,
        });
      },
    },
    {
      name: "migrate",
      title: "数据库结构 migrate",
      kind: "task",
      dependsOn: ["roles"],
      launch: () => node(".", ["packages/db/src/cli.ts", "migrate"], told.migrate),
      timeoutMs: 600_000,
      skip: async () => {
        const drift = await migrationDrift(ownerUrl, migrations);
        return drift.pending.length === 0 && drift.failed.length === 0;
      },
    },
    {
      name: "seed",
      title: "初始数据 seed",
      kind: "task",
      dependsOn: ["migrate"],
      launch: () => node(".", ["packages/seed/src/cli.ts", settings.SEED_SCENARIO], told.seed),
      timeoutMs: 900_000,
      skip: () => existsSync(seedStamp),
      onDone: () => writeWhole(seedStamp, JSON.stringify({ scenario: settings.SEED_SCENARIO, at: new Date() })),
    },
    {
      name: "ops",
      title: "业务端 ops",
      kind: "service",
      dependsOn: ["seed"],
      launch: () => {
        const next = join(root, "apps/ops/node_modules/next/dist/bin/next");
        // With Next's own five seconds, front and app would often close and reuse a connection at the same moment.
        const args = ["start", "-p", String(ports.OPS_PORT), "-H", "127.0.0.1", "--keepAliveTimeout", "75000"];
        return node("apps/ops", [next, ...args], told.ops);
      },
      probe: ready("OPS_PORT"),
    },
    {
      name: "insights",
      title: "分析端 insights",
      kind: "service",
      dependsOn: ["seed"],
      launch: () => node("apps/insights", ["server.ts"], told.insights),
      probe: ready("INSIGHTS_PORT"),
    },
    settings.CLICKHOUSE_URL
      ? {
          name: "engine",
          title: "ClickHouse",
          kind: "external",
          dependsOn: [],
          probe: httpProbe(new URL("/ping", settings.CLICKHOUSE_URL).href),
        }
      : {
          name: "engine",
          title: "ClickHouse",
          kind: "service",
          dependsOn: [],
          launch: () => node(".", ["packages/engine/src/main.ts"], told.engine),
          probe: ready("ENGINE_PORT"),
          stopTimeoutMs: 20_000,
        },
    {
      name: "stream",
      title: "变更流 stream",
      kind: "service",
      dependsOn: ["seed", "engine"],
      launch: () => node(".", ["packages/stream/src/main.ts"], told.stream),
      probe: ready("STREAM_PORT"),
      // The first copy of a large database comes before it is ready.
      readyTimeoutMs: 3_600_000,
      stopTimeoutMs: 15_000,
    },
    {
      name: "warehouse",
      title: "数据仓库 dbt",
      kind: "task",
      dependsOn: ["engine", "stream"],
      launch: () => node(".", ["warehouse/deploy.ts"], told.warehouse),
      timeoutMs: 900_000,
      // Inside ClickHouse's own folder: another folder has no models yet. A real server is asked anew each time.
      skip: () => !settings.CLICKHOUSE_URL && readOrEmpty(warehouseStamp) === warehouseDigest(),
      onDone: () => {
        if (settings.CLICKHOUSE_URL) return;
        mkdirSync(paths.clickhouse, { recursive: true });
        writeWhole(warehouseStamp, warehouseDigest());
      },
    },
    settings.CUBE_API_URL
      ? {
          name: "cube",
          title: "Cube",
          kind: "external",
          dependsOn: [],
          probe: httpProbe(new URL("/readyz", settings.CUBE_API_URL).href),
        }
      : {
          name: "cube",
          title: "Cube",
          kind: "service",
          dependsOn: ["warehouse"],
          launch: () => node(".", ["cube/src/main.ts"], told.cube),
          probe: ready("CUBE_PORT"),
        },
  ];
  return specs.filter((spec) => spec !== undefined);
}

function prepared({ secrets, ports, paths }: Plan): Promise<PreparedPostgres> {
  return preparePostgres({
    dataDir: paths.postgres,
    port: ports.POSTGRES_PORT ?? 0,
    user: "postgres",
    password: secrets.POSTGRES_ADMIN_PASSWORD,
  });
}

const launchOf = ({ command, args, env, account }: PreparedPostgres): Launch => ({
  command,
  args,
  env,
  account,
  cwd: "/",
});

/** What the deployed models were made from: models, macros, settings and the locked versions of dbt. */
export function warehouseDigest(folder = join(root, "warehouse")): string {
  const hash = createHash("sha256");
  const made = new Set(["target", "logs", "dbt_packages", "node_modules", "__pycache__", "test"]);
  const walk = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = join(path, entry.name);
      if (entry.isDirectory() && !made.has(entry.name)) walk(full);
      else if (entry.isFile() && !entry.name.startsWith(".")) hash.update(full).update("\0").update(readFileSync(full));
    }
  };
  walk(folder);
  return hash.digest("hex");
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
