export { type ClickHouse, type ClickHouseOptions, createClickHouse, dropsLarge } from "./client.ts";
export type * from "./generated/rows.ts";
export { createSealReader, type SealReader } from "./seal.ts";
