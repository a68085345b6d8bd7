import { readScope, signIn } from "@xianfeng/auth";
import { dayAt } from "@xianfeng/trpc/calendar";
import { z } from "zod";
import { authRoute } from "@/lib/auth-route.ts";
import { parts } from "@/lib/server.ts";

const input = z.strictObject({ username: z.string("请填写账号").max(1000), password: z.string("请填写密码") });

/** Signs in; the answer to a wrong name and to a wrong password is the same in words, status and shape (IA01). */
export const POST = authRoute(input, async ({ username, password }, request) => {
  const result = await signIn(parts(), { username, password }, { headers: request.headers, now: new Date() });
  if (!result.ok) return { status: 401, body: { message: result.message, waitUntil: result.waitUntil } };
  const cookie = result.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const scope = await readScope(parts(), { headers: new Headers({ cookie }), today: dayAt(new Date()) });
  return {
    status: 200,
    body: { mustChangePassword: result.mustChangePassword, principalId: scope?.principalId ?? "" },
    headers: result.headers,
  };
});
