import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@xianfeng/trpc";

/** What procedures answer and take, by slice and name: `RouterOutputs["member"]["detail"]`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;
export type RouterInputs = inferRouterInputs<AppRouter>;
