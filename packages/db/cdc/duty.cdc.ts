import type { Published } from "./published.ts";

export const duty: Published[] = [
  { table: "rule_parameter", purpose: "the clause behind a figure" },
  { table: "obligation", purpose: "duties due, done in time, missed" },
];
