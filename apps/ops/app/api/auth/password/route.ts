import { changePassword } from "@xianfeng/auth";
import { z } from "zod";
import { authRoute } from "@/lib/auth-route.ts";
import { parts } from "@/lib/server.ts";

const input = z.strictObject({ current: z.string("请填写原密码").max(1000), next: z.string("请填写新密码").max(1000) });

/** Changes the caller's own password; every other session of the account ends. */
export const POST = authRoute(input, async ({ current, next }, request) => {
  const result = await changePassword(parts(), { current, next }, { headers: request.headers });
  if ("problem" in result) return { status: 400, body: { message: result.problem } };
  return { status: 200, body: {}, headers: result.headers };
});
