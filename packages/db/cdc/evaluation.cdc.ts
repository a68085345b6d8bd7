import type { Published } from "./published.ts";

export const evaluation: Published[] = [
  { table: "indicator", purpose: "definitions of the indicators" },
  { table: "scheme_version", purpose: "weights, tie rule and top share of a run" },
  { table: "scheme_item", purpose: "weight of an indicator in a version" },
  { table: "evaluation_period", purpose: "first and last day of a period" },
  { table: "evaluation_branch", purpose: "which branches are evaluated in a period" },
  { table: "evaluation_entry", purpose: "imported values" },
  { table: "evaluation_run", purpose: "which computations are open, which sealed" },
  { table: "evaluation_value", purpose: "sealed inputs, shown instead of computed ones" },
  { table: "evaluation_result", purpose: "sealed ranks, shown instead of computed ones" },
];
