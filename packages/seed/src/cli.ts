import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readSettings } from "@xianfeng/env";
import { seedCollege } from "./college.ts";
import { asOwner } from "./load.ts";
import { type SeedResult, seedDemo, seedEmpty } from "./scenarios.ts";

const usage =
  "usage: node packages/seed/src/cli.ts demo | empty | college SEED   (--if-empty: only when there is no tenant yet)\n";
const [scenario, argument] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const settings = readSettings(["OWNER_DATABASE_URL", "DATA_KEY", "BLIND_INDEX_KEY", "STATE_DIR"]);
const keys = { dataKey: settings.DATA_KEY, blindIndexKey: settings.BLIND_INDEX_KEY };

const isEmpty = () =>
  asOwner(
    settings.OWNER_DATABASE_URL,
    async (client) => (await client.query<{ n: number }>("SELECT count(*)::int AS n FROM tenant")).rows[0]?.n === 0,
  );

/** The accounts of demo data, for the sign-in page and the console; readable by the owner of the process only. */
function rememberAccounts(result: SeedResult): void {
  const folder = resolve(settings.STATE_DIR);
  mkdirSync(folder, { recursive: true });
  const accounts = result.accounts.map((account) => ({ ...account, password: result.password }));
  writeFileSync(
    join(folder, "demo-accounts.json"),
    `${JSON.stringify({ demo: scenario === "demo", accounts }, null, 2)}\n`,
    { mode: 0o600 },
  );
}

if (process.argv.includes("--if-empty") && !(await isEmpty())) {
  process.stdout.write("已有数据，不再装入 (already seeded)\n");
} else if (scenario === "demo" || scenario === "empty") {
  const options = { keys, now: new Date(), ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) };
  const result = await (scenario === "demo" ? seedDemo : seedEmpty)(settings.OWNER_DATABASE_URL, options);
  rememberAccounts(result);
  process.stdout.write(`装入 ${result.rows} 行 (rows)\n`);
} else if (scenario === "college" && argument && /^\d+$/.test(argument)) {
  const college = await seedCollege(settings.OWNER_DATABASE_URL, { seed: Number(argument), keys });
  process.stdout.write(`${JSON.stringify(college)}\n`);
} else {
  process.stderr.write(usage);
  process.exit(2);
}
