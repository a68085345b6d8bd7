import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parts } from "./server.ts";
import { settings } from "./settings.ts";

const account = z.object({ username: z.string(), name: z.string(), title: z.string(), password: z.string() });
const file = z.object({ demo: z.boolean(), accounts: z.array(account) });

export type DemoAccount = z.output<typeof account>;

/** Accounts to try with one click. There is such a list only beside demo data, and only accounts that exist are offered. */
export async function demoAccounts(): Promise<DemoAccount[]> {
  const text = await readFile(join(settings().STATE_DIR, "demo-accounts.json"), "utf8").catch(() => null);
  const parsed = file.safeParse(asJson(text ?? ""));
  if (!parsed.success || !parsed.data.demo) return [];
  const usernames = parsed.data.accounts.map(({ username }) => username);
  const found = await parts().db.authUser.findMany({
    where: { username: { in: usernames } },
    select: { username: true },
  });
  const existing = new Set(found.map((row) => row.username));
  return parsed.data.accounts.filter(({ username }) => existing.has(username));
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
