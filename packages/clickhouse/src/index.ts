export { type ClickHouse, type ClickHouseOptions, createClickHouse } from "./client.ts";
export type * from "./generated/rows.ts";
export { createSealReader, type SealReader } from "./seal.ts";
