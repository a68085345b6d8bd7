import { setTimeout as pause } from "node:timers/promises";
import { attachment, toCsv } from "../sheet/csv.ts";
import type { Call } from "./call.ts";
import type { Freshness } from "./query/define.ts";
import { sheetOf } from "./query/index.ts";
import { notFound, Refusal } from "./refusal.ts";

/** How long an answer may wait for rows that the stream has already announced: marts follow within seconds, later on a busy machine. */
const patienceMs = 25_000;
// Short at first: the marts look ten times a second, and most rows come within one of their rounds.
const stepsMs = [200, 250, 300, 400, 600, 1_000, 2_000];

/**
 * A named query for an address: JSON, or CSV with `format=csv`. With `after` (ISO time, just after that of the rows already shown) it waits a little for
 * rows as new as that; older ones are answered in the end, and say by their own time how old they are.
 */
export async function answerQuery(
  call: Call,
  name: string,
  search: URLSearchParams,
  signal: AbortSignal,
): Promise<Response> {
  const params = new URLSearchParams(search);
  const [format, after] = [params.get("format") ?? "json", params.get("after")];
  params.delete("format");
  params.delete("after");
  if (format !== "json" && format !== "csv") throw new Refusal("invalid", "只能取 JSON 或 CSV");
  if (after !== null && Number.isNaN(Date.parse(after))) throw new Refusal("invalid", "时间写得不对");
  const answer = await caughtUp(call, name, params, after, signal);
  if (format === "json") return Response.json(answer);
  const taken = sheetOf(name, answer);
  if (!taken) throw notFound();
  const { sheet, named } = taken;
  // Written down before a name leaves: what cannot be recorded is not given.
  const mark = named ? await call.takeAway(named, answer.asOf) : undefined;
  return new Response(toCsv(sheet, mark), {
    headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": attachment(sheet.title) },
  });
}

async function caughtUp(
  call: Call,
  name: string,
  params: URLSearchParams,
  after: string | null,
  signal: AbortSignal,
): Promise<Freshness & { data: unknown }> {
  const until = Date.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    const answer = await call.queryByText(name, params);
    // No rows may mean that the tree has just changed: marts and token then agree again within seconds.
    const isBehind = after !== null && (answer.asOf === null || Date.parse(answer.asOf) < Date.parse(after));
    const step = stepsMs[Math.min(attempt, stepsMs.length - 1)] ?? 2_000;
    if (!isBehind || signal.aborted || Date.now() + step > until) return answer;
    await pause(step);
  }
}
