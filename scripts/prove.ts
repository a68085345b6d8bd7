import { startTestPostgres } from "@xianfeng/stack/testing";
import { foldersWith, Lanes, seed, suite } from "./lanes.ts";
import { writeReliability } from "./reliability.ts";

/**
 * `npm run prove`: every promise, on real engines: the tests of `npm test` that are named after one, then what takes too long for
 * that lane: every fault again and again, ten minutes without ClickHouse, chaos. Writes docs/reliability.md. `npm run prove -- kill` runs
 * the long proofs whose file names hold the word and brings their lines up to date; `-- --named` only the tests of `npm test`. Each folder
 * with a `vitest.prove.config.ts` is a lane.
 */
const config = "vitest.prove.config.ts";
const named = ["--testNamePattern", "(^| )(G|FA)\\d+[,:–]"];
const isNamedOnly = process.argv.includes("--named");
const filter = process.argv.slice(2).filter((word) => !word.startsWith("--"));

process.stdout.write(`SEED=${seed}${filter.length > 0 ? `  filter: ${filter.join(" ")}` : ""}\n`);
const postgres = await startTestPostgres();
const lanes = new Lanes({ XF_TEST_POSTGRES_URL: postgres.url });
try {
  if (filter.length === 0) await lanes.run(foldersWith("vitest.config.ts").map((folder) => suite(folder, named)));
  if (!isNamedOnly) await lanes.run(foldersWith(config).map((folder) => suite(folder, filter, config)));
} finally {
  await postgres.stop();
}
writeReliability(lanes.tests, { isWhole: filter.length === 0 && !isNamedOnly });
process.exitCode = lanes.finish();
