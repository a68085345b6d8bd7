import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Sender } from "./sender.ts";

/** `/healthz` (the process lives) and `/readyz` (503 with the reason while mails cannot go out although they should). */
export async function startHealthServer(
  sender: Sender,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    const good = path === "/healthz" || (path === "/readyz" && sender.problem === null);
    const status = path === "/healthz" || path === "/readyz" ? (good ? 200 : 503) : 404;
    const body = status === 404 ? { error: "not found" } : { configured: sender.isConfigured, problem: sender.problem };
    response
      .writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
