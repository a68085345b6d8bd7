import type { Permission, Scope } from "@xianfeng/auth";
import type { z } from "zod";
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

/** One table for 看表格 and the CSV file: the same data as the picture. */
export type Sheet = { title: string; head: string[]; rows: (string | number | null)[][] };

/** A query that a page may ask for by name. `permission` is the only one that its token carries. */
export type NamedQuery<Params extends z.ZodType, Data> = {
  permission: Permission;
  params: Params;
  run(tools: QueryTools, params: z.output<Params>): Promise<Answer<Data>>;
  /** Present when the data can be taken away as CSV. */
  sheet?(data: Data): Sheet;
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
