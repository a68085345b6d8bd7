import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { requireFromCube, supplyNative } from "./native/stand-in.ts";
import { mostRows, type Query, Refused, rewriteQuery } from "./rewrite.ts";
import { createReadableRuns } from "./runs.ts";
import { type CubeClaims, readCubeToken, signCubeToken } from "./token.ts";

export type CubeOptions = {
  port: number;
  clickhouseUrl: string;
  clickhousePassword: string;
  secret: string;
  databaseUrl: string;
  logLevel: string;
};
export type RunningCube = { port: number; native: "binary" | "stand-in"; close(): Promise<void> };

type SecurityContext = { claims?: CubeClaims };
type Request = { securityContext?: SecurityContext };

/** Settings that Cube reads from the environment itself. Production mode is what keeps its authentication on. */
function setEnvironment({ clickhouseUrl, clickhousePassword, secret, logLevel, port }: CubeOptions): void {
  const url = new URL(clickhouseUrl);
  // Nothing that happens to be set around this process may open what is closed here.
  for (const name of Object.keys(process.env)) if (/^CUBE(JS|SQL)_/.test(name)) delete process.env[name];
  Object.assign(process.env, {
    NODE_ENV: "production",
    PORT: String(port),
    CUBEJS_DEV_MODE: "false",
    CUBEJS_API_SECRET: secret,
    CUBEJS_CACHE_AND_QUEUE_DRIVER: "memory",
    CUBEJS_TRANSPILATION_NATIVE: "false",
    CUBEJS_TESSERACT_SQL_PLANNER: "false",
    CUBEJS_TELEMETRY: "false",
    CUBEJS_WEB_SOCKETS: "false",
    CUBEJS_SCHEDULED_REFRESH_DEFAULT: "false",
    CUBEJS_DB_TYPE: "clickhouse",
    CUBEJS_DB_HOST: url.hostname,
    CUBEJS_DB_PORT: url.port || (url.protocol === "https:" ? "443" : "80"),
    CUBEJS_DB_SSL: String(url.protocol === "https:"),
    CUBEJS_DB_CLICKHOUSE_READONLY: "true",
    CUBEJS_DB_NAME: "marts",
    CUBEJS_DB_USER: "cube",
    CUBEJS_DB_PASS: clickhousePassword,
    CUBEJS_DB_QUERY_LIMIT: String(mostRows + 1),
    CUBEJS_DB_QUERY_DEFAULT_LIMIT: String(mostRows + 1),
    CUBEJS_LOG_LEVEL: logLevel === "debug" ? "info" : "warn",
  });
}

/**
 * Cube as a library behind its REST interface on loopback. Only `/load` answers, only with a token of this platform.
 * `createContext` of the models is the same for all: rows are kept apart by the rewrite, never by compiled schemas.
 */
export async function startCube(options: CubeOptions): Promise<RunningCube> {
  setEnvironment(options);
  const native = supplyNative();
  const runs = createReadableRuns(options.databaseUrl);
  const { CubejsServerCore } = requireFromCube("@cubejs-backend/server-core") as {
    CubejsServerCore: new (options: object) => ServerCore;
  };
  const express = requireFromCube("express") as () => Express;
  const { CubejsHandlerError } = createRequire(requireFromCube.resolve("@cubejs-backend/server-core"))(
    "@cubejs-backend/api-gateway",
  ) as {
    CubejsHandlerError: new (status: number, type: string, message: string) => Error;
  };
  const refuse = (message: string) => new CubejsHandlerError(403, "Forbidden", message);
  // Paths of models are taken from the working directory.
  process.chdir(join(import.meta.dirname, ".."));
  const core = new CubejsServerCore({
    schemaPath: "model",
    apiSecret: options.secret,
    telemetry: false,
    devServer: false,
    scheduledRefreshTimer: false,
    driverFactory: () => makeDriver(),
    contextToApiScopes: async () => ["data"],
    checkAuth: async (request: Request, token: string) => {
      try {
        request.securityContext = { claims: await readCubeToken(token, options.secret) };
      } catch {
        throw refuse("no valid token");
      }
    },
    queryRewrite: (query: Query, { securityContext }: { securityContext?: SecurityContext }) =>
      rewriteQuery(query, securityContext?.claims, runs.readable).catch((error: unknown) => {
        throw error instanceof Refused ? refuse(error.message) : error;
      }),
    logger: (message: string, params: { error?: unknown; warning?: unknown }) => {
      // Queries hold ids of people; only what went wrong is logged, without them.
      if (params.error && options.logLevel !== "error")
        process.stderr.write(`${JSON.stringify({ level: "warn", message })}\n`);
    },
  });
  const app = express();
  const warm = { done: false };
  addHealth(app, options, async () => {
    await runs.ping();
    if (!warm.done) throw new Error("models are being compiled");
  });
  await core.initApp(app);
  const server = await listen(app, options.port);
  void compileModels(portOf(server), options.secret).finally(() => {
    warm.done = true;
  });
  return {
    port: portOf(server),
    native,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await core.shutdown("SIGTERM", true).catch(() => undefined);
      await runs.close();
    },
  };
}

