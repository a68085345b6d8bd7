import { setTimeout as pause } from "node:timers/promises";

/** Asks again and again until there is an answer that is neither null, undefined nor false. Time-outs are generous: they find what hangs, not what is slow. */
export async function poll<Answer>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      if (error instanceof Error && /ended with|unhealthy/.test(error.message)) throw error;
      last = error;
    }
    await pause(100);
  }
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}`, { cause: last });
}
