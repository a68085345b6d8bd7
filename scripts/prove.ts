import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startTestPostgres } from "@xianfeng/stack/testing";
import { Lanes, root, seed, suite } from "./lanes.ts";

/**
 * `npm run prove`: what takes too long for `npm test`: every fault again and again, on real engines. `npm run prove -- kill` runs the
 * proofs whose file names hold the word. Each folder with a `vitest.prove.config.ts` is a lane.
 */
const config = "vitest.prove.config.ts";
const filter = process.argv.slice(2).filter((word) => !word.startsWith("--"));

/** The folders that bring proofs, small parts first and the whole platform last. */
function folders(): string[] {
  const has = (folder: string) => readdirSync(join(root, folder)).includes(config);
  const below = (parent: string) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${parent}/${entry.name}`)
      .sort();
  return [...below("packages"), "warehouse", "cube", ...below("apps"), "e2e"].filter(has);
}

process.stdout.write(`SEED=${seed}${filter.length > 0 ? `  filter: ${filter.join(" ")}` : ""}\n`);
const postgres = await startTestPostgres();
const lanes = new Lanes({ XF_TEST_POSTGRES_URL: postgres.url });
try {
  await lanes.run(folders().map((folder) => suite(folder, filter, config)));
} finally {
  await postgres.stop();
}
process.exitCode = lanes.finish();
