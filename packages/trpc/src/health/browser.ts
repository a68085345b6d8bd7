export { bytes, duration } from "@xianfeng/service/alarms";
export type { PartName, PartState } from "./health.rules.ts";
