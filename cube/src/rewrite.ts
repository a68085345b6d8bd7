import { previewPermission, ruleOf, type ViewRule } from "./access.ts";
import type { CubeClaims } from "./token.ts";

type Filter = {
  member?: string;
  dimension?: string;
  operator?: string;
  values?: string[];
  or?: Filter[];
  and?: Filter[];
};
export type Query = {
  measures?: string[];
  dimensions?: string[];
  segments?: string[];
  timeDimensions?: { dimension: string }[];
  filters?: Filter[];
  order?: unknown;
  ungrouped?: boolean;
  limit?: number | null;
  rowLimit?: number | null;
};

/** Refused: the words say nothing about what exists. */
export class Refused extends Error {
  override name = "UserError";
}

/** More rows than this are refused, never cut. */
export const mostRows = 50_000;

const memberNames = (query: Query): string[] => {
  const inFilters = (filters: Filter[]): string[] =>
    filters.flatMap((filter) => [
      // `dimension` is an older name for the same.
      ...(filter.member ? [filter.member] : []),
      ...(filter.dimension ? [filter.dimension] : []),
      ...inFilters(filter.or ?? []),
      ...inFilters(filter.and ?? []),
    ]);
  const plain = [
    ...(query.measures ?? []),
    ...(query.dimensions ?? []),
    ...(query.segments ?? []),
    ...(query.timeDimensions ?? []).map((time) => time.dimension),
    ...inFilters(query.filters ?? []),
    ...orderMembers(query.order),
  ];
  if (plain.some((name) => typeof name !== "string")) throw new Refused("only named members can be asked for");
  return plain;
};

/** Members by which an answer is sorted: sorting by something hidden would tell about it. */
function orderMembers(order: unknown): string[] {
  if (order === undefined || order === null) return [];
  if (!Array.isArray(order)) return Object.keys(order as object);
  return order.map((entry: unknown) => (Array.isArray(entry) ? entry[0] : (entry as { id?: unknown }).id) as string);
}

/** The one view that a query asks. Two views in one query could not be kept apart by scope. */
function viewOf(query: Query): { name: string; rule: ViewRule } {
  const names = new Set(memberNames(query).map((member) => member.split(".")[0] ?? ""));
  const [name, ...others] = names;
  const rule = name === undefined ? undefined : ruleOf(name);
  if (name === undefined || others.length > 0 || !rule) throw new Refused("one known view at a time");
  return { name, rule };
}

const equals = (member: string, ...values: string[]): Filter => ({ member, operator: "equals", values });

/** Rows inside the roots of the token. Without a root nothing matches. */
function scopeFilter(view: string, rule: ViewRule, claims: CubeClaims): Filter {
  if (rule.own && claims.permissions[0] === rule.own.permission) {
    if (!claims.personId) throw new Refused("no person in the token");
    return { and: [equals(`${view}.${rule.own.member}`, claims.personId), equals(`${view}.subject_kind`, "person")] };
  }
  if (claims.permissions[0] !== rule.permission && !(rule.runs && claims.permissions[0] === previewPermission))
    throw new Refused("the token is not for this view");
  if (claims.roots.length === 0) throw new Refused("no organisation in the token");
  return {
    or: claims.roots.map(({ level, orgId, below }) =>
      below ? equals(`${view}.scope_l${level}`, String(orgId)) : equals(`${view}.${rule.org}`, String(orgId)),
    ),
  };
}

/** Runs that a caller may read now: asked of PostgreSQL in the same request, so a retraction acts at once. */
export type ReadableRuns = (tenantId: number, runIds: string[] | null, previews: boolean) => Promise<string[]>;

/** Run ids that the query itself names, when it names any at its top level. */
function askedRuns(view: string, filters: Filter[]): string[] | null {
  const named = filters.find((filter) => filter.member === `${view}.run_id` && filter.operator === "equals");
  return named?.values ?? null;
}

/**
 * Adds to a query what the caller may see: tenant, the state of the tree that the token knows, organisations, readable runs.
 * Fails closed: whatever is missing or unknown is refused.
 */
export async function rewriteQuery(
  query: Query,
  claims: CubeClaims | undefined,
  readableRuns: ReadableRuns,
): Promise<Query> {
  if (!claims) throw new Refused("no scope");
  const { name, rule } = viewOf(query);
  if (query.ungrouped) throw new Refused("rows are given grouped only");
  if (rule.wall) refuseLooseWallQuery(name, query);
  const limit = query.limit ?? query.rowLimit;
  // Cube has put mostRows + 1 where the query gave no limit: one more than is allowed, so that the driver can tell that there are too many.
  if (limit != null && limit > mostRows + 1) throw new Refused(`at most ${mostRows} rows`);
  const filters: Filter[] = [
    equals(`${name}.tenant_id`, String(claims.tenantId)),
    equals(`${name}.tree_version`, claims.treeVersion),
    scopeFilter(name, rule, claims),
  ];
  if (rule.runs) {
    const runs = await readableRuns(
      claims.tenantId,
      askedRuns(name, query.filters ?? []),
      claims.permissions[0] === previewPermission,
    );
    // A filter without values would be no filter at all.
    filters.push(equals(`${name}.run_id`, ...(runs.length > 0 ? runs : ["none"])));
  }
  return { ...query, filters: [...(query.filters ?? []), ...filters] };
}

const wallFilters = ["org_id", "month", "measure", "category"];

/** Two answers that differ by one person would give that person away, so walls have fixed paths only: whole cells, picked by their key. */
function refuseLooseWallQuery(view: string, query: Query): void {
  for (const { member, dimension, operator } of query.filters ?? []) {
    const name = member ?? dimension;
    if (operator !== "equals" || !wallFilters.some((allowed) => name === `${view}.${allowed}`))
      throw new Refused(`a wall is filtered by ${wallFilters.join(", ")} only`);
  }
}
