export { failPoint } from "./failpoint.ts";
export { createLog, type Level, type Log, silent } from "./log.ts";
export { listen, sendJson, sendText } from "./pages.ts";
