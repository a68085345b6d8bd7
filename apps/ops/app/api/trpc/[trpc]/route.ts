import { randomUUID } from "node:crypto";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { appRouter, DomainError } from "@xianfeng/trpc";
import { bodyText, refusal } from "@/lib/guard.ts";
import { errorPlace, log } from "@/lib/log.ts";
import { contextOf } from "@/lib/server.ts";

/** Most calls in one request; the client's link sends no more. */
const maxBatchSize = 10;

const refuse = (status: number, message: string, requestId: string) =>
  Response.json({ message }, { status, headers: { "x-request-id": requestId, "cache-control": "no-store" } });

/**
 * The only way to the procedures over the network. Everything is a POST from our own pages: filters with names in them
 * stay out of addresses, histories and access logs.
 */
export async function POST(request: Request): Promise<Response> {
  const requestId = request.headers.get("x-request-id") ?? randomUUID();
  const problem = refusal(request);
  if (problem) return refuse(problem.status, problem.message, requestId);
  const paths = new URL(request.url).pathname.replace(/^\/api\/trpc\//, "").split(",");
  if (paths.length > maxBatchSize || paths.some((path) => path === ""))
    return refuse(400, "一次请求的操作太多或为空", requestId);
  const body = await bodyText(request);
  if (body === null) return refuse(413, "提交的内容过长", requestId);
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    router: appRouter,
    req: new Request(request.url, { method: "POST", headers: request.headers, body }),
    maxBatchSize,
    allowMethodOverride: true,
    createContext: () => contextOf(request.headers, requestId),
    responseMeta({ errors }) {
      const waits = errors.flatMap((error) => (error instanceof DomainError ? (error.detail.retryAfter ?? []) : []));
      return waits.length > 0 ? { headers: new Headers({ "retry-after": String(Math.max(...waits)) }) } : {};
    },
    onError({ error, path }) {
      if (error.code === "INTERNAL_SERVER_ERROR")
        log("error", "procedure-failed", { requestId, path, ...errorPlace(error.cause ?? error) });
      else log("info", "procedure-refused", { requestId, path, code: error.code });
    },
  });
  response.headers.set("x-request-id", requestId);
  response.headers.set("cache-control", "no-store");
  return response;
}
