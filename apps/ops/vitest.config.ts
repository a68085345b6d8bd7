import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${import.meta.dirname}/` },
      // Next replaces this import by an error in browser code; here everything is the server.
      { find: "server-only", replacement: join(import.meta.dirname, "test/server-only.ts") },
    ],
  },
  test: {
    globalSetup: ["@xianfeng/stack/testing"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    exclude: ["node_modules/**", ".next/**"],
  },
});
