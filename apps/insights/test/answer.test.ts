import type { Beat, Pulse } from "@xianfeng/service";
import { describe, expect, it, vi } from "vitest";
import { answerQuery } from "../server/answer.ts";
import type { Call } from "../server/call.ts";

const at = (second: number) => `2026-11-22T08:00:${String(second).padStart(2, "0")}.000Z`;

/** The marts as they are, and what they say of themselves. */
function startMarts(first: number, says: boolean) {
  const ears = new Set<(beat: Beat) => void>();
  const asked: string[] = [];
  let asOf = at(first);
  const beat = () => ({ asOf, checkedAt: asOf });
  const pulse: Pulse = {
    listen(hear) {
      ears.add(hear);
      if (says) hear(beat());
      return () => ears.delete(hear);
    },
    close: () => ears.clear(),
  };
  const call = {
    async queryByText() {
      asked.push(asOf);
      return { asOf, asOfLsn: "1", data: null };
    },
  } as Partial<Call> as Call;
  return {
    asked,
    listeners: ears,
    refresh(second: number) {
      asOf = at(second);
      if (says) for (const hear of ears) hear(beat());
    },
    answer(after: number, signal = AbortSignal.timeout(20_000)) {
      const search = new URLSearchParams({ after: at(after) });
      return answerQuery(call, pulse, "branch-ranking", search, signal).then(async (response) => {
        const body = (await response.json()) as { asOf: string };
        return body.asOf;
      });
    },
  };
}

describe("an answer that waits for newer rows", () => {
  it("leaves the marts alone until they say that they hold them, and then asks once", async () => {
    const marts = startMarts(1, true);
    const answer = marts.answer(3);
    marts.refresh(2);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(marts.asked).toEqual([]);
    marts.refresh(4);
    expect(await answer).toBe(at(4));
    expect(marts.asked).toEqual([at(4)]);
    expect(marts.listeners.size).toBe(0);
  });

  it("does not wait when they hold them already", async () => {
    const marts = startMarts(5, true);
    const answer = marts.answer(3);
    await expect.poll(() => marts.asked).toEqual([at(5)]);
    expect(await answer).toBe(at(5));
    expect(marts.listeners.size).toBe(0);
  });

  it("asks them from time to time when nobody speaks for them", async () => {
    const marts = startMarts(1, false);
    const answer = marts.answer(3);
    await expect.poll(() => marts.asked.length, { timeout: 10_000 }).toBeGreaterThan(1);
    marts.refresh(4);
    expect(await answer).toBe(at(4));
  });

  it("is given in the end, however often the marts say that they hold older rows", async () => {
    vi.useFakeTimers({ now: Date.parse(at(0)), toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const marts = startMarts(1, true);
      let given: string | undefined;
      void marts.answer(50, new AbortController().signal).then((asOf) => {
        given = asOf;
      });
      for (let second = 5; second <= 30; second += 5) {
        await vi.advanceTimersByTimeAsync(5_000);
        marts.refresh(2);
      }
      expect(given).toBe(at(2));
      expect(marts.listeners.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends with who asked", async () => {
    const marts = startMarts(1, true);
    const gone = new AbortController();
    const answer = marts.answer(3, gone.signal);
    gone.abort();
    expect(await answer).toBe(at(1));
    expect(marts.listeners.size).toBe(0);
  });
});
