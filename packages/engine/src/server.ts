import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Engine } from "./engine.ts";
import { Files } from "./files.ts";
import { FunctionRules } from "./functions.ts";
import { Guard } from "./guard.ts";
import type { EngineOptions } from "./options.ts";
import { QueryLog } from "./query-log.ts";
import { Users } from "./request.ts";
import { Runner } from "./run.ts";
import { cancelled } from "./running.ts";
import { Sessions } from "./sessions.ts";

export type Serving = {
  port: number;
  /**
   * Takes no new queries, waits a moment for running ones, cancels the rest, flushes and lets the data folder go.
   * False when a query did not stop: the process can then only be killed (the data survives that).
   */
  close(): Promise<boolean>;
};

const graceMs = 2_000;
const killWaitMs = 5_000;

/** Ends this process after `close`. A query that does not stop would hold up an ordinary exit for ever. */
export async function stopProcess(serving: Serving | undefined): Promise<void> {
  if ((await serving?.close()) === false) process.kill(process.pid, "SIGKILL");
  process.exit(0);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function readiness(engine: Engine, runner: Runner) {
  const started = performance.now();
  const rows = await engine.ask("SELECT 1 AS one, version() AS version, uptime() AS uptime");
  return {
    ready: rows[0]?.one === 1,
    engine: { version: rows[0]?.version, uptimeSeconds: rows[0]?.uptime, answeredInMs: performance.now() - started },
    queries: {
      total: runner.counters.total,
      failed: runner.counters.failed,
      inFlight: runner.running.size,
      waiting: runner.waiting,
      byUser: runner.counters.byUser,
    },
    memory: { residentBytes: process.memoryUsage.rss() },
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(text);
}

/** Opens the engine in this process and serves it. One per process: the engine is bound to one data folder. */
export async function serveEngine(options: EngineOptions): Promise<Serving> {
  const engine = await Engine.open(options);
  const files = new Files(options.dataPath, options.concurrent + 1);
  const sessions = new Sessions(engine);
  const functions = await engine.ask("SELECT name FROM system.table_functions");
  const log = await QueryLog.open(engine, files);
  const rules = new FunctionRules(functions.map((row) => String(row.name)));
  const users = new Users(options.users);
  const runner = new Runner(
    { engine, files, sessions, functions: rules, guard: new Guard(rules), users, log },
    options,
  );
  let closing = false;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://engine");
    const hasQuery = url.searchParams.has("query");
    if (url.pathname === "/ping" || (url.pathname === "/" && request.method !== "POST" && !hasQuery)) {
      response.writeHead(200, { "Content-Type": "text/html; charset=UTF-8" }).end("Ok.\n");
    } else if (url.pathname === "/replicas_status") {
      response.writeHead(200, { "Content-Type": "text/plain; charset=UTF-8" }).end("Ok.\n");
    } else if (url.pathname === "/healthz") sendJson(response, 200, { alive: true });
    else if (url.pathname === "/readyz") {
      const state = closing
        ? { ready: false, reason: "stopping" }
        : await readiness(engine, runner).catch((error: Error) => ({ ready: false, reason: error.message }));
      sendJson(response, state.ready ? 200 : 503, state);
    } else if (closing) {
      response.writeHead(503, { Connection: "close", "X-ClickHouse-Exception-Code": "236" });
      response.end("Code: 236. DB::Exception: Server is shutting down. (ABORTED)\n");
    } else if (url.pathname !== "/" && url.pathname !== "/query") {
      response.writeHead(404, { "Content-Type": "text/plain; charset=UTF-8" });
      response.end(`There is no handle ${url.pathname}\n\nUse / or /ping for health checks.\n`);
    } else if (request.method === "OPTIONS") response.writeHead(204).end();
    else await runner.serve(request, response, url);
  }

  const server: Server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0, maxHeaderSize: 1024 * 1024 });
  server.on("request", (request, response) => {
    // A connection that breaks is seen by the request's own reader; without a listener it would end the process.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    handle(request, response).catch((error: Error) => {
      process.stderr.write(`engine: ${error.stack ?? error.message}\n`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => resolve());
  });

  async function close(): Promise<boolean> {
    if (closing) return true;
    closing = true;
    server.close();
    const until = performance.now() + graceMs;
    while (runner.running.size > 0 && performance.now() < until) await pause(20);
    for (const query of runner.running) query.cancel(cancelled());
    const last = performance.now() + killWaitMs;
    while ((runner.running.size > 0 || engine.running > 0) && performance.now() < last) await pause(20);
    server.closeAllConnections();
    const idle = engine.running === 0;
    if (idle) {
      sessions.close();
      await log.close();
      await engine.close();
    }
    files.close();
    return idle;
  }

  return { port: (server.address() as AddressInfo).port, close };
}
