import { spawn } from "node:child_process";
import { join } from "node:path";
import { Client } from "pg";
import { commonEnvironment } from "./environment.ts";
import { root } from "./settings.ts";
import { readJson, writeWhole } from "./state.ts";

/** The receipt of an erasure: ids, times and codes. `packages/db` knows what is in it. */
export type Receipt = { id: string; tenantId: number; personId: string; decidedAt: string };

/** Receipts also lie beside the database, where an older backup does not take them away. */
const ledgerOf = (stateDir: string): string => join(stateDir, "erasures.json");

export const readLedger = (stateDir: string): Receipt[] => readJson<Receipt[]>(ledgerOf(stateDir)) ?? [];

/** Adds receipts to those that lie beside the database. */
export function keepInLedger(stateDir: string, receipts: readonly Receipt[]): void {
  if (receipts.length > 0) {
    writeWhole(ledgerOf(stateDir), `${JSON.stringify(together(readLedger(stateDir), receipts), null, 2)}\n`);
  }
}

/** Each receipt once, oldest first. */
export const together = (...lists: (readonly Receipt[])[]): Receipt[] =>
  [...new Map(lists.flat().map((receipt) => [receipt.id, receipt])).values()].sort((one, other) =>
    one.decidedAt < other.decidedAt ? -1 : 1,
  );

/** The receipts in a database; none in one from before erasures were known, or that holds nothing. */
export async function receiptsIn(url: string): Promise<Receipt[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ found: boolean }>(
      "select to_regclass('public.erasure') is not null as found",
    );
    if (!rows[0]?.found) return [];
  } finally {
    await client.end();
  }
  return JSON.parse(await run("list", { OWNER_DATABASE_URL: url })) as Receipt[];
}

/** Erases again whoever has a receipt. @returns how many people a restored backup had brought back */
export async function eraseAgain(url: string, dataKey: string, receipts: readonly Receipt[]): Promise<number> {
  if (receipts.length === 0) return 0;
  return Number(await run("again", { OWNER_DATABASE_URL: url, DATA_KEY: dataKey }, JSON.stringify(receipts)));
}

function run(command: "list" | "again", env: Record<string, string>, input = ""): Promise<string> {
  return new Promise((done, refuse) => {
    const child = spawn(process.execPath, [join(root, "packages/db/src/erase-cli.ts"), command], {
      env: { ...commonEnvironment(), ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [answer, complaint] = ["", ""];
    child.stdout.on("data", (part: Buffer) => {
      answer += part.toString();
    });
    child.stderr.on("data", (part: Buffer) => {
      complaint += part.toString();
    });
    child.once("error", refuse);
    child.once("close", (code) =>
      code === 0 ? done(answer) : refuse(new Error(`删除凭据处理失败 (receipts): ${complaint.slice(-2_000)}`)),
    );
    child.stdin.end(input);
  });
}
