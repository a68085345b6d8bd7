import "server-only";
import { randomUUID } from "node:crypto";
import { type Accounts, createAccounts, readScope, type Scope } from "@xianfeng/auth";
import { createDb, type Db, inTenant, keepSealing } from "@xianfeng/db";
import {
  createCaller,
  createPlatform,
  type Identity,
  type Platform,
  type RequestContext,
  readIdentity,
} from "@xianfeng/trpc";
import { dayAt } from "@xianfeng/trpc/calendar";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { errorPlace, log } from "./log.ts";
import { settings } from "./settings.ts";

type Parts = { db: Db; accounts: Accounts; platform: Platform };

/** One client and one better-auth for the process, also across reloads of the development server. */
const kept = globalThis as { xianfengOps?: Parts };

export function parts(): Parts {
  if (!kept.xianfengOps) {
    const { APP_DATABASE_URL, AUTH_SECRET, APP_URL } = settings();
    const db = createDb(APP_DATABASE_URL);
    // The health check asks for these parts as soon as the process is up, so the trail is sealed from then on.
    keepSealing(db, (error) => log("error", "audit-seal-failed", errorPlace(error)));
    kept.xianfengOps = {
      db,
      accounts: createAccounts(db, { secret: AUTH_SECRET, url: APP_URL }),
      platform: platform(),
    };
  }
  return kept.xianfengOps;
}

/** Where the other processes speak about themselves. */
function platform(): Platform {
  const known = settings();
  return createPlatform({
    stream: known.STREAM_HEALTH_URL,
    warehouse: known.WAREHOUSE_HEALTH_URL,
    cube: known.CUBE_HEALTH_URL,
    insights: known.INSIGHTS_HEALTH_URL,
    mail: known.MAIL_HEALTH_URL,
    controlKey: known.STREAM_CONTROL_KEY,
    stateDir: known.STATE_DIR,
  });
}

/** What a procedure needs, for a request with these headers. The scope comes from the session cookie and nothing else. */
export async function contextOf(requestHeaders: Headers, requestId: string): Promise<RequestContext> {
  const now = new Date();
  const { DATA_KEY, BLIND_INDEX_KEY, SIGN_IN_CODE_KEY } = settings();
  return {
    db: parts().db,
    scope: await readScope(parts(), { headers: requestHeaders, today: dayAt(now) }),
    now,
    requestId,
    keys: { dataKey: DATA_KEY, blindIndexKey: BLIND_INDEX_KEY },
    signInCodeKey: SIGN_IN_CODE_KEY,
    platform: parts().platform,
    ...addressOf(requestHeaders),
  };
}

/** The address that the front saw; it throws away what a client claims about itself. */
function addressOf(requestHeaders: Headers): { address?: string } {
  const address = requestHeaders.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  return address ? { address } : {};
}

/** The context of the page that is being rendered; read once however many components ask. */
export const pageContext = cache(async (): Promise<RequestContext> => {
  const requestHeaders = await headers();
  return contextOf(requestHeaders, requestHeaders.get("x-request-id") ?? randomUUID());
});

/** Procedures for server components: `(await api()).member.list({ page: 1 })`. Same permission check as over the network. */
export const api = cache(async () => createCaller(await pageContext()));

/**
 * Who looks at this page. Without a session the reader goes to the sign-in page and comes back; with an initial password, to the page that changes it.
 * Only a courtesy: what a page shows comes through procedures, and they check for themselves.
 */
export async function requireScope(): Promise<Scope> {
  const { scope } = await pageContext();
  if (!scope) redirect(`/sign-in?next=${encodeURIComponent((await headers()).get("x-page-path") ?? "/")}`);
  if (scope.mustChangePassword) redirect("/password");
  return scope;
}

/** Name, role, organisation and permissions for the head of the page and its menus. */
export const pageIdentity = cache(async (): Promise<Identity | null> => {
  const { db, scope } = await pageContext();
  return scope ? inTenant(db, scope.tenantId, (tx) => readIdentity(tx, scope)) : null;
});
