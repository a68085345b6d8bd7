import { createHash } from "node:crypto";
import { Resend } from "resend";
import type { Letter } from "./letter.ts";

/**
 * What became of one try. `code` is a number and a word of ours or of the service's list, never its sentence: that may quote the address.
 * refused = will never be taken; later = may be taken another time; busy = the service asks all of us to wait; locked = it does not let us in.
 */
export type Delivery =
  | { kind: "sent"; providerId: string | null }
  | { kind: "refused"; code: string }
  | { kind: "later"; code: string }
  | { kind: "busy"; code: string; waitMs: number }
  | { kind: "locked"; code: string };

export type Deliver = (mail: { id: string; to: string; letter: Letter }) => Promise<Delivery>;

type Service = { key: string; from: string; url: string; timeoutMs?: number };

/** Sends by Resend's interface. Never throws; an answer that does not come in time is `later`. */
export function createDeliver({ key, from, url, timeoutMs = 15_000 }: Service): Deliver {
  const resend = new Resend(key, { baseUrl: url.replace(/\/+$/, "") });
  return async ({ id, to, letter }) => {
    const { data, error, headers } = await resend.emails.send(
      { from, to, ...letter },
      { idempotencyKey: idempotencyKey(id, to), signal: AbortSignal.timeout(timeoutMs) },
    );
    return error ? failureOf(error, headers) : { kind: "sent", providerId: data.id ?? null };
  };
}

/**
 * The same message to the same address has the same key, after a crash too: the service then answers as before and delivers once.
 * A corrected address is another mail.
 */
export const idempotencyKey = (id: string, to: string): string =>
  `xianfeng/${id}/${createHash("sha256").update(to).digest("hex").slice(0, 16)}`;

function failureOf(
  error: { statusCode: number | null; name: string },
  headers: Record<string, string> | null,
): Delivery {
  const status = error.statusCode;
  if (!status) return { kind: "later", code: "no_answer" };
  const name = /^[a-z_]{1,60}$/.test(error.name) ? error.name : "error";
  const code = `${status} ${name}`;
  // The key was used for the same message to the same address: it was taken, in words of an earlier version of ours.
  if (name === "invalid_idempotent_request") return { kind: "sent", providerId: null };
  if (status === 429) return { kind: "busy", code, waitMs: waitOf(headers?.["retry-after"], name) };
  if (status === 401 || status === 403) return { kind: "locked", code };
  if (status >= 500 || status === 408 || status === 409) return { kind: "later", code };
  return { kind: "refused", code };
}

const minute = 60_000;

/** Retry-After in seconds or as a date; without it a minute, for a used-up quota an hour. At least a second, at most a day. */
export function waitOf(header: string | undefined, name: string, now = Date.now()): number {
  const usual = name.endsWith("quota_exceeded") ? 60 * minute : minute;
  const seconds = header === undefined || header.trim() === "" ? Number.NaN : Number(header);
  const asked = Number.isNaN(seconds) ? Date.parse(header ?? "") - now : seconds * 1000;
  return Number.isNaN(asked) ? usual : Math.min(Math.max(asked, 1000), 24 * 60 * minute);
}