type Driver = { query(...args: unknown[]): Promise<unknown[]> };

/** Cube's own driver, which refuses an answer that would have to be cut. */
function makeDriver(): Driver {
  const { ClickHouseDriver } = createRequire(import.meta.url)("@cubejs-backend/clickhouse-driver") as {
    ClickHouseDriver: new (config: object) => Driver;
  };
  const driver = new ClickHouseDriver({});
  const query = driver.query.bind(driver);
  driver.query = async (...args) => {
    const rows = await query(...args);
    if (rows.length > mostRows) throw new Error(`more than ${mostRows} rows: ask for less`);
    return rows;
  };
  return driver;
}

/** Models are compiled by the first query, which takes seconds: let it be nobody's. It reads no tenant. */
async function compileModels(port: number, secret: string): Promise<void> {
  const token = await signCubeToken(
    {
      tenantId: 2_147_483_647,
      treeVersion: "0",
      permissions: ["cockpit.read"],
      roots: [{ level: 0, orgId: 1, below: true }],
      scope: ["data"],
    },
    secret,
    new Date(),
  );
  const body = JSON.stringify({ query: { measures: ["wall_overview.count"], limit: 1 } });
  const headers = { authorization: token, "content-type": "application/json" };
  await fetch(`http://127.0.0.1:${port}/cubejs-api/v1/load`, {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.timeout(60_000),
  }).then(
    (answer) => answer.text(),
    () => "",
  );
}

type ServerCore = {
  initApp(app: Express): Promise<void>;
  shutdown(signal: string, graceful?: boolean): Promise<unknown>;
};
type Response = { status(code: number): Response; json(body: unknown): void };
type Express = {
  (...args: unknown[]): void;
  get(path: string, handler: (request: unknown, response: Response) => void): void;
  use(path: string, handler: (request: { path: string }, response: Response, next: () => void) => void): void;
};

function addHealth(app: Express, options: CubeOptions, pingPostgres: () => Promise<void>): void {
  // Cube's own /readyz and /livez look at its queues; ours at what it stands on.
  app.get("/healthz", (_request, response) => response.status(200).json({ service: "cube", state: "up" }));
  app.get("/readyz", async (_request, response) => {
    const [clickhouse, postgres] = await Promise.all([state(pingClickHouse(options)), state(pingPostgres())]);
    const ready = clickhouse === "up" && postgres === "up";
    response
      .status(ready ? 200 : 503)
      .json({ service: "cube", state: ready ? "ready" : "waiting", dependencies: { clickhouse, postgres } });
  });
  // Nothing but the data route: no meta, no SQL, no GraphQL, no jobs, whatever scopes a token claims.
  app.use("/", (request, response, next) =>
    /^\/cubejs-api\/v1\/load\/?$/.test(request.path) ? next() : response.status(403).json({ error: "forbidden" }),
  );
}

const state = (work: Promise<void>) =>
  work.then(
    () => "up" as const,
    () => "down" as const,
  );

async function pingClickHouse({ clickhouseUrl, clickhousePassword }: CubeOptions): Promise<void> {
  const answer = await fetch(new URL("/?query=SELECT%201", clickhouseUrl), {
    headers: { "X-ClickHouse-User": "cube", "X-ClickHouse-Key": clickhousePassword },
    signal: AbortSignal.timeout(3_000),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`ClickHouse answers ${answer.status}`);
}

const listen = (app: Express, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(app as never);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
