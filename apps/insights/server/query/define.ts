import type { Permission, Scope } from "@xianfeng/auth";
import type { z } from "zod";
import type { Sheet } from "../../sheet/sheet.ts";
import type { CubeQuery } from "../cube/client.ts";
import type { Domain } from "../domain.ts";

/** What a named query may use: Cube with a token of its one permission, names at the edge, the clock. */
export type QueryTools = {
  scope: Scope;
  domain: Domain;
  today: string;
  /** Rows of a Cube query, asked with the permission of the named query and no other. */
  cube<Row>(query: CubeQuery, row: z.ZodType<Row>): Promise<Row[]>;
};

/** How fresh the rows are: the commit time and WAL position up to which they are complete. null = the mart did not say. */
export type Freshness = { asOf: string | null; asOfLsn: string | null };

export type Answer<Data> = Freshness & { data: Data };

export type { Sheet };

/** Whose names a file holds. Taking it away is written into the trail, and every file says who took it. */
export type Named = { subjectKind: "evaluation_run" | "meeting"; subjectId: string; orgId: number; source: string };

/** A query that a page may ask for by name. `permission` is the only one that its token carries. */
export type NamedQuery<Params extends z.ZodType, Data> = {
  permission: Permission;
  params: Params;
  run(tools: QueryTools, params: z.output<Params>): Promise<Answer<Data>>;
  /** Present when the data can be taken away as CSV. */
  sheet?(data: Data): Sheet;
  /** Present when the sheet may hold names of people; null when this reader sees none. */
  named?(data: Data): Named | null;
};

export const defineQuery = <Params extends z.ZodType, Data>(
  query: NamedQuery<Params, Data>,
): NamedQuery<Params, Data> => query;

/** The oldest of several: a page never claims to be fresher than its oldest part. */
export function oldest(parts: readonly Freshness[]): Freshness {
  const known = parts.filter(
    (part): part is { asOf: string; asOfLsn: string } => part.asOf !== null && part.asOfLsn !== null,
  );
  const first = [...known].sort((a, b) => (BigInt(a.asOfLsn) < BigInt(b.asOfLsn) ? -1 : 1))[0];
  return first ? { asOf: first.asOf, asOfLsn: first.asOfLsn } : { asOf: null, asOfLsn: null };
}
