import type { Db } from "@xianfeng/db";
import { DomainError } from "./error.ts";

/**
 * What is limited, and how far: calls of one account and of one address within so many seconds. An address may be a whole campus behind
 * one router, so its numbers are for machines, not for people.
 */
export const limits = {
  reveal: { title: "查看完整号码", account: 30, address: 300, seconds: 600 },
  export: { title: "导出", account: 20, address: 200, seconds: 600 },
  search: { title: "搜索", account: 240, address: 2_400, seconds: 60 },
} as const;
export type Limit = keyof typeof limits;

/** Procedures that are limited. Lists count as a search only when somebody typed something. */
export const limitedCalls: Record<string, Limit> = {
  "member.reveal": "reveal",
  "member.list": "search",
  "member.counts": "search",
  "meeting.list": "search",
  "evaluation.entries": "search",
  "evaluation.importFaulty": "export",
};

/** Whether a procedure is limited at all, whatever its input. */
export const isLimited = (path: string): boolean => Object.hasOwn(limitedCalls, path);

/** The limit that a call falls under, if any. */
export function limitOf(path: string, input: unknown): Limit | null {
  const limit = Object.hasOwn(limitedCalls, path) ? limitedCalls[path] : undefined;
  if (limit !== "search") return limit ?? null;
  const typed = typeof input === "object" && input !== null && "q" in input ? input.q : "";
  return typeof typed === "string" && typed.trim() !== "" ? limit : null;
}

/**
 * Milliseconds to wait, 0 when the call may go on. The window slides: of the one before counts the share that it still covers.
 * @param elapsed milliseconds since the present window began
 */
export function waitFor(
  counts: { now: number; before: number },
  elapsed: number,
  most: number,
  length: number,
): number {
  const { now, before } = counts;
  if (before * (1 - elapsed / length) + now <= most) return 0;
  // The call after the wait counts as well. Either the window before covers little enough by then, or this one does, in the next.
  if (before > 0 && now + 1 <= most) return Math.max(1, length * (1 - (most - now - 1) / before) - elapsed);
  return length - elapsed + length * Math.max(0, 1 - (most - 1) / now);
}

/** Counts a call and reads both windows in one statement of its own, which no transaction of the call holds on to. */
async function count(db: Db, key: { what: Limit; who: string }, most: number, now: Date) {
  const length = limits[key.what].seconds * 1000;
  const since = new Date(Math.floor(now.getTime() / length) * length);
  const earlier = new Date(since.getTime() - length);
  const [row] = await db.$queryRaw<{ now: number; before: number }[]>`
    INSERT INTO call_count (what, who, since, calls) VALUES (${key.what}, ${key.who}, ${since}, 1)
    ON CONFLICT (what, who, since) DO UPDATE SET calls = least(call_count.calls + 1, ${most + 1}), updated_at = now()
    RETURNING calls AS now,
      coalesce((SELECT before.calls FROM call_count before
        WHERE before.what = ${key.what} AND before.who = ${key.who} AND before.since = ${earlier}), 0) AS before`;
  // Once in a window somebody's first call also clears away what nobody can need any more.
  if (row?.now === 1) await db.callCount.deleteMany({ where: { since: { lt: new Date(now.getTime() - 86_400_000) } } });
  return waitFor(row ?? { now: 0, before: 0 }, now.getTime() - since.getTime(), most, length);
}

/** Counts a call that is limited, for its account and its address. @throws DomainError too_many with the seconds to wait */
export async function takeTurn(
  db: Db,
  what: Limit,
  who: { account: string; address?: string | undefined },
  now: Date,
): Promise<void> {
  const limit = limits[what];
  const waits = [await count(db, { what, who: `account ${who.account}` }, limit.account, now)];
  if (who.address) waits.push(await count(db, { what, who: `address ${who.address}` }, limit.address, now));
  const seconds = Math.ceil(Math.max(...waits) / 1000);
  if (seconds === 0) return;
  const words = seconds < 100 ? `${seconds}秒` : `${Math.ceil(seconds / 60)}分钟`;
  throw new DomainError("too_many", `${limit.title}太频繁，请在${words}后再试`, `Too often; again in ${seconds} s`, {
    retryAfter: seconds,
  });
}
