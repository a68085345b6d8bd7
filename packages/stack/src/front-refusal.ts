import type { IncomingMessage } from "node:http";

/** A request that goes no further than the front, with the words for whoever sent it. */
export type Refusal = { code: number; message: string; allow?: string };

/** What our apps answer at all. Everything else is somebody trying. */
const methods = new Set(["GET", "HEAD", "POST"]);
const longestAddress = 8_000;

/** Largest body that any app takes, bytes: a workbook of 4 MB in Base64 and what goes with it. The apps have narrower limits of their own. */
export const longestBody = 6_000_000;

export const tooLong: Refusal = { code: 413, message: "提交的内容过长" };
const badAddress: Refusal = { code: 400, message: "地址不对，请从页面重新进入" };

/**
 * Whether a request is one that no page of ours makes. Both apps would refuse it too; refused here it meets no router, and a fault
 * in one of them is no way in: absolute and authority forms, encoded line breaks and zeros, steps upwards however they are written.
 */
export function refusalOf(incoming: IncomingMessage, longest: number): Refusal | null {
  const address = incoming.url ?? "";
  if (!methods.has(incoming.method ?? ""))
    return { code: 405, message: "不支持这种请求", allow: [...methods].join(", ") };
  if (address.length > longestAddress) return { code: 414, message: "地址过长" };
  if (!address.startsWith("/") || address.startsWith("//")) return badAddress;
  const [path = ""] = address.split(/[?#]/);
  if (/%00/.test(address) || /%0[ad]/i.test(path)) return badAddress;
  const plain = decoded(path);
  if (plain === null || plain.split(/[/\\]/).some((step) => step === ".." || step === ".")) return badAddress;
  if (plain.includes("\\") || plain.startsWith("//")) return badAddress;
  return Number(incoming.headers["content-length"] ?? 0) > longest ? tooLong : null;
}

/** The path as text; null when its escapes are none. Decoded twice, because a second decoding elsewhere must find nothing new. */
function decoded(path: string): string | null {
  try {
    const once = decodeURIComponent(path);
    return /%2e|%2f|%5c|%00/i.test(once) ? null : once;
  } catch {
    return null;
  }
}
