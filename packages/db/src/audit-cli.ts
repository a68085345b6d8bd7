import { readSettings } from "@xianfeng/env";
import { type Anchor, verifyAudit } from "./audit-verify.ts";
import { createDb } from "./client.ts";

/**
 * `npm run audit:verify`: computes every seal of the trail anew and names the first that does not fit. Seals that were written down elsewhere
 * are given as `tenant:no:digest`. Exit code 1 when something does not fit.
 */
const usage = "用法 (usage): npm run audit:verify [-- <tenant>:<no>:<digest> …]\n";

function readAnchor(text: string): Anchor {
  const [, tenantId, no, digest] = /^(\d+):(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!digest) {
    process.stderr.write(usage);
    process.exit(2);
  }
  return { tenantId: Number(tenantId), no: Number(no), digest };
}

const anchors = process.argv.slice(2).map(readAnchor);
const db = createDb(readSettings(["OWNER_DATABASE_URL"]).OWNER_DATABASE_URL);
try {
  for (const { tenantId, seals, rows, waiting, newest, problem } of await verifyAudit(db, { anchors })) {
    const found = `${seals} 个封条 (seals)，${rows} 条记录 (rows)，${waiting} 条待封 (waiting)`;
    process.stdout.write(`${problem ? "✗" : "✓"} 租户 (tenant) ${tenantId}: ${found}\n`);
    if (problem) process.stdout.write(`  第${problem.no}号封条 (seal ${problem.no}): ${problem.text}\n`);
    // Kept on paper or in another system, this line shows later that nobody made the chain anew.
    if (newest)
      process.stdout.write(`  最新封条，请另存 (keep elsewhere): ${tenantId}:${newest.no}:${newest.digest}\n`);
    if (problem) process.exitCode = 1;
  }
} finally {
  await db.$disconnect();
}
