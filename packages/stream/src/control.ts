import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendJson } from "@xianfeng/service";
import { controlHeader, type OperationKind, operationKinds } from "@xianfeng/service/stream-page";
import { OperationRefused, type Operations } from "./operations.ts";

export const isControlPath = (path: string | undefined): boolean => path === "/letters" || path === "/operations";

/**
 * `GET /letters` what was set aside, `GET /operations` what was asked for, `POST /operations` `{ id, kind, table? }`.
 * 202 taken on, 403 without the key, 409 when it cannot be begun now.
 */
export async function answerControl(
  operations: Operations,
  key: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split("?")[0];
  if (!key || !isSame(request.headers[controlHeader], key)) return void sendJson(response, 403, { error: "forbidden" });
  try {
    if (request.method === "GET" && path === "/letters")
      sendJson(response, 200, { letters: await operations.letters() });
    else if (request.method === "GET") sendJson(response, 200, { operations: operations.list() });
    else if (request.method === "POST" && path === "/operations") {
      const asked = parse(await bodyOf(request));
      if (asked) sendJson(response, 202, operations.ask(asked));
      else sendJson(response, 400, { error: "want { id, kind, table? }" });
    } else sendJson(response, 405, { error: "method not allowed" });
  } catch (error) {
    if (error instanceof OperationRefused) sendJson(response, 409, { error: error.message });
    else sendJson(response, 503, { error: "ClickHouse does not answer" });
  }
}

function isSame(given: string | string[] | undefined, key: string): boolean {
  if (typeof given !== "string") return false;
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) {
    text += String(piece);
    if (text.length > 10_000) return "";
  }
  return text;
}

function parse(text: string): { id: string; kind: OperationKind; table?: string } | undefined {
  try {
    const { id, kind, table } = JSON.parse(text) as Record<string, unknown>;
    const known = operationKinds.find((one) => one === kind);
    if (typeof id !== "string" || !/^[\w-]{8,64}$/.test(id) || !known) return undefined;
    if (table !== undefined && (typeof table !== "string" || !/^\w{1,63}$/.test(table))) return undefined;
    return { id, kind: known, table };
  } catch {
    return undefined;
  }
}
