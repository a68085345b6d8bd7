import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { migrate } from "@xianfeng/db/migrate";
import { freePort } from "@xianfeng/stack/ports";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import { passwords, startWarehouse, type TestWarehouse } from "@xianfeng/warehouse/testing";
import pg from "pg";
import { type CubeClaims, signCubeToken } from "../src/token.ts";
import { secret } from "./random.ts";

export type Answer = { status: number; rows: Record<string, unknown>[]; error: string };

/** Cube as the stack starts it, over a real engine with deployed marts and a real PostgreSQL. */
export type World = {
  warehouse: TestWarehouse;
  database: TestDatabase;
  owner: pg.Client;
  url: string;
  /** One query; waits while Cube says "Continue wait". */
  load(token: string | undefined, query: object, path?: string): Promise<Answer>;
  /** Kills Cube, stays without it until `meanwhile` is done, and starts it again at its address. */
  killed(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
};

export async function startWorld(): Promise<World> {
  const [warehouse, database] = await Promise.all([startWarehouse(), createTestDatabase()]);
  await migrate(database.owner);
  const owner = new pg.Client({ connectionString: database.admin });
  await owner.connect();
  const port = await freePort();
  const startCube = () =>
    startProcess({
      CUBE_PORT: String(port),
      CLICKHOUSE_HTTP_URL: warehouse.url,
      APP_DATABASE_URL: database.app,
    });
  let cube = startCube();
  const base = `http://127.0.0.1:${port}`;
  await untilReady(base, cube);
  const load = async (token: string | undefined, query: object, path = "/cubejs-api/v1/load"): Promise<Answer> => {
    for (;;) {
      const response = await fetch(`${base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(token === undefined ? {} : { authorization: token }) },
        body: JSON.stringify({ query }),
      });
      const text = await response.text();
      const body = (text.startsWith("{") ? JSON.parse(text) : {}) as { data?: Answer["rows"]; error?: string };
      if (body.error === "Continue wait") continue;
      return { status: response.status, rows: body.data ?? [], error: body.error ?? "" };
    }
  };
  return {
    warehouse,
    database,
    owner,
    url: base,
    load,
    killed: async (meanwhile) => {
      await ended(cube.child, "SIGKILL");
      await meanwhile();
      cube = startCube();
      await untilReady(base, cube);
    },
    stop: async () => {
      await ended(cube.child, "SIGTERM");
      await owner.end();
      await Promise.all([warehouse.stop(), database.drop()]);
    },
  };
}

type Process = { child: ChildProcess; said: () => string };

function startProcess(settings: Record<string, string>): Process {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../src/main.ts")], {
    env: {
      ...process.env,
      // What a stray environment could open: it must not.
      NODE_ENV: "development",
      CUBEJS_DEV_MODE: "true",
      CUBEJS_DEFAULT_API_SCOPES: "graphql,meta,data,sql,jobs",
      CLICKHOUSE_CUBE_PASSWORD: passwords.cube,
      CUBE_API_SECRET: secret,
      LOG_LEVEL: "info",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (part: Buffer) => {
      text = (text + part.toString()).slice(-8_000);
    });
  return { child, said: () => text };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const end = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await end;
}

async function untilReady(base: string, { child, said }: Process): Promise<void> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Cube ended: ${said()}`);
    const answer = await fetch(`${base}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > deadline) throw new Error(`Cube is not ready: ${await answer?.text()} ${said()}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** A token as insights mints it: one permission, its roots. */
export const token = (claims: Partial<CubeClaims> & { tenantId: number }, now = new Date()): Promise<string> =>
  signCubeToken(
    { treeVersion: "1", permissions: ["meeting.read"], roots: [], scope: ["data"], ...claims },
    secret,
    now,
  );
