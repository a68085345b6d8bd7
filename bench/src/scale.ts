import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { measured } from "./machine.ts";
import { measureSize } from "./scale-measure.ts";
import { drawScale } from "./scale-picture.ts";
import { renderScale, type ScaleResults } from "./scale-report.ts";

/**
 * `npm run scale`: fills a platform of its own with more and more members and writes how everything grows into bench/results/,
 * docs/scaling.md (between its marks) and docs/pictures/scaling.svg. `-- --members 10000,100000` chooses sizes, `-- --minutes 20` how
 * long it may take: a size that does not fit is left out and named. `-- --members 300000 --times 12` loads 300,000 and makes of their rows,
 * inside ClickHouse, those of 3,600,000. What was measured before stays, with its own date.
 */
const { values } = parseArgs({
  options: {
    members: { type: "string", default: "10000,30000,100000,300000,1000000,4000000" },
    times: { type: "string", default: "1" },
    minutes: { type: "string", default: "20" },
    rounds: { type: "string", default: "30" },
    "disk-gb": { type: "string", default: "35" },
  },
});
const sizes = values.members
  .split(",")
  .map(Number)
  .sort((a, b) => a - b);
const times = Number(values.times);
const [minutes, rounds, diskGb] = [Number(values.minutes), Number(values.rounds), Number(values["disk-gb"])];
if (![...sizes, minutes, rounds, diskGb].every((value) => value > 0) || !Number.isInteger(times) || times < 1) {
  process.stderr.write(
    "usage: npm run scale -- [--members 10000,100000] [--times 1] [--minutes 20] [--rounds 30] [--disk-gb 35]\n",
  );
  process.exit(2);
}

const root = join(import.meta.dirname, "../..");
const file = join(root, "bench/results/scale.json");
mkdirSync(join(root, "bench/results"), { recursive: true });
const results: ScaleResults = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as ScaleResults)
  : { runs: [], leftOut: [] };

// As seen on two cores. How many times longer this machine takes, what this run measures tells.
const expected = (loaded: number) => 45 + loaded * 0.0012 + loaded * (times - 1) * 0.0006;
let slowness = 1;
// Tables, indexes, landing tables, marts twice while one is computed; and PostgreSQL's log. A copied member is in ClickHouse alone.
const bytesPerMember = 26_000 + (times - 1) * 9_000;
const logBytes = 8e9;

const began = performance.now();
const secondsLeft = () => minutes * 60 - (performance.now() - began) / 1000;
const estimate = (loaded: number) => Math.round(expected(loaded) * slowness);
const minutesOf = (seconds: number) => `${Math.max(1, Math.round(seconds / 60))} min`;

/** Why a size does not fit; undefined when it does. */
function obstacle(loaded: number): string | undefined {
  const needed = loaded * bytesPerMember + Math.min(logBytes, loaded * 20_000);
  const { bavail, bsize } = statfsSync(tmpdir());
  const room = Math.min(diskGb * 1e9, bavail * bsize - 5e9);
  if (needed > room)
    return `It would need about ${Math.ceil(needed / 1e9)} GB of disk, and ${Math.floor(room / 1e9)} GB were allowed or free.`;
  if (estimate(loaded) > secondsLeft())
    return `It would take about ${minutesOf(estimate(loaded))}, and of ${minutes} minutes ${minutesOf(secondsLeft())} were left.`;
  return undefined;
}

let failed = 0;
for (const loaded of sizes) {
  const members = loaded * times;
  const reason = obstacle(loaded);
  results.leftOut = results.leftOut.filter((one) => one.members !== members);
  if (reason) {
    process.stdout.write(`${members} members: left out. ${reason}\n`);
    if (!results.runs.some(({ figures }) => figures.members === members)) results.leftOut.push({ members, reason });
    continue;
  }
  process.stdout.write(
    `${members} members: about ${minutesOf(estimate(loaded))}, load average ${loadavg()[0]?.toFixed(1)}\n`,
  );
  try {
    const run = await measured(() =>
      measureSize(loaded, { rounds, changes: 5, times, withinSeconds: Math.max(120, secondsLeft() + 60) }, (line) =>
        process.stdout.write(`  ${new Date().toISOString().slice(11, 19)} ${line}\n`),
      ),
    );
    slowness = run.figures.seconds / expected(loaded);
    results.runs = [...results.runs.filter(({ figures }) => figures.members !== members), run].sort(
      (a, b) => a.figures.members - b.figures.members,
    );
    process.stdout.write(`  ${JSON.stringify(run)}\n`);
  } catch (error) {
    failed += 1;
    process.stderr.write(`${members} members: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  }
  writeDown();
}
writeDown();
process.exit(failed > 0 ? 1 : 0);

function writeDown(): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  const page = join(root, "docs/scaling.md");
  const [begin, end] = ["<!-- measured by `npm run scale` -->", "<!-- end of what was measured -->"];
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/scaling.md has lost its marks ${begin} … ${end}`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${renderScale(results)}\n\n${text.slice(to)}`);
  if (results.runs.length > 0)
    writeFileSync(join(root, "docs/pictures/scaling.svg"), drawScale(results.runs.map(({ figures }) => figures)));
}
