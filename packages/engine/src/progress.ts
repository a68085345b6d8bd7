import type { Answer } from "./answer.ts";
import type { Engine } from "./engine.ts";
import type { RunningQuery } from "./running.ts";

const mostHeaders = 100;

/**
 * Collects X-ClickHouse-Progress headers while a query computes, when the client asked for them. They are sent together
 * with the other headers: unlike a server's, they do not keep an idle connection alive.
 */
export function reportProgress(
  engine: Engine,
  query: RunningQuery,
  settings: ReadonlyMap<string, string>,
  answer: Answer,
): () => void {
  if (settings.get("send_progress_in_http_headers") !== "1") return () => undefined;
  const interval = Math.max(50, Number(settings.get("http_headers_progress_interval_ms") ?? "100") || 100);
  const lines: string[] = [];
  const timer = setInterval(() => {
    engine
      .progress(query.tag)
      .then((now) => {
        if (!now || answer.committed) return;
        lines.push(
          JSON.stringify({
            read_rows: String(now.readRows),
            read_bytes: String(now.readBytes),
            total_rows_to_read: String(now.totalRows),
            elapsed_ns: String(Math.round(now.elapsed * 1e9)),
            memory_usage: String(now.memory),
          }),
        );
        answer.header("X-ClickHouse-Progress", lines.slice(-mostHeaders));
      })
      .catch(() => undefined);
  }, interval);
  return () => clearInterval(timer);
}
