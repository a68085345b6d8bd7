import { PassThrough } from "node:stream";
import { createReadableStreamFromReadable } from "@react-router/node";
import { nonceContext } from "@xianfeng/insights/context";
import { renderToPipeableStream } from "react-dom/server";
import { type EntryContext, type RouterContextProvider, ServerRouter } from "react-router";

const patienceMs = 10_000;

/** Sends the document as soon as its frame is drawn. Every inline script carries the nonce of this answer. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  entry: EntryContext,
  context: RouterContextProvider,
): Promise<Response> {
  const nonce = context.get(nonceContext);
  headers.set("content-type", "text/html; charset=utf-8");
  if (request.method === "HEAD") return Promise.resolve(new Response(null, { status, headers }));
  return new Promise((resolve, reject) => {
    const { pipe, abort } = renderToPipeableStream(<ServerRouter context={entry} url={request.url} nonce={nonce} />, {
      nonce,
      onShellReady() {
        const body = new PassThrough();
        pipe(body);
        resolve(new Response(createReadableStreamFromReadable(body), { status, headers }));
      },
      onShellError: reject,
    });
    const timer = setTimeout(abort, patienceMs);
    request.signal.addEventListener("abort", () => clearTimeout(timer));
    timer.unref();
  });
}

/** Faults are logged where they happen, under the request's number and without their words. */
export const handleError = (): void => undefined;
