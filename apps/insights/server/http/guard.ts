import { randomBytes } from "node:crypto";

export const freshNonce = (): string => randomBytes(16).toString("base64");

/** What every answer with data says. Styles may be inline because charts set them; scripts only with this answer's nonce. */
export const securityHeaders = (nonce: string): Record<string, string> => ({
  "content-security-policy": [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Ranks are personal: no browser cache, no proxy, nothing to see with the back button after signing out.
  "cache-control": "no-store",
});

/** The address people were given, or the one that their browser really talks to. */
export function isSameOrigin(origin: string | null, host: string | null, appUrl: string): boolean {
  if (!origin || !URL.canParse(origin)) return false;
  return origin === new URL(appUrl).origin || (host !== null && new URL(origin).host === host);
}

/** A question by a page's script rather than a person's browser: it is told 401 instead of being led to the sign-in page. */
export const isDataPath = (path: string): boolean =>
  path.endsWith(".data") ||
  path.startsWith("/insights/q/") ||
  path === "/insights/events" ||
  path.includes("__manifest");

/** Sign-in, and back here afterwards. Only ever a path of this site. */
export const signInPath = (path: string): string => `/sign-in?next=${encodeURIComponent(path)}`;
