import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Where the tests' own build lies; inside the app, so that it finds its packages. */
export const buildFolder = join(import.meta.dirname, "../.react-router/build-test");

/** Builds the pages once for the run: the tests ask the same program that people do. */
export default async function setup(): Promise<void> {
  const app = join(import.meta.dirname, "..");
  const cli = join(app, "node_modules/@react-router/dev/bin.cjs");
  await promisify(execFile)(process.execPath, [cli, "build"], {
    cwd: app,
    env: { ...process.env, NODE_ENV: "production", INSIGHTS_BUILD_DIRECTORY: ".react-router/build-test" },
    timeout: 120_000,
  });
}
