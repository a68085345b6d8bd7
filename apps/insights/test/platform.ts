import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { signIn } from "@xianfeng/auth";
import { createDb, type Db } from "@xianfeng/db";
import { migrate } from "@xianfeng/db/migrate";
import { seedDemo } from "@xianfeng/seed";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import type { RunRows } from "@xianfeng/trpc";
import type { ServerBuild } from "react-router";
import { createListener } from "../server/http/listener.ts";
import { createServices, type Services } from "../server/services.ts";
import { readInsightsSettings } from "../server/settings.ts";
import { buildFolder } from "./build.ts";

export type Platform = {
  url: string;
  owner: Db;
  services: Services;
  cookies: Record<string, string>;
  /** What the warehouse would answer to the seal; null = nothing yet. */
  sealed: { rows: RunRows | null; away: boolean };
  get(path: string, user?: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, form: Record<string, string>, user?: string, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
};

/** Nobody listens here: the analytics side is away. */
const nowhere = "http://127.0.0.1:9";

/** The app as it runs, on a PostgreSQL of its own with the demo college; the analytics side is away unless a test brings one. */
export async function startPlatform(given: { streamUrl?: string } = {}): Promise<Platform> {
  const database: TestDatabase = await createTestDatabase();
  await migrate(database.owner);
  const seeded = await seedDemo(database.owner, {
    keys: { dataKey: "test-data-key-00000000000000", blindIndexKey: "test-blind-key-0000000000000" },
    now: new Date(),
  });
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = createServices(
    readInsightsSettings({
      APP_DATABASE_URL: database.app,
      APP_URL: url,
      AUTH_SECRET: "c2VjcmV0LW9mLXRoZS10ZXN0cy1vbmx5",
      CUBE_URL: `${nowhere}/cubejs-api/v1`,
      CUBE_API_SECRET: "cube-secret-of-the-tests-only",
      CLICKHOUSE_HTTP_URL: nowhere,
      CLICKHOUSE_SEAL_PASSWORD: "seal-password-of-the-tests-only",
      STREAM_HEALTH_URL: given.streamUrl ?? nowhere,
      WAREHOUSE_HEALTH_URL: nowhere,
      LOG_LEVEL: process.env.TEST_LOG ?? "error",
    }),
  );
  const sealed: Platform["sealed"] = { rows: null, away: false };
  const readRun = services.seal.readRun.bind(services.seal);
  services.seal.readRun = async (runId) => (sealed.away ? readRun(runId) : sealed.rows);
  const build = (await import(pathToFileURL(join(buildFolder, "server/index.js")).href)) as ServerBuild;
  const { listener, close } = createListener({ services, build, clientFolder: join(buildFolder, "client") });
  server.on("request", listener);

  const cookies: Record<string, string> = {};
  for (const { username } of seeded.accounts) {
    const input = { username, password: seeded.password };
    const answer = await signIn(services, input, { headers: new Headers(), now: new Date() });
    if (!answer.ok) throw new Error(`${username} cannot sign in`);
    cookies[username] = answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; ");
  }
  const sessionOf = (user?: string): Record<string, string> => (user ? { cookie: cookies[user] ?? "" } : {});
  const owner = createDb(database.owner);
  return {
    url,
    owner,
    services,
    cookies,
    sealed,
    get: (path, user, headers) =>
      fetch(url + path, { redirect: "manual", headers: { ...sessionOf(user), ...headers } }),
    post: (path, form, user, headers) =>
      fetch(url + path, {
        method: "POST",
        redirect: "manual",
        headers: { origin: url, ...sessionOf(user), ...headers },
        body: new URLSearchParams(form),
      }),
    async close() {
      close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await owner.$disconnect();
      await services.close();
      await database.drop();
    },
  };
}
