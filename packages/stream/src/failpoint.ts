import { failPoint as killAt } from "@xianfeng/service";

/** Places at which a test may kill the process, each named after what has just happened. */
export type FailPoint = "decoded" | "batched" | "inserted" | "moved" | "before_confirm" | "snapshot";

export const failPoint = (name: FailPoint): void => killAt(name);
