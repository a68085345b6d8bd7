import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";

/** Longest body of a form, bytes. */
const longestBody = 64_000;

// By these React Router talks to itself; from outside they have been used to spoof data.
const internal = /^(x-react-router-|x-remix-|x-forwarded-|x-middleware-)/;

export class BodyTooLong extends Error {
  override name = "BodyTooLong";
}

export function readHeaders(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || internal.test(name) || name.startsWith(":")) continue;
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}

/** The web request that a page works with. Its origin is the one address that people type, whatever the Host header says. */
export async function toRequest(
  incoming: IncomingMessage,
  url: URL,
  headers: Headers,
  signal: AbortSignal,
): Promise<Request> {
  const method = incoming.method ?? "GET";
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal });
  return new Request(url, { method, headers, signal, body: await readBody(incoming) });
}

async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > longestBody) throw new BodyTooLong();
    chunks.push(chunk);
  }
  return Buffer.from(Buffer.concat(chunks));
}

/** Writes a web response out, streaming, and stops reading it when the reader has gone. */
export async function send(response: Response, outgoing: ServerResponse, head: boolean): Promise<void> {
  const headers: [string, string][] = [];
  for (const [name, value] of response.headers) if (name !== "set-cookie") headers.push([name, value]);
  for (const cookie of response.headers.getSetCookie()) headers.push(["set-cookie", cookie]);
  outgoing.writeHead(response.status, headers.flat());
  if (head || !response.body) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  const body = Readable.fromWeb(response.body as import("node:stream/web").ReadableStream);
  body.on("error", () => outgoing.destroy());
  outgoing.on("close", () => body.destroy());
  body.pipe(outgoing);
  await finished(outgoing).catch(() => undefined);
}
