export { failPoint } from "./failpoint.ts";
export { createLog, type Level, type Log, silent } from "./log.ts";
export { listen, openEvents, sendJson, sendMetrics, sendText } from "./pages.ts";
export { type Beat, createPulse, type Pulse, readBeat } from "./pulse.ts";
