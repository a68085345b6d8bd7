import type { Published } from "./published.ts";

export const org: Published[] = [
  { table: "tenant", purpose: "which tree version the scope levels of a mart belong to" },
  { table: "party_org", purpose: "today's tree: scope, drill-down, names of organisations" },
  { table: "org_version", purpose: "the tree as it was on a day" },
  { table: "org_succession", purpose: "where the members of a merged branch count" },
];
