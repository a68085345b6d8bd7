import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measured } from "./machine.ts";
import { benchPage } from "./page.ts";
import { benchRanking } from "./ranking.ts";
import { bringReference } from "./reference.ts";
import { type Results, render } from "./report.ts";
import { benchStream } from "./stream.ts";

/**
 * `npm run bench`: measures every part beside its rival in the same run and writes bench/results/ and docs/benchmarks.md.
 * `npm run bench -- stream ranking` measures those only; what was measured before stays, with its own date.
 */
const parts: { [Part in keyof Results]-?: () => Promise<NonNullable<Results[Part]>> } = {
  stream: () =>
    measured(async () => {
      const problem = bringReference();
      if (problem) process.stdout.write(`  pg_recvlogical: ${problem}\n`);
      return benchStream({ rows: 200_000, runs: 3, latencySeconds: 20 });
    }),
  ranking: () => measured(() => benchRanking()),
  page: () => measured(() => benchPage()),
};

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
let failed = 0;
for (const part of Object.keys(parts) as (keyof Results)[]) {
  if (asked.length > 0 && !asked.includes(part)) continue;
  process.stdout.write(`${part} …\n`);
  try {
    const result = await parts[part]();
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
