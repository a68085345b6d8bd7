import type { Db } from "@xianfeng/db";
import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { username } from "better-auth/plugins/username";
import { hashPassword, longestPassword, verifyPassword } from "./password.ts";

const hour = 3600;

/** better-auth over our tables: sessions, cookies, passwords. Waiting, forced change and all rights are ours. */
export const createAccounts = (db: Db, settings: { secret: string; url: string }) =>
  betterAuth({
    appName: "Xianfeng",
    baseURL: settings.url,
    secret: settings.secret,
    database: prismaAdapter(db, { provider: "postgresql" }),
    telemetry: { enabled: false },
    // A wrong password is no event for the log; it is counted in sign_in_wait.
    logger: { level: "error" },
    user: { modelName: "authUser", additionalFields: { tenantId: { type: "number", required: true, input: false } } },
    session: { modelName: "authSession", expiresIn: 12 * hour, updateAge: hour },
    account: { modelName: "authAccount" },
    verification: { modelName: "authVerification" },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 1,
      maxPasswordLength: longestPassword,
      password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(hash, password) },
    },
    plugins: [
      username({
        minUsernameLength: 1,
        maxUsernameLength: 64,
        usernameValidator: () => true,
        usernameNormalization: normaliseUsername,
      }),
    ],
    // Waiting is counted by account in sign_in_wait; a limit by address would lock out a campus behind one.
    rateLimit: { enabled: false },
    advanced: { cookiePrefix: "xianfeng", useSecureCookies: settings.url.startsWith("https:") },
  });

export type Accounts = ReturnType<typeof createAccounts>;

/** One form for every way of typing a user name: full-width to half-width, lower case, no spaces around. */
export function normaliseUsername(typed: string): string {
  return typed.normalize("NFKC").trim().toLowerCase();
}
