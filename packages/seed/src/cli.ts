import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSettings } from "@xianfeng/env";
import { seedCollege } from "./college.ts";
import { asOwner } from "./load.ts";
import { seedScale } from "./scale.ts";
import { type SeedResult, seedDemo, seedEmpty } from "./scenarios.ts";

const usage =
  "usage: node packages/seed/src/cli.ts demo | empty | college SEED | scale --members N [--tenant-members N]   (--if-empty: only when there is no tenant yet)\n";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "if-empty": { type: "boolean" },
    members: { type: "string" },
    "tenant-members": { type: "string" },
  },
});
const [scenario, argument] = positionals;
const count = (text: string | undefined) => (text && /^[1-9]\d*$/.test(text) ? Number(text) : undefined);
const [members, tenantMembers] = [count(values.members), count(values["tenant-members"])];
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

if (values["if-empty"] && !(await isEmpty())) {
  process.stdout.write("已有数据，不再装入 (already seeded)\n");
} else if (scenario === "demo" || scenario === "empty") {
  const options = { keys, now: new Date(), ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) };
  const result = await (scenario === "demo" ? seedDemo : seedEmpty)(settings.OWNER_DATABASE_URL, options);
  rememberAccounts(result);
  process.stdout.write(`装入 ${result.rows} 行 (rows)\n`);
} else if (scenario === "college" && argument && /^\d+$/.test(argument)) {
  const college = await seedCollege(settings.OWNER_DATABASE_URL, { seed: Number(argument), keys });
  process.stdout.write(`${JSON.stringify(college)}\n`);
} else if (scenario === "scale" && members) {
  const options = { members, keys, tenantMembers, ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) };
  const result = await seedScale(settings.OWNER_DATABASE_URL, {
    ...options,
    onProgress: ({ members: done, of, rows, seconds }) =>
      process.stdout.write(`${done}/${of} 名党员 (members)，${rows} 行 (rows)，${Math.round(rows / seconds)} 行/秒\n`),
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  process.stderr.write(usage);
  process.exit(2);
}
