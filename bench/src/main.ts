import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchBulk } from "./bulk.ts";
import { measured } from "./machine.ts";
import { benchMarts } from "./marts.ts";
import { benchPage } from "./page.ts";
import { benchRanking } from "./ranking.ts";
import { bringReference } from "./reference.ts";
import { type Results, render } from "./report.ts";
import { benchRival } from "./rival.ts";
import { benchStart } from "./start.ts";
import { benchStream } from "./stream.ts";

/**
 * `npm run bench`: measures every part beside its rival in the same run and writes bench/results/ and docs/benchmarks.md.
 * `npm run bench -- stream ranking` measures those only; what was measured before stays, with its own date.
 */
const parts: {
  [Part in keyof Results]-?: { seconds: number; work: () => Promise<NonNullable<Results[Part]>> };
} = {
  stream: {
    seconds: 170,
    work: () =>
      measured(async () => {
        const problem = bringReference();
        if (problem) process.stdout.write(`  pg_recvlogical: ${problem}\n`);
        return benchStream({ rows: 1_000_000, runs: 3, latencySeconds: 20 });
      }),
  },
  rival: { seconds: 400, work: () => measured(() => benchRival()) },
  bulk: { seconds: 70, work: () => measured(() => benchBulk()) },
  ranking: { seconds: 90, work: () => measured(() => benchRanking()) },
  large: { seconds: 480, work: () => measured(() => benchRanking({ thousands: 10_000, refreshes: 3 })) },
  marts: { seconds: 110, work: () => measured(() => benchMarts({ members: sizeOfMarts() })) },
  page: { seconds: 100, work: () => measured(() => benchPage()) },
  start: { seconds: 110, work: () => measured(() => benchStart()) },
};

/** 34,000 members have a million attendance rows; `XF_BENCH_MEMBERS=340000` measures ten million, which takes about ten times as long. */
function sizeOfMarts(): number {
  const given = Number(process.env.XF_BENCH_MEMBERS ?? "34000");
  if (!(given >= 1_000)) throw new Error("XF_BENCH_MEMBERS is at least 1000");
  return given;
}

const root = join(import.meta.dirname, "../..");
const folder = join(root, "bench/results");
const file = join(folder, "latest.json");
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = asked.filter((word) => !Object.hasOwn(parts, word));
if (unknown.length > 0) {
  process.stderr.write(
    `没有 (unknown): ${unknown.join(", ")}。usage: npm run bench -- [${Object.keys(parts).join(" ")}]\n`,
  );
  process.exit(2);
}

mkdirSync(folder, { recursive: true });
const results: Results = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : {};
const chosen = (Object.keys(parts) as (keyof Results)[]).filter((part) => asked.length === 0 || asked.includes(part));
const expected = chosen.reduce((sum, part) => sum + parts[part].seconds, 0);
process.stdout.write(`${chosen.join(", ")}: about ${Math.ceil(expected / 60)} min on two free cores\n`);
let failed = 0;
for (const part of chosen) {
  process.stdout.write(`${part} (about ${parts[part].seconds} s) …\n`);
  try {
    const result = await parts[part].work();
    Object.assign(results, { [part]: result });
    const text = `${JSON.stringify(results, null, 2)}\n`;
    writeFileSync(file, text);
    writeFileSync(join(folder, `${result.circumstances.date.replaceAll(/[ :]/g, "-")}-${part}.json`), text);
    process.stdout.write(`${JSON.stringify(result.figures)}\n`);
  } catch (error) {
    failed += 1;
    process.stderr.write(`${part}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
}
writeFileSync(join(root, "docs/benchmarks.md"), render(results));
process.exit(failed > 0 ? 1 : 0);
