import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { longestBody, type Refusal, refusalOf, tooLong } from "./front-refusal.ts";
import type { StackStatus } from "./state.ts";
import { waitingPage } from "./waiting-page.ts";

export type FrontOptions = {
  opsPort: number;
  insightsPort: number;
  /** What people type; decides the protocol that the apps are told. */
  publicUrl: string;
  /** Address of a reverse proxy in front of us whose `X-Forwarded-For` may be believed. */
  trustedProxy?: string;
  /** Largest body that goes through, bytes. */
  longestBody?: number;
  /** The state of the whole, read freshly for each question. */
  status: () => StackStatus | undefined;
};

// Headers by which Next and React Router talk to themselves. From outside they have switched off checks before
// (CVE-2025-29927, CVE-2025-43864, CVE-2025-43865), and forwarding headers are ours to set.
const internal =
  /^(x-middleware-|x-nextjs-|x-next-|x-invoke-|x-vercel-|x-now-|x-matched-path$|x-prerender-|x-react-router-|x-remix-|x-forwarded-|x-real-ip$|forwarded$)/;

// Belong to one connection, not to the message (RFC 9110, 7.6.1).
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const baseline: Record<string, string> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "content-security-policy": "frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

const insightsPath = /^\/insights(?=$|[/?.])/;
const cubePath = /^\/(api\/cube|cubejs-api)(?=$|[/?])/;
/** Numbers for the monitoring of the house: asked on the loopback ports, never through here, however it is written. */
const metricsPath = /^\/(insights\/)?metrics(?=$|[/?.])/;

/** One address in front of both apps. It streams both ways, and answers itself while an app is not up. */
export function createFront(options: FrontOptions): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64 });
  const server = createServer((incoming, answer) => {
    const path = incoming.url ?? "/";
    if (path === "/healthz" || path === "/readyz") return tellHealth(path, options.status(), answer);
    const refusal = refusalOf(incoming, options.longestBody ?? longestBody);
    if (refusal) return refuse(incoming, answer, refusal);
    if (cubePath.test(path) || metricsPath.test(decodeURIComponent(path)))
      return refuse(incoming, answer, { code: 404, message: "没有找到" });
    const port = insightsPath.test(path) ? options.insightsPort : options.opsPort;
    forward(incoming, answer, { agent, port, options, mayRepeat: true });
  });
  server.on("upgrade", (_incoming, socket) => socket.end("HTTP/1.1 501 Not Implemented\r\nConnection: close\r\n\r\n"));
  server.on("close", () => agent.destroy());
  server.keepAliveTimeout = 65_000;
  // A photo over a slow phone network takes its time; slow headers are an attack.
  server.headersTimeout = 20_000;
  server.requestTimeout = 600_000;
  return server;
}

type Way = { agent: Agent; port: number; options: FrontOptions; mayRepeat: boolean };

function forward(incoming: IncomingMessage, answer: ServerResponse, way: Way): void {
  const { agent, port, options, mayRepeat } = way;
  const outgoing = request({
    agent,
    host: "127.0.0.1",
    port,
    method: incoming.method,
    path: incoming.url,
    headers: forwardedHeaders(incoming, options),
  });
  const hasBody =
    incoming.headers["content-length"] !== undefined || incoming.headers["transfer-encoding"] !== undefined;

  let refused = false;
  outgoing.on("response", (response) => {
    answer.writeHead(response.statusCode ?? 502, response.statusMessage, answerHeaders(response, options));
    // An event stream must show its beginning before its first event.
    answer.flushHeaders();
    response.pipe(answer);
    response.on("error", () => answer.destroy());
    response.on("aborted", () => answer.destroy());
  });
  outgoing.on("error", (error: NodeJS.ErrnoException) => {
    if (refused) return;
    if (answer.headersSent || answer.destroyed) return void answer.destroy();
    // The app closed an idle connection in the moment we took it; nothing of this request was seen.
    if (mayRepeat && outgoing.reusedSocket && error.code === "ECONNRESET" && !hasBody && isSafe(incoming.method))
      return forward(incoming, answer, { ...way, mayRepeat: false });
    notUp(incoming, answer, options.status());
  });
  answer.on("close", () => {
    if (!answer.writableFinished) outgoing.destroy();
  });
  if (hasBody) {
    // A length that lies, or none at all: what really comes is counted.
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (refused || size <= (options.longestBody ?? longestBody)) return;
      refused = true;
      incoming.unpipe(outgoing);
      outgoing.destroy();
      if (answer.headersSent) answer.destroy();
      else refuse(incoming, answer, tooLong);
    });
    incoming.pipe(outgoing);
  } else outgoing.end();
}

