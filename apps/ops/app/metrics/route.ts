import { platformMetrics } from "@xianfeng/trpc";
import { errorPlace, log } from "@/lib/log.ts";
import { parts } from "@/lib/server.ts";

export const dynamic = "force-dynamic";

/** Numbers that no other process has, in Prometheus' text format. The front does not let it through: it is asked on this process's own port. */
export async function GET() {
  try {
    return new Response(await platformMetrics(parts()), {
      headers: { "content-type": "text/plain; version=0.0.4", "cache-control": "no-store" },
    });
  } catch (error) {
    log("error", "no-metrics", errorPlace(error));
    return new Response("", { status: 503 });
  }
}
