import { holds, type Permission, type Scope } from "@xianfeng/auth";

/** Where each reader begins: the first page that he may open. */
const starts: readonly (readonly [Permission, string])[] = [
  ["ranking.read", "/ranking"],
  ["report.read", "/reports"],
  ["cockpit.read", "/cockpit"],
  ["report.read_own", "/mine"],
];

export const startPage = (scope: Scope): string | null =>
  starts.find(([permission]) => holds(scope, permission))?.[1] ?? null;
