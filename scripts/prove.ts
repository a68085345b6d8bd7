import { startTestPostgres } from "@xianfeng/stack/testing";
import { foldersWith, Lanes, seed, suite } from "./lanes.ts";

/**
 * `npm run prove`: what takes too long for `npm test`: every fault again and again, on real engines. `npm run prove -- kill` runs the
 * proofs whose file names hold the word. Each folder with a `vitest.prove.config.ts` is a lane.
 */
const config = "vitest.prove.config.ts";
const filter = process.argv.slice(2).filter((word) => !word.startsWith("--"));

process.stdout.write(`SEED=${seed}${filter.length > 0 ? `  filter: ${filter.join(" ")}` : ""}\n`);
const postgres = await startTestPostgres();
const lanes = new Lanes({ XF_TEST_POSTGRES_URL: postgres.url });
try {
  await lanes.run(foldersWith(config).map((folder) => suite(folder, filter, config)));
} finally {
  await postgres.stop();
}
process.exitCode = lanes.finish();
