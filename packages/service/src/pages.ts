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

/** Begins server-sent events. @returns says one; what is given is written as JSON */
export function openEvents(response: ServerResponse): (name: string, data: object) => void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 1000\n\n");
  return (name, data) => {
    // A reader that does not read would fill our memory; it comes back by itself.
    if (response.writableLength > 256 * 1024) response.destroy();
    else response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
}

export const sendText = (response: ServerResponse, status: number, type: string, text: string) =>
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);

/** Numbers in Prometheus' text format. */
export const sendMetrics = (response: ServerResponse, text: string) =>
  sendText(response, 200, "text/plain; version=0.0.4", text);

export const sendJson = (response: ServerResponse, status: number, body: object) =>
  sendText(response, status, "application/json; charset=utf-8", JSON.stringify(body));
