import { setTimeout as pause } from "node:timers/promises";
import type { Pulse } from "@xianfeng/service";
import { attachment, toCsv } from "../sheet/csv.ts";
import type { Call } from "./call.ts";
import type { Freshness } from "./query/define.ts";
import { sheetOf } from "./query/index.ts";
import { notFound, Refusal } from "./refusal.ts";

/** How long an answer may wait for rows that the stream has already announced: marts follow within seconds, later on a busy machine. */
const patienceMs = 25_000;
/** Pauses between questions when the marts do not say by themselves that they are there. */
const stepsMs = [200, 250, 300, 400, 600, 1_000, 2_000];
/** Who has said nothing for so long does not answer. */
const silenceMs = 1_000;
/** Longer than a round of the refresher takes as a rule. */
const roundMs = 10_000;

/**
 * A named query for an address: JSON, or CSV with `format=csv`. With `after` (ISO time, just after that of the rows already shown) it waits a little for
 * rows as new as that; older ones are answered in the end, and say by their own time how old they are.
 * @param marts says when they hold newer rows; while it says nothing they are asked from time to time
 */
export async function answerQuery(
  call: Call,
  marts: Pulse,
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
  const answer = await caughtUp(call, marts, name, params, after, signal);
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
  marts: Pulse,
  name: string,
  params: URLSearchParams,
  after: string | null,
  signal: AbortSignal,
): Promise<Freshness & { data: unknown }> {
  const until = Date.now() + patienceMs;
  if (after !== null && !signal.aborted) await heard(marts, after, until, signal);
  for (let attempt = 0; ; attempt++) {
    const answer = await call.queryByText(name, params);
    // No rows may mean that the tree has just changed: marts and token then agree again within seconds.
    const isBehind = after !== null && (answer.asOf === null || Date.parse(answer.asOf) < Date.parse(after));
    const step = stepsMs[Math.min(attempt, stepsMs.length - 1)] ?? 2_000;
    if (!isBehind || signal.aborted || Date.now() + step > until) return answer;
    await pause(step);
  }
}

/**
 * Waits until the marts say that they hold rows as new as `after`: asking them again and again would take the time away from them.
 * Rounds that bring only older rows do not prolong it beyond `until`.
 */
function heard(marts: Pulse, after: string, until: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer = setTimeout(end, silenceMs);
    let stop: (() => void) | undefined;
    let isOver = false;
    function end() {
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      stop?.();
      resolve();
    }
    signal.addEventListener("abort", end);
    stop = marts.listen(({ asOf }) => {
      clearTimeout(timer);
      if (asOf !== null && Date.parse(asOf) >= Date.parse(after)) end();
      else timer = setTimeout(end, Math.min(roundMs, until - Date.now()));
    });
    // It may have been told at once.
    if (isOver) stop();
  });
}
