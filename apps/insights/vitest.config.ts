import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    globalSetup: ["@xianfeng/stack/testing", "./test/build.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
