import { parseArgs } from "node:util";
import { chaos } from "../packages/stream/test/chaos.ts";

/**
 * `npm run chaos -- --seed 7 --minutes 10`: random writes, changes of shape and faults against the stream, all from one seed, until
 * PostgreSQL and ClickHouse have come to rest equal. When they do not, the seed and every step are printed, and the exit code is 1.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    minutes: { type: "string", default: "10" },
    quiet: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const seconds = Number(values.minutes) * 60;
if (!Number.isSafeInteger(seed) || !(seconds > 0)) {
  process.stderr.write("用法 (usage): npm run chaos -- [--seed 7] [--minutes 10] [--quiet]\n");
  process.exit(2);
}
process.stdout.write(`seed ${seed}, ${values.minutes} min\n`);
try {
  const report = await chaos({
    seed,
    seconds,
    ...(values.quiet ? {} : { say: (line: string) => process.stdout.write(`${line}\n`) }),
  });
  process.stdout.write(`equal: ${JSON.stringify(report)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
