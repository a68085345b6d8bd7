import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { globalSetup: ["@xianfeng/stack/testing"], testTimeout: 120_000, hookTimeout: 240_000 },
});
