import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["./src/setup.ts"],
    // One platform serves all files: two cores have no room for a second one.
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 360_000,
  },
});
