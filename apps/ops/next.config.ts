import { join } from "node:path";
import type { NextConfig } from "next";

// Nothing is sent anywhere by building or running this.
process.env.NEXT_TELEMETRY_DISABLED = "1";

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  images: { unoptimized: true },
  // The compiler here has no JavaScript interface for Next to call; `pnpm typecheck` runs it.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: join(import.meta.dirname, "../..") },
  transpilePackages: [
    "@xianfeng/auth",
    "@xianfeng/db",
    "@xianfeng/env",
    "@xianfeng/service",
    "@xianfeng/trpc",
    "@xianfeng/ui",
  ],
  serverExternalPackages: ["@node-rs/argon2", "pg", "exceljs"],
};

export default config;
