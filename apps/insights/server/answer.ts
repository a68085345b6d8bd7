import { setTimeout as pause } from "node:timers/promises";
import type { Call } from "./call.ts";
import { attachment, toCsv } from "./csv.ts";
import type { Freshness } from "./query/define.ts";
import { sheetOf } from "./query/index.ts";
import { notFound, Refusal } from "./refusal.ts";

/** How long an answer may wait for rows that the stream has already announced: marts follow within a few seconds. */
const patienceMs = 6_000;
const stepMs = 500;

/**
 * A named query for an address: JSON, or CSV with `format=csv`. With `after` (ISO time that the stream has announced) it waits a little for
 * rows as new as that; older ones are answered in the end, and say by their own time how old they are.
 */
export async function answerQuery(call: Call, name: string, search: URLSearchParams): Promise<Response> {
  const params = new URLSearchParams(search);
  const [format, after] = [params.get("format") ?? "json", params.get("after")];
  params.delete("format");
  params.delete("after");
  if (format !== "json" && format !== "csv") throw new Refusal("invalid", "只能取 JSON 或 CSV");
  if (after !== null && Number.isNaN(Date.parse(after))) throw new Refusal("invalid", "时间写得不对");
  const answer = await caughtUp(call, name, params, after);
  if (format === "json") return Response.json(answer);
  const sheet = sheetOf(name, answer);
  if (!sheet) throw notFound();
  return new Response(toCsv(sheet), {
    headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": attachment(sheet.title) },
  });
}

async function caughtUp(
  call: Call,
  name: string,
  params: URLSearchParams,
  after: string | null,
): Promise<Freshness & { data: unknown }> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const answer = await call.queryByText(name, params);
    // No rows may mean that the tree has just changed: marts and token then agree again within seconds.
    const isBehind = after !== null && (answer.asOf === null || Date.parse(answer.asOf) < Date.parse(after));
    if (!isBehind || Date.now() + stepMs > until) return answer;
    await pause(stepMs);
  }
}
