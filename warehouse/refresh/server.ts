import { listen, openEvents, sendJson, sendMetrics, sendText } from "@xianfeng/service";
import { alarmLines } from "@xianfeng/service/alarms";
import type { RefreshedEvent, Refresher, RefresherStatus } from "./refresher.ts";

/**
 * `/healthz` (the process lives), `/readyz` (503 until the marts are deployed and refreshed, and while a refresh fails), `/metrics`, and
 * `/events`: server-sent, one when the reader comes and one after each round.
 * @param refresher undefined while the models are deployed
 */
export const startHealthServer = (refresher: () => Refresher | undefined, port: number) =>
  listen((request, response) => {
    const running = refresher();
    const present = running?.status;
    const isReady = present?.refreshedAt !== undefined && present.trouble === undefined;
    if (request.method !== "GET") sendText(response, 405, "text/plain", "");
    else if (request.url === "/healthz") sendJson(response, 200, { ok: isReady, ...present });
    else if (request.url === "/readyz") sendJson(response, isReady ? 200 : 503, { ok: isReady, ...present });
    else if (request.url === "/metrics") sendMetrics(response, metrics(present));
    else if (request.url === "/events" && running) {
      const say = openEvents(response);
      const send = (event: RefreshedEvent) => say("refreshed", event);
      const last = running.presentState();
      if (last) send(last);
      request.on("close", running.onRefreshed(send));
    } else if (request.url === "/events") sendText(response, 503, "text/plain", "");
    else sendText(response, 404, "text/plain", "");
  }, port);

/** In Prometheus' text format. */
function metrics(status: RefresherStatus | undefined): string {
  const lines = [
    "# HELP xianfeng_marts_rounds_total Refreshes of all kept tables.",
    "# TYPE xianfeng_marts_rounds_total counter",
    `xianfeng_marts_rounds_total ${status?.rounds ?? 0}`,
    "# HELP xianfeng_marts_trouble 1 while a refresh fails.",
    "# TYPE xianfeng_marts_trouble gauge",
    `xianfeng_marts_trouble ${status && status.trouble === undefined ? 0 : 1}`,
  ];
  const behindSeconds = status?.behindSince ? (Date.now() - status.behindSince.getTime()) / 1000 : 0;
  const tables = Object.entries(status?.tables ?? {});
  if (status?.refreshedAt)
    lines.push(
      "# HELP xianfeng_marts_behind_seconds Since when something has landed that the marts do not show; 0 while they show everything.",
      "# TYPE xianfeng_marts_behind_seconds gauge",
      `xianfeng_marts_behind_seconds ${behindSeconds}`,
      "# HELP xianfeng_marts_as_of_seconds Commit time of the newest transaction that all marts contain, Unix time.",
      "# TYPE xianfeng_marts_as_of_seconds gauge",
      `xianfeng_marts_as_of_seconds ${(status.asOfMs ?? 0) / 1000}`,
      "# HELP xianfeng_marts_refreshed_at_seconds End of the last refresh, Unix time.",
      "# TYPE xianfeng_marts_refreshed_at_seconds gauge",
      `xianfeng_marts_refreshed_at_seconds ${status.refreshedAt.getTime() / 1000}`,
      "# HELP xianfeng_marts_refresh_seconds Time of a table in the last refresh.",
      "# TYPE xianfeng_marts_refresh_seconds gauge",
      ...tables.map(([name, { ms }]) => `xianfeng_marts_refresh_seconds{table="${name}"} ${ms / 1000}`),
      "# HELP xianfeng_marts_parts Parts of a table (tenants or months) that the last refresh computed.",
      "# TYPE xianfeng_marts_parts gauge",
      ...tables.map(([name, { parts }]) => `xianfeng_marts_parts{table="${name}"} ${parts}`),
    );
  const marts = { behindSeconds, ...(status?.trouble === undefined ? {} : { trouble: status.trouble }) };
  return `${lines.join("\n")}\n${alarmLines({ marts }, ["marts_failing", "marts_behind"])}`;
}
