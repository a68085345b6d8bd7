import "server-only";
import { settings } from "./settings.ts";

/** Largest body of a call, bytes. Workbooks have their own route with its own limit. */
export const longestBody = 1_000_000;

/**
 * Whether a changing request came from our own pages as JSON (IA17). The browser sets both headers, a foreign page can set neither:
 * text/plain would go through without a preflight, so only application/json counts.
 */
export function refusal(request: Request): { status: number; message: string } | null {
  const origin = request.headers.get("origin");
  if (!origin || !sameOrigin(origin, request.headers.get("host")))
    return { status: 403, message: "请从本系统的页面操作" };
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return { status: 415, message: "请求格式不对" };
  return null;
}

/** The address people were given, or the one their browser really talks to. `x-forwarded-host` is never asked (IA50). */
function sameOrigin(origin: string, host: string | null): boolean {
  if (!URL.canParse(origin)) return false;
  return origin === new URL(settings().APP_URL).origin || new URL(origin).host === host;
}

/** Reads a body up to `limit` bytes, whatever its length header says. null = longer than that. */
export async function bodyText(request: Request, limit = longestBody): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) return null;
  if (!request.body) return "";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A path of this site, or the start page: `//x`, `/\x` and `javascript:` lead away (IA08). */
export function safeNext(next: string | null | undefined): string {
  if (!next || next.length > 2000 || !/^\/(?![/\\])/.test(next)) return "/";
  // Browsers drop tabs and line breaks inside an address, and read `\` as `/`.
  if (/[\\\p{Cc}]/u.test(next)) return "/";
  const base = "http://site.invalid";
  if (!URL.canParse(next, base) || new URL(next, base).origin !== base) return "/";
  return next;
}
