import { type Db, inTenant } from "@xianfeng/db";
import { type Accounts, normaliseUsername } from "./accounts.ts";
import { longestPassword, passwordProblem } from "./password.ts";
import { loadScope, type Scope } from "./scope.ts";
import { countFailure, forgetFailures, waitsUntil } from "./wait.ts";

/** Answer to a try to sign in. `headers` carries the session cookie. */
export type SignInResult =
  | { ok: true; headers: Headers; mustChangePassword: boolean }
  | { ok: false; message: string; waitUntil: string | null };

/** The same words for a wrong name and a wrong password. */
const wrong = "账号或密码不对，请核对后再试";

/**
 * Signs in with user name and password. Wrong passwords make the account wait longer and longer; during the wait the right one is refused too (IA02).
 */
export async function signIn(
  { db, accounts }: { db: Db; accounts: Accounts },
  input: { username: string; password: string },
  request: { headers: Headers; now: Date },
): Promise<SignInResult> {
  const username = normaliseUsername(input.username);
  if (username === "" || username.length > 64 || input.password.length > longestPassword)
    return { ok: false, message: wrong, waitUntil: null };
  const waiting = await waitsUntil(db, username, request.now);
  if (waiting) return { ok: false, message: "密码连续输错，这个账号暂停登录", waitUntil: waiting.toISOString() };
  const answer = await accounts.api.signInUsername({
    body: { username, password: input.password },
    headers: withoutOldSession(request.headers),
    asResponse: true,
  });
  if (!answer.ok) {
    const { failures, until } = await countFailure(db, username, request.now);
    if (until) return { ok: false, message: "密码连续输错，这个账号暂停登录", waitUntil: until.toISOString() };
    return { ok: false, message: failures >= 3 ? `${wrong}；连续输错会暂停登录` : wrong, waitUntil: null };
  }
  await forgetFailures(db, username);
  // A session that the browser held before ends with the new one.
  await accounts.api.signOut({ headers: request.headers }).catch(() => undefined);
  const user = await db.authUser.findUniqueOrThrow({ where: { username } });
  const principal = await inTenant(db, user.tenantId, (tx) => tx.principal.findUnique({ where: { userId: user.id } }));
  if (!principal || principal.disabledAt) {
    await db.authSession.deleteMany({ where: { userId: user.id } });
    return { ok: false, message: wrong, waitUntil: null };
  }
  const headers = new Headers();
  for (const cookie of answer.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return { ok: true, headers, mustChangePassword: principal.mustChangePassword };
}

const withoutOldSession = (headers: Headers): Headers => {
  const copy = new Headers(headers);
  copy.delete("cookie");
  return copy;
};

/** Who calls, and what he may: from the session cookie, nothing else. null = not signed in, session over, or account disabled. */
export async function readScope(
  { db, accounts }: { db: Db; accounts: Accounts },
  request: { headers: Headers; today: string },
): Promise<Scope | null> {
  const session = await accounts.api.getSession({ headers: request.headers });
  if (!session) return null;
  return inTenant(db, session.user.tenantId, (tx) => loadScope(tx, session.user.id, request.today));
}

/** Changes the caller's own password; every other session of the account ends. @returns a problem in words, or the new cookie. */
export async function changePassword(
  { db, accounts }: { db: Db; accounts: Accounts },
  input: { current: string; next: string },
  request: { headers: Headers },
): Promise<{ problem: string } | { headers: Headers }> {
  const session = await accounts.api.getSession({ headers: request.headers });
  if (!session) return { problem: "登录已过期，请重新登录" };
  const problem = passwordProblem(input.next, session.user.username ?? "");
  if (problem) return { problem };
  if (input.next === input.current) return { problem: "新密码不能和原来的一样" };
  const answer = await accounts.api.changePassword({
    body: { currentPassword: input.current, newPassword: input.next, revokeOtherSessions: true },
    headers: request.headers,
    asResponse: true,
  });
  if (!answer.ok) return { problem: "原密码不对" };
  await inTenant(db, session.user.tenantId, (tx) =>
    tx.principal.update({ where: { userId: session.user.id }, data: { mustChangePassword: false } }),
  );
  const headers = new Headers();
  for (const cookie of answer.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return { headers };
}

/** Ends the session at once. @returns the headers that clear the cookie. */
export async function signOut({ accounts }: { accounts: Accounts }, request: { headers: Headers }): Promise<Headers> {
  const answer = await accounts.api.signOut({ headers: request.headers, asResponse: true });
  const headers = new Headers();
  for (const cookie of answer.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return headers;
}
