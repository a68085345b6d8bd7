import { randomUUID } from "node:crypto";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { createCaller } from "@xianfeng/trpc";
import { importCheckInput } from "@xianfeng/trpc/evaluation/schema";
import { bodyText, refusal } from "@/lib/guard.ts";
import { errorPlace, log } from "@/lib/log.ts";
import { contextOf } from "@/lib/server.ts";

/** A workbook of 4 MB in Base64, and what goes with it. */
const longestUpload = 5_700_000;

const answer = (status: number, body: object, requestId: string) =>
  Response.json(body, { status, headers: { "x-request-id": requestId, "cache-control": "no-store" } });

/** The one call that may be long: checks a workbook. Everything else of an import goes through the procedures. */
export async function POST(request: Request): Promise<Response> {
  const requestId = request.headers.get("x-request-id") ?? randomUUID();
  const problem = refusal(request);
  if (problem) return answer(problem.status, { message: problem.message }, requestId);
  try {
    const context = await contextOf(request.headers, requestId);
    // Nobody without a session makes the server read megabytes.
    if (!context.scope) return answer(401, { message: "登录已过期，请重新登录" }, requestId);
    const body = await bodyText(request, longestUpload);
    if (body === null) return answer(413, { message: "文件不能超过4MB。请分开上传" }, requestId);
    const sent = asJson(body);
    if (sent === undefined) return answer(400, { message: "请求格式不对" }, requestId);
    const input = importCheckInput.safeParse(sent);
    if (!input.success) return answer(400, { message: input.error.issues[0]?.message ?? "填写有误" }, requestId);
    return answer(200, await createCaller(context).evaluation.importCheck(input.data), requestId);
  } catch (error) {
    if (error instanceof TRPCError && error.code !== "INTERNAL_SERVER_ERROR")
      return answer(getHTTPStatusCodeFromError(error), { message: error.message }, requestId);
    log("error", "upload-failed", { requestId, ...errorPlace(error instanceof TRPCError ? error.cause : error) });
    return answer(500, { message: "系统出了点问题，请稍后再试" }, requestId);
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
