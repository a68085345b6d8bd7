import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["prove/**/*.prove.ts"],
    globalSetup: ["@xianfeng/stack/testing"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
  },
});
