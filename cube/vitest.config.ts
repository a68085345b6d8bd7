import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["@xianfeng/stack/testing"],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    printConsoleTrace: false,
  },
});
