import { errorPlace, log } from "@/lib/log.ts";
import { parts } from "@/lib/server.ts";

export const dynamic = "force-dynamic";

/** The process can serve: the database answers and has our tables. */
export async function GET() {
  const headers = { "cache-control": "no-store" };
  try {
    await parts().db.$queryRaw`SELECT 1 FROM auth_user LIMIT 1`;
    return Response.json({ ok: true, database: "ok" }, { headers });
  } catch (error) {
    log("error", "not-ready", errorPlace(error));
    return Response.json({ ok: false, database: "unreachable" }, { status: 503, headers });
  }
}
