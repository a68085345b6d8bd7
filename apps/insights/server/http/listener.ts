import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createRequestHandler, RouterContextProvider, type ServerBuild } from "react-router";
import { openCall } from "../call.ts";
import { callContext, nonceContext } from "../context.ts";
import { errorPlace } from "../log.ts";
import type { Services } from "../services.ts";
import { type Assets, createAssets } from "./assets.ts";
import { createEvents } from "./events.ts";
import { BodyTooLong, readHeaders, send, toRequest } from "./exchange.ts";
import { freshNonce, isDataPath, isSameOrigin, securityHeaders, signInPath } from "./guard.ts";

export type ListenerOptions = { services: Services; build: ServerBuild; clientFolder: string };

const base = "/insights";

/** Everything that arrives. Default is refusal: without a session nothing but health, files of the build and the way to sign in. */
export function createListener({ services, build, clientFolder }: ListenerOptions): {
  listener: RequestListener;
  close(): void;
} {
  const handle = createRequestHandler(build, "production");
  const assets: Assets = createAssets(clientFolder, base);
  const events = createEvents(services.pulse, services.appUrl);

  const listener = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const url = addressOf(incoming.url, services.appUrl);
    if (!url) return refuse(outgoing, 400);
    const path = url.pathname;
    if (path === "/healthz" || path === "/readyz") return tellHealth(services, outgoing, path === "/readyz");
    if (path !== base && !path.startsWith(`${base}/`) && path !== `${base}.data`) return refuse(outgoing, 404);
    if (assets(incoming, outgoing, path)) return;
    if (path.startsWith(`${base}/assets/`)) return refuse(outgoing, 404);
    if (!["GET", "HEAD", "POST"].includes(incoming.method ?? "")) return refuse(outgoing, 405);

    const headers = readHeaders(incoming);
    // A form of a foreign page carries the session too; only our own pages may change anything.
    if (incoming.method === "POST" && !isSameOrigin(headers.get("origin"), headers.get("host"), services.appUrl))
      return refuse(outgoing, 403);
    // Our forms come in this one form; any other would only fail further inside.
    if (incoming.method === "POST" && !isPlainForm(headers.get("content-type"))) return refuse(outgoing, 415);

    const call = await openCall(services, headers, [incoming.headers["x-forwarded-for"]].flat().at(-1));
    if (!call) {
      if (isDataPath(path) || incoming.method === "POST") return refuse(outgoing, 401);
      return redirect(outgoing, signInPath(path + url.search));
    }
    if (call.scope.mustChangePassword) {
      if (isDataPath(path) || incoming.method === "POST") return refuse(outgoing, 403);
      return redirect(outgoing, "/password");
    }
    if (path === `${base}/events`) return events.open(incoming, outgoing, call.scope.principalId);

    const nonce = freshNonce();
    const context = new RouterContextProvider();
    context.set(callContext, call);
    context.set(nonceContext, nonce);
    const gone = new AbortController();
    outgoing.on("close", () => gone.abort());
    // React Router compares the origin of a form with the address of the request; ours was checked above.
    const origin = headers.get("origin");
    const address = incoming.method === "POST" && origin ? new URL(url.pathname + url.search, origin) : url;
    const response = await handle(await toRequest(incoming, address, headers, gone.signal), context);
    const answer = new Response(response.body, response);
    for (const [name, value] of Object.entries(securityHeaders(nonce))) answer.headers.set(name, value);
    answer.headers.set("x-request-id", call.requestId);
    await send(answer, outgoing, incoming.method === "HEAD");
  };

  return {
    listener: (incoming, outgoing) => {
      listener(incoming, outgoing).catch((error: unknown) => {
        if (error instanceof BodyTooLong) return refuse(outgoing, 413);
        services.log("error", "request-failed", errorPlace(error));
        if (outgoing.headersSent) outgoing.destroy();
        else refuse(outgoing, 500);
      });
    },
    close: () => events.close(),
  };
}

const isPlainForm = (type: string | null): boolean =>
  type?.split(";")[0]?.trim().toLowerCase() === "application/x-www-form-urlencoded";

/** The address within the one origin. Absolute and authority forms of the request line are not for us. */
function addressOf(target: string | undefined, appUrl: string): URL | null {
  if (!target?.startsWith("/") || target.startsWith("//") || target.length > 4000) return null;
  return URL.canParse(target, appUrl) ? new URL(target, appUrl) : null;
}

const words: Record<number, string> = {
  400: "请求格式不对",
  401: "登录已过期，请重新登录",
  403: "请从本系统的页面操作",
  404: "没有找到",
  405: "不支持这种请求",
  413: "填写的内容过长",
  415: "请求格式不对",
  500: "系统出了点问题，请稍后再试",
};

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  outgoing.end(JSON.stringify({ message: words[status] ?? "" }));
}

function redirect(outgoing: ServerResponse, location: string): void {
  outgoing.writeHead(302, { location, "cache-control": "no-store" }).end();
}

/** `/readyz` asks PostgreSQL, which pages cannot do without; with the analytics side away they still answer and say so. */
async function tellHealth(services: Services, outgoing: ServerResponse, ready: boolean): Promise<void> {
  const good = !ready || (await services.db.$queryRaw`select 1`.then(() => true).catch(() => false));
  outgoing.writeHead(good ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
  outgoing.end(JSON.stringify({ status: good ? "ok" : "not ready" }));
}
