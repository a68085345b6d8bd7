import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // The memory test again, with the transaction that it is named for.
    include: ["prove/**/*.prove.ts", "test/g05-memory.test.ts"],
    env: { BIG_ROWS: "1000000" },
    globalSetup: ["@xianfeng/stack/testing"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
  },
});
