export { healthRouter } from "./health.router.ts";
export { platformMetrics } from "./metrics.ts";
export { createPlatform, type PlatformAddresses } from "./pages.ts";
