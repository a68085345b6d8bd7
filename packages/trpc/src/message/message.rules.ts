import { timeAt } from "../kernel/calendar.ts";

export const channels = ["in_app", "mail"] as const;
export type Channel = (typeof channels)[number];

/** States of a message. `waiting` of in_app means unread. `dropped`: the recipient does not want or cannot get it any more. */
export const messageStates = ["waiting", "shown", "sent", "failed", "not_configured", "expired", "dropped"] as const;
export type MessageState = (typeof messageStates)[number];

export const messageKinds = ["meeting.published", "meeting.changed", "meeting.void"] as const;
export type MessageKind = (typeof messageKinds)[number];

/** The night in which mails wait, on the wall clock in Shanghai. */
export const quietFrom = "22:00";
export const quietTo = "07:00";
export function isQuiet(instant: Date): boolean {
  const time = timeAt(instant);
  return time >= quietFrom || time < quietTo;
}

/**
 * A mail goes out within a day or never. It is also the time for which the mail service remembers an idempotency key: no retry can
 * come after it has forgotten, so the same mail is never delivered twice.
 */
export const mailLifeHours = 24;

/** Until when a mail may go out: a day, but not after `usefulUntil`. */
export const mailExpiry = (now: Date, usefulUntil: Date): Date =>
  new Date(Math.min(now.getTime() + mailLifeHours * 3_600_000, usefulUntil.getTime()));

const waits = [1, 5, 15, 60, 240];
export const maxAttempts = waits.length + 1;

/** Minutes until the next try after this many failed ones; null = give up. */
export const waitAfter = (attempts: number): number | null => waits[attempts - 1] ?? null;