const isSafe = (method = "GET") => method === "GET" || method === "HEAD";

function forwardedHeaders(incoming: IncomingMessage, { publicUrl, trustedProxy }: FrontOptions) {
  const headers: Record<string, string | string[]> = {};
  const named = new Set((incoming.headers.connection ?? "").toLowerCase().split(/\s*,\s*/));
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined || internal.test(name) || hopByHop.has(name) || named.has(name)) continue;
    headers[name] = value;
  }
  const peer = (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  headers["x-forwarded-for"] = (trustedProxy === peer && lastHop(incoming)) || peer;
  headers["x-forwarded-proto"] = new URL(publicUrl).protocol.replace(":", "");
  headers["x-forwarded-host"] = incoming.headers.host ?? new URL(publicUrl).host;
  return headers;
}

/** The address that the trusted proxy itself saw: whatever stands before it came from the client. */
function lastHop(incoming: IncomingMessage): string | undefined {
  const list = [incoming.headers["x-forwarded-for"]].flat().join(",");
  return list.split(",").at(-1)?.trim() || undefined;
}

function answerHeaders(response: IncomingMessage, { publicUrl }: FrontOptions) {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value === undefined || hopByHop.has(name) || name === "x-powered-by") continue;
    headers[name] = value;
  }
  for (const [name, value] of Object.entries(baseline)) headers[name] ??= value;
  if (publicUrl.startsWith("https:")) headers["strict-transport-security"] ??= "max-age=31536000";
  return headers;
}

/** The front's own answers hold no script and no picture. */
const nothingRuns = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

/** A refused body is still taken in and thrown away until nothing of it has come for so long, or so much has. */
const linger = { ms: 2_000, bytes: 32_000_000 };

/**
 * Answers at once, and ends the connection when the body that came with it has been thrown away. Closed while somebody still sends,
 * the connection would be reset, and their browser would tell of a broken network instead of showing the message.
 */
function refuse(incoming: IncomingMessage, answer: ServerResponse, { code, message, allow }: Refusal): void {
  const body = Buffer.from(JSON.stringify({ message }));
  answer.writeHead(code, {
    ...baseline,
    ...nothingRuns,
    "content-type": "application/json; charset=utf-8",
    "content-length": body.length,
    "cache-control": "no-store",
    connection: "close",
    ...(allow ? { allow } : {}),
  });
  answer.write(body);
  const silence = setTimeout(() => answer.end(), linger.ms);
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    silence.refresh();
    size += chunk.length;
    if (size > linger.bytes) answer.end();
  });
  incoming.on("end", () => answer.end());
  answer.on("close", () => clearTimeout(silence));
}

/** The page while an app starts or restarts; machines get the same as JSON. */
function notUp(incoming: IncomingMessage, answer: ServerResponse, status: StackStatus | undefined): void {
  const common = { ...baseline, ...nothingRuns, "cache-control": "no-store", "retry-after": "5" };
  const wantsPage = isSafe(incoming.method) && (incoming.headers.accept ?? "").includes("text/html");
  if (wantsPage) {
    answer.writeHead(503, { ...common, "content-type": "text/html; charset=utf-8" });
    answer.end(incoming.method === "HEAD" ? undefined : waitingPage(status));
  } else {
    answer.writeHead(503, { ...common, "content-type": "application/json; charset=utf-8" });
    answer.end(JSON.stringify({ error: "服务正在启动，请稍后再试", state: status?.state ?? "stopped" }));
  }
}

const serving = new Set(["ready", "done"]);

/**
 * `/healthz`: people can work (PostgreSQL and the operational app answer); what a load balancer asks.
 * `/readyz`: every part is ready, the analytics side included. Both name each part with its state, nothing secret.
 */
function tellHealth(path: string, status: StackStatus | undefined, answer: ServerResponse): void {
  const parts = Object.fromEntries((status?.parts ?? []).map((part) => [part.name, part.state]));
  const works = ["postgres", "ops"].every((name) => serving.has(parts[name] ?? ""));
  const complete = status?.state === "ready";
  const good = path === "/healthz" ? works : complete;
  answer.writeHead(good ? 200 : 503, { ...baseline, "content-type": "application/json", "cache-control": "no-store" });
  answer.end(JSON.stringify({ status: good ? "ok" : "not ready", state: status?.state ?? "stopped", parts }));
}
