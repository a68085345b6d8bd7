import { duty } from "./duty.cdc.ts";
import { evaluation } from "./evaluation.cdc.ts";
import { meeting } from "./meeting.cdc.ts";
import { member } from "./member.cdc.ts";
import { org } from "./org.cdc.ts";
import type { Published } from "./published.ts";

export { forbiddenColumns, type Published } from "./published.ts";

/** Every published table, parents before children: the order of the first copy. */
export const publishedTables: Published[] = [...org, ...member, ...meeting, ...duty, ...evaluation];
