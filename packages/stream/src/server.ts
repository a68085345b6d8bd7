import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { metricsText } from "./metrics.ts";
import type { AppliedEvent, Stream } from "./stream.ts";

/** `/healthz` (the process lives), `/readyz` (each dependency; 503 when something is wrong), `/metrics`, `/events`. */
export async function startHealthServer(
  stream: Stream,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => answer(stream, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function answer(stream: Stream, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split("?")[0];
  if (request.method !== "GET") respond(response, 405, { error: "method not allowed" });
  else if (path === "/healthz")
    respond(response, stream.status.state === "stopped" ? 503 : 200, stream.status.toJson());
  else if (path === "/readyz") respond(response, stream.status.isReady ? 200 : 503, stream.status.toJson());
  else if (path === "/metrics") {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metricsText(stream.status));
  } else if (path === "/events") sendEvents(stream, request, response);
  else respond(response, 404, { error: "not found" });
}

const respond = (response: ServerResponse, status: number, body: object) =>
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" })
    .end(JSON.stringify(body));

/** Server-sent events: `applied` when rows have landed, `checked` when only time has passed. The first one is the present state. */
function sendEvents(stream: Stream, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (event: AppliedEvent) => {
    // A reader that does not read would fill our memory; it comes back by itself.
    if (response.writableLength > 256 * 1024) response.destroy();
    else
      response.write(`event: ${event.tables.length > 0 ? "applied" : "checked"}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const present = stream.presentState();
  response.write("retry: 1000\n\n");
  if (present) send(present);
  request.on("close", stream.onApplied(send));
}
