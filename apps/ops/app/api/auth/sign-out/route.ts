import { signOut } from "@xianfeng/auth";
import { z } from "zod";
import { authRoute } from "@/lib/auth-route.ts";
import { parts } from "@/lib/server.ts";

/** Ends the session at once, and asks the browser to forget what it kept of our pages. */
export const POST = authRoute(z.strictObject({}), async (_, request) => {
  const headers = await signOut(parts(), { headers: request.headers });
  headers.set("clear-site-data", '"cache"');
  return { status: 200, body: {}, headers };
});
