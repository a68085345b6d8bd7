import type { Config } from "@react-router/dev/config";

export default {
  appDirectory: "app",
  basename: "/insights/",
  ssr: true,
  // Tests build beside a running platform without touching what it serves.
  buildDirectory: process.env.INSIGHTS_BUILD_DIRECTORY ?? "build",
  // All routes are known to the page from the start: no manifest endpoint that could be flooded with paths.
  routeDiscovery: { mode: "initial" },
} satisfies Config;
