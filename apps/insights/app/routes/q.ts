import { callContext } from "@xianfeng/insights/context";
import { asRefusal } from "../lib/load.ts";
import type { Route } from "./+types/q.ts";

/** A named query as JSON, or as CSV with `format=csv`. `after` waits a little for rows at least as new as that. */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  try {
    return await context.get(callContext).answer(params.name, request);
  } catch (error) {
    const refusal = asRefusal(error);
    if (!refusal) throw error;
    const headers: Record<string, string> =
      refusal.retryAfter === null ? {} : { "retry-after": String(refusal.retryAfter) };
    return Response.json({ kind: refusal.kind, message: refusal.message }, { status: refusal.status, headers });
  }
}
