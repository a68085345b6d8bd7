/**
 * The code on the wall and what it is exchanged for. Both are signed, neither is stored, and checking one asks no database:
 * a stranger who tries codes learns nothing about which meetings exist.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** A code lives in its own 30 seconds and the 30 after; a photograph is worthless within a minute. */
export const windowSeconds = 30;
/** Long enough to sign in with a password after scanning. */
export const ticketMinutes = 10;

export type Purpose = "in" | "out";

/** What a scan proves: somebody stood before the code of this meeting at this instant. */
export type Ticket = { purpose: Purpose; scannedAt: Date };

const mac = (key: string, parts: readonly (string | number)[]): Buffer =>
  createHmac("sha256", key).update(JSON.stringify(parts)).digest().subarray(0, 18);

const windowAt = (instant: Date): number => Math.floor(instant.getTime() / (windowSeconds * 1000));

const matches = (given: string, expected: Buffer): boolean => {
  const bytes = Buffer.from(given, "base64url");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
};

const codeMac = (key: string, meetingId: string, purpose: Purpose, window: number) =>
  mac(key, ["meeting-code", meetingId, purpose, window]);
const ticketMac = (key: string, meetingId: string, purpose: Purpose, scanned: number) =>
  mac(key, ["meeting-ticket", meetingId, purpose, scanned]);

/** The code to show now, and until when it is the newest. */
export function currentCode(key: string, meetingId: string, purpose: Purpose, now: Date) {
  const window = windowAt(now);
  const code = `${purpose}.${codeMac(key, meetingId, purpose, window).toString("base64url")}`;
  return { code, renewsAt: new Date((window + 1) * windowSeconds * 1000) };
}

/**
 * Exchanges a code for a ticket. Works without a session, so that a member who still has to sign in keeps the instant of the scan.
 * @returns null for a code that is older, of another meeting, or made up
 */
export function exchangeCode(key: string, meetingId: string, code: string, now: Date): string | null {
  const [purpose, signature, ...rest] = code.split(".");
  if ((purpose !== "in" && purpose !== "out") || !signature || rest.length > 0) return null;
  const window = windowAt(now);
  const fresh = [window, window - 1].some((each) => matches(signature, codeMac(key, meetingId, purpose, each)));
  if (!fresh) return null;
  const scanned = now.getTime();
  return `${purpose}.${scanned.toString(36)}.${ticketMac(key, meetingId, purpose, scanned).toString("base64url")}`;
}

/**
 * When a code hung on the wall, from its first to its last valid instant, looked for between two instants: a phone without a network sends
 * it later. The code itself says when, so a wrong clock in the phone moves nothing.
 * @returns null for a code of another time or meeting, or made up
 */
export function shownWhen(
  key: string,
  meetingId: string,
  code: string,
  between: { from: Date; until: Date },
): { purpose: Purpose; from: Date; until: Date } | null {
  const [purpose, signature, ...rest] = code.split(".");
  if ((purpose !== "in" && purpose !== "out") || !signature || rest.length > 0) return null;
  for (let window = windowAt(between.from); window <= windowAt(between.until); window++)
    if (matches(signature, codeMac(key, meetingId, purpose, window))) {
      const from = window * windowSeconds * 1000;
      return { purpose, from: new Date(from), until: new Date(from + 2 * windowSeconds * 1000 - 1) };
    }
  return null;
}

/** Reads a ticket. @returns "expired" for a good one that is older than ten minutes, null for anything else that is not valid */
export function readTicket(key: string, meetingId: string, ticket: string, now: Date): Ticket | "expired" | null {
  const [purpose, stamp, signature, ...rest] = ticket.split(".");
  if ((purpose !== "in" && purpose !== "out") || !stamp || !signature || rest.length > 0) return null;
  const scanned = Number.parseInt(stamp, 36);
  if (!Number.isSafeInteger(scanned) || scanned.toString(36) !== stamp) return null;
  if (!matches(signature, ticketMac(key, meetingId, purpose, scanned))) return null;
  const age = now.getTime() - scanned;
  if (age > ticketMinutes * 60_000 || age < -60_000) return "expired";
  return { purpose, scannedAt: new Date(scanned) };
}
