import type { IncomingMessage, ServerResponse } from "node:http";
import { listen, sendJson, sendText } from "@xianfeng/service";
import { answerControl, isControlPath } from "./control.ts";
import { metricsText } from "./metrics.ts";
import type { AppliedEvent, Stream } from "./stream.ts";

/**
 * `/healthz` (the process lives), `/readyz` (each dependency; 503 when something is wrong), `/metrics`, `/events`; and for those who
 * know the key `/letters` and `/operations`.
 */
export const startHealthServer = (stream: Stream, port: number, controlKey?: string) =>
  listen((request, response) => answer(stream, controlKey, request, response), port);

function answer(
  stream: Stream,
  controlKey: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = request.url?.split("?")[0];
  if (isControlPath(path)) void answerControl(stream.operations, controlKey, request, response);
  else if (request.method !== "GET") sendJson(response, 405, { error: "method not allowed" });
  else if (path === "/healthz")
    sendJson(response, stream.status.state === "stopped" ? 503 : 200, stream.status.toJson());
  else if (path === "/readyz") sendJson(response, stream.status.isReady ? 200 : 503, stream.status.toJson());
  else if (path === "/metrics") sendText(response, 200, "text/plain; version=0.0.4", metricsText(stream.status));
  else if (path === "/events") sendEvents(stream, request, response);
  else sendJson(response, 404, { error: "not found" });
}

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
