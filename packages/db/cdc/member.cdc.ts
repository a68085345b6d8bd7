import type { Published } from "./published.ts";

export const member: Published[] = [
  { table: "person", purpose: "birth year, sex and education for structure figures; no names" },
  { table: "membership", purpose: "branch of record on a day" },
  { table: "person_status", purpose: "who is a full or probationary member on a day" },
  { table: "post", purpose: "who leads a branch, for duty figures" },
];
