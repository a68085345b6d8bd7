import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // The kills again, thirty of them.
    include: ["prove/**/*.prove.ts", "test/kill.test.ts"],
    env: { KILL_ROUNDS: "30" },
    globalSetup: ["./src/setup.ts"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
  },
});
