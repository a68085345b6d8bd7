import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parts } from "./server.ts";
import { settings } from "./settings.ts";

const file = z.object({
  password: z.string().min(1),
  accounts: z.array(z.object({ username: z.string(), displayName: z.string(), title: z.string() })),
});

export type DemoAccounts = {
  password: string;
  accounts: Array<{ username: string; displayName: string; title: string }>;
};

/** Accounts to try with one click. There is such a list only beside demo data, and only accounts that exist are offered. */
export async function demoAccounts(): Promise<DemoAccounts | null> {
  const text = await readFile(join(settings().STATE_DIR, "demo-accounts.json"), "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = file.safeParse(asJson(text));
  if (!parsed.success) return null;
  const usernames = parsed.data.accounts.map((account) => account.username);
  const found = await parts().db.authUser.findMany({
    where: { username: { in: usernames } },
    select: { username: true },
  });
  const existing = new Set(found.map((row) => row.username));
  const accounts = parsed.data.accounts.filter((account) => existing.has(account.username));
  return accounts.length > 0 ? { password: parsed.data.password, accounts } : null;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
