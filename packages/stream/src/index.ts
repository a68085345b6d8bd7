export { type Log, silent } from "@xianfeng/service";
export { formatLsn, parseLsn, partsOf, versionOf } from "./lsn.ts";
export { type Difference, type ReconcileResult, reconcile } from "./reconcile.ts";
export { recover } from "./recover.ts";
export { startHealthServer } from "./server.ts";
export type { Status, StreamState } from "./status.ts";
export { type AppliedEvent, Stream, type StreamOptions } from "./stream.ts";
