import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Serves a process's own pages on loopback. `close` cuts what is open. @throws when the port is in use */
export async function listen(
  listener: RequestListener,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", done);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

export const sendText = (response: ServerResponse, status: number, type: string, text: string) =>
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);

/** Numbers in Prometheus' text format. */
export const sendMetrics = (response: ServerResponse, text: string) =>
  sendText(response, 200, "text/plain; version=0.0.4", text);

export const sendJson = (response: ServerResponse, status: number, body: object) =>
  sendText(response, status, "application/json; charset=utf-8", JSON.stringify(body));
