import { exchangeCode, ticketMinutes } from "@xianfeng/trpc";
import { settings } from "@/lib/settings.ts";
import { ticketCookie } from "@/lib/ticket-cookie.ts";

/**
 * Where the code on the wall leads. The code is exchanged at once, before anybody has to sign in: the ticket goes into a cookie of this
 * meeting's pages, so it survives the sign-in page, stays out of the address, and cannot be passed on as a link.
 * Asks no database: a stranger who tries codes learns nothing.
 */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  const meetingId = id.toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(meetingId)) return go("/m");
  const { SIGN_IN_CODE_KEY, APP_URL } = settings();
  const code = new URL(request.url).searchParams.get("c") ?? "";
  const ticket = exchangeCode(SIGN_IN_CODE_KEY, meetingId, code, new Date());
  const page = `/m/meetings/${meetingId}/sign-in/confirm`;
  if (!ticket) return go(`${page}?stale=1`);
  const secure = APP_URL.startsWith("https:") ? "; Secure" : "";
  return go(
    page,
    `${ticketCookie}=${ticket}; Path=/m/meetings/${meetingId}; Max-Age=${ticketMinutes * 60}; HttpOnly; SameSite=Lax${secure}`,
  );
}

const go = (location: string, cookie?: string): Response =>
  new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", ...(cookie ? { "set-cookie": cookie } : {}) },
  });
