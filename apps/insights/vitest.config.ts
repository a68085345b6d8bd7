import { defineConfig } from "vitest/config";
import { semanticLayer } from "./semantic/plugin.ts";

export default defineConfig({
  plugins: [semanticLayer()],
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    globalSetup: ["@xianfeng/stack/testing", "./test/build.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
