import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { RefresherStatus } from "./refresher.ts";

/** `/healthz` (the process lives), `/readyz` (503 until the marts are deployed and refreshed, and while a refresh fails), `/metrics`. */
export async function startHealthServer(
  status: () => RefresherStatus | undefined,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const present = status();
    const isReady = present?.refreshedAt !== undefined && present.trouble === undefined;
    const send = (code: number, type: string, body: string) =>
      response.writeHead(code, { "content-type": type, "cache-control": "no-store" }).end(body);
    const json = (code: number) =>
      send(code, "application/json; charset=utf-8", JSON.stringify({ ok: isReady, ...present }));
    if (request.method !== "GET") send(405, "text/plain", "");
    else if (request.url === "/healthz") json(200);
    else if (request.url === "/readyz") json(isReady ? 200 : 503);
    else if (request.url === "/metrics") send(200, "text/plain; version=0.0.4", metrics(present));
    else send(404, "text/plain", "");
  });
  await new Promise<void>((done, failed) => server.once("error", failed).listen(port, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

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
  const tables = Object.entries(status?.tables ?? {});
  if (status?.refreshedAt)
    lines.push(
      "# HELP xianfeng_marts_refreshed_at_seconds End of the last refresh, Unix time.",
      "# TYPE xianfeng_marts_refreshed_at_seconds gauge",
      `xianfeng_marts_refreshed_at_seconds ${status.refreshedAt.getTime() / 1000}`,
      "# HELP xianfeng_marts_refresh_seconds Time of a table in the last refresh.",
      "# TYPE xianfeng_marts_refresh_seconds gauge",
      ...tables.map(([name, { ms }]) => `xianfeng_marts_refresh_seconds{table="${name}"} ${ms / 1000}`),
      "# HELP xianfeng_marts_months Months of a table that the last refresh computed.",
      "# TYPE xianfeng_marts_months gauge",
      ...tables.flatMap(([name, { months }]) =>
        months === undefined ? [] : [`xianfeng_marts_months{table="${name}"} ${months}`],
      ),
    );
  return `${lines.join("\n")}\n`;
}
