import type { IncomingMessage, ServerResponse } from "node:http";
import { listen, openEvents, sendJson, sendMetrics } from "@xianfeng/service";
import { answerControl, isControlPath } from "./control.ts";
import { metricsText } from "./metrics.ts";
import { Rates } from "./rates.ts";
import type { AppliedEvent, Stream } from "./stream.ts";

/**
 * `/healthz` (the process lives), `/readyz` (each dependency; 503 when something is wrong), `/metrics`, `/events`, `/history` (lag of the
 * last hour); and for those who know the key `/letters` and `/operations`.
 */
export async function startHealthServer(
  stream: Stream,
  port: number,
  controlKey?: string,
): Promise<{ port: number; close(): Promise<void> }> {
  const rates = new Rates(stream.status);
  const server = await listen((request, response) => {
    if (isControlPath(request.url?.split("?")[0])) void answerControl(stream.operations, controlKey, request, response);
    else answer(stream, rates, request, response);
  }, port);
  return {
    port: server.port,
    close: () => {
      rates.close();
      return server.close();
    },
  };
}

function answer(stream: Stream, rates: Rates, request: IncomingMessage, response: ServerResponse): void {
  const { status } = stream;
  const path = request.url?.split("?")[0];
  const present = () => ({ ...status.toJson(), rowsPerSecond: rates.rowsPerSecond() });
  if (request.method !== "GET") sendJson(response, 405, { error: "method not allowed" });
  else if (path === "/healthz") sendJson(response, status.state === "stopped" ? 503 : 200, present());
  else if (path === "/readyz") sendJson(response, status.isReady ? 200 : 503, present());
  else if (path === "/metrics") sendMetrics(response, metricsText(status, rates.rowsPerSecond()));
  else if (path === "/history") sendJson(response, 200, { samples: rates.history() });
  else if (path === "/events") sendEvents(stream, request, response);
  else sendJson(response, 404, { error: "not found" });
}

/** Server-sent events: `applied` when rows have landed, `checked` when only time has passed. The first one is the present state. */
function sendEvents(stream: Stream, request: IncomingMessage, response: ServerResponse): void {
  const say = openEvents(response);
  const send = (event: AppliedEvent) => say(event.tables.length > 0 ? "applied" : "checked", event);
  const present = stream.presentState();
  if (present) send(present);
  request.on("close", stream.onApplied(send));
}
