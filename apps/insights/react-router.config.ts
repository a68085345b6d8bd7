import type { Config } from "@react-router/dev/config";

export default {
  appDirectory: "app",
  basename: "/insights/",
  ssr: true,
  // All routes are known to the page from the start: no manifest endpoint that could be flooded with paths.
  routeDiscovery: { mode: "initial" },
} satisfies Config;
