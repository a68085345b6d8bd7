import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SettingName } from "@xianfeng/env";
import { migrationDrift } from "./drift.ts";
import { derivedSettings, environmentFor, type Plan, told } from "./environment.ts";
import type { FrontArguments } from "./front-main.ts";
import { type PreparedPostgres, preparePostgres } from "./postgres.ts";
import { httpProbe, postgresProbe } from "./probes.ts";
import { checkServer, ensureRoles } from "./roles.ts";
import { root } from "./settings.ts";
import { writeWhole } from "./state.ts";
import type { Launch, PartSpec } from "./supervisor.ts";

export { derivedSettings, type Plan } from "./environment.ts";

/** All parts, in an order in which each stands after what it needs. */
export function partsOf(plan: Plan): PartSpec[] {
  const { checkout, secrets, ports, paths, url } = plan;
  const { settings } = checkout;
  const { ADMIN_DATABASE_URL: adminUrl, ...values } = derivedSettings(plan);
  const ownerUrl = values.OWNER_DATABASE_URL ?? "";
  const node = (cwd: string, args: string[], names: readonly SettingName[]): Launch => ({
    command: process.execPath,
    args,
    cwd: join(root, cwd),
    env: environmentFor(values, names),
  });
  const ready = (port: string) => httpProbe(`http://127.0.0.1:${ports[port]}/readyz`);
  const migrations = join(root, "packages/db/prisma/migrations");
  const seedStamp = join(paths.stamps, "seed.json");

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
        const host = ["0.0.0.0", "::"].includes(settings.HOST) ? "127.0.0.1" : settings.HOST;
        const answer = await fetch(`http://${host}:${ports.PORT}/healthz`, { signal: AbortSignal.timeout(2_000) });
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
      launch: () => node(".", ["packages/seed/src/cli.ts", settings.SEED_SCENARIO, "--if-empty"], told.seed),
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
      name: "mail",
      title: "邮件 mail",
      kind: "service",
      dependsOn: ["seed"],
      launch: () => node(".", ["packages/mail/src/main.ts"], told.mail),
      probe: ready("MAIL_PORT"),
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
          launch: () => {
            const launch = node(".", ["packages/engine/src/main.ts"], told.engine);
            // Every running query holds a thread; given here, the engine need not start itself a second time.
            return { ...launch, env: { ...launch.env, UV_THREADPOOL_SIZE: "128" } };
          },
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
      kind: "service",
      dependsOn: ["engine", "stream"],
      // It deploys first, which ends at once when what ClickHouse says is deployed has not changed.
      launch: () => node(".", ["warehouse/main.ts"], told.warehouse),
      probe: ready("WAREHOUSE_PORT"),
      // The first build over a large history comes before it is ready.
      readyTimeoutMs: 3_600_000,
      stopTimeoutMs: 15_000,
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
