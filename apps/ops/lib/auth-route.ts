import "server-only";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { bodyText, refusal } from "./guard.ts";
import { errorPlace, log } from "./log.ts";

const json = (status: number, body: object, headers?: Headers) => {
  const all = new Headers(headers);
  all.set("cache-control", "no-store");
  return Response.json(body, { status, headers: all });
};

/** One JSON endpoint of the sign-in pages: same origin, small body, strict shape, and no word of it in the log. */
export function authRoute<Shape extends z.ZodType>(
  shape: Shape,
  work: (input: z.output<Shape>, request: Request) => Promise<{ status: number; body: object; headers?: Headers }>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const requestId = request.headers.get("x-request-id") ?? randomUUID();
    try {
      const problem = refusal(request);
      if (problem) return json(problem.status, { message: problem.message });
      const text = await bodyText(request, 16_000);
      if (text === null) return json(413, { message: "填写的内容过长" });
      const parsed = shape.safeParse(asJson(text));
      if (!parsed.success) return json(400, { message: parsed.error.issues[0]?.message ?? "填写有误" });
      const answer = await work(parsed.data, request);
      return json(answer.status, answer.body, answer.headers);
    } catch (error) {
      log("error", "auth-route-failed", { requestId, ...errorPlace(error) });
      return json(500, { message: "系统出了点问题，请稍后再试", code: requestId.slice(0, 4).toUpperCase() });
    }
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
