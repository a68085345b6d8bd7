/** What Cube's gateway hands to its native part with every answer: raw columns, and how to name and type them. */
export type TransformRequest = {
  aliasToMemberNameMap: Record<string, string>;
  annotation: Record<string, { type?: string } | undefined>;
  query: NormalizedQuery;
  queryType?: "regularQuery" | "compareDateRangeQuery" | "blendingQuery";
  resType?: "default" | "compact" | "columnar";
};
export type TimeDimension = { dimension: string; granularity?: string | null; dateRange?: string | string[] | null };
export type NormalizedQuery = {
  measures?: unknown[];
  dimensions?: unknown[];
  timeDimensions?: TimeDimension[];
  [other: string]: unknown;
};
export type Columns = { members: string[]; columns: unknown[][] };
export type Dataset =
  | Record<string, unknown>[]
  | { members: string[]; dataset: unknown[][] }
  | { members: string[]; columns: unknown[][] };

const granularityOrder = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
const coarseness = (granularity: string) => {
  const place = granularityOrder.indexOf(granularity);
  return place === -1 ? granularityOrder.length : place;
};

const hidden = (name: string) =>
  `You requested hidden member: '${name}'. Please make it visible using \`public: true\`. ` +
  "Please note primaryKey fields are `public: false` by default: https://cube.dev/docs/schema/reference/joins#setting-a-primary-key.";

const withZone = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|[+-]\d\d:\d\d| UTC| [+-]\d\d:\d\d)$/;
const withoutZone = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?|T(\d\d:\d\d:\d\d))$/;

/** A value as it goes over the wire: times get the form `2026-01-31T08:00:00.000`, without a zone; all else stays, NULL too. */
export function transformValue(value: unknown, type: string | undefined): unknown {
  if (value === undefined) return null;
  if (type !== "time" || typeof value !== "string") return value;
  const found = withZone.exec(value) ?? withoutZone.exec(value);
  if (!found) return value;
  const time = found[2] ?? found[4];
  return `${found[1]}T${time}.${(found[3] ?? "").slice(0, 3).padEnd(3, "0")}`;
}

/** The members of an answer in order, each with the column that holds it. */
function membersOf(request: TransformRequest, raw: Columns): { member: string; column: number }[] {
  const { annotation, aliasToMemberNameMap, query, queryType } = request;
  if (raw.members.length === 0) {
    requireVisible(request);
    return [];
  }
  const found = raw.members.map((alias, column) => {
    const member = aliasToMemberNameMap[alias];
    if (member === undefined || !annotation[member]) throw new Error(hidden(alias));
    return { member, column };
  });
  const finest = new Map<string, { level: number; column: number }>();
  for (const { member, column } of found) {
    const [cube, name, granularity] = member.split(".");
    const plain = `${cube}.${name}`;
    if (granularity === undefined || query.dimensions?.includes(plain)) continue;
    const known = finest.get(plain);
    const level = coarseness(granularity);
    if (!known || known.level >= level) finest.set(plain, { level, column });
  }
  const members = [...found, ...[...finest].map(([member, { column }]) => ({ member, column }))];
  if (queryType === "blendingQuery") {
    const { key, response } = blendingNames(query.timeDimensions);
    const source = members.find(({ member }) => member === response);
    if (source) members.push({ member: key, column: source.column });
  }
  return members;
}

/** An empty answer must not hide that a member may not be seen. */
function requireVisible({ query, annotation }: TransformRequest): void {
  const named = [...(query.measures ?? []), ...(query.dimensions ?? [])].flatMap((member) => {
    if (typeof member === "string") return [member];
    const { name } = member as { name?: unknown };
    return typeof name === "string" ? [name] : [];
  });
  for (const member of [...named, ...(query.timeDimensions ?? []).map((dimension) => dimension.dimension)]) {
    if (!annotation[member]) throw new Error(hidden(member));
  }
}

function dateRangeText(dimensions: TimeDimension[] | undefined): string {
  const range = dimensions?.[0]?.dateRange;
  if (!Array.isArray(range) || range.length < 2) {
    throw new Error("Inconsistent dateRange configuration for the compare date range query.");
  }
  return range.join(" - ");
}

function blendingNames(dimensions: TimeDimension[] | undefined): { key: string; response: string } {
  const first = dimensions?.[0];
  if (!first?.granularity) throw new Error("A blending query needs a time dimension with a granularity.");
  return { key: `time.${first.granularity}`, response: `${first.dimension}.${first.granularity}` };
}

/** Raw columns → the `data` of an answer, in the form that the query asked for. */
export function transformData(request: TransformRequest, raw: Columns): Dataset {
  const members = membersOf(request, raw);
  const count = raw.columns[0]?.length ?? 0;
  const extra =
    request.queryType === "compareDateRangeQuery" && raw.members.length > 0
      ? [{ name: "compareDateRange", value: dateRangeText(request.query.timeDimensions) }]
      : [];
  const columns = members.map(({ member, column }) => {
    const type = (
      request.annotation[member] ?? request.annotation[request.aliasToMemberNameMap[raw.members[column] ?? ""] ?? ""]
    )?.type;
    return (raw.columns[column] ?? []).map((value) => transformValue(value, type));
  });
  const names = [...members.map(({ member }) => member), ...extra.map(({ name }) => name)];
  const wide = [...columns, ...extra.map(({ value }) => new Array<unknown>(count).fill(value))];
  if (request.resType === "columnar") return { members: names, columns: wide };
  const rows = Array.from({ length: count }, (_, row) => wide.map((column) => column[row]));
  if (request.resType === "compact") return { members: names, dataset: rows };
  return rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));
}

type ResultFrame = Record<string, unknown> & { query?: NormalizedQuery };

const withoutMissing = (frame: ResultFrame) =>
  Object.fromEntries(Object.entries(frame).filter(([, value]) => value !== null && value !== undefined));

const parse = (raw: Buffer): Columns => JSON.parse(raw.toString("utf8")) as Columns;
const bytes = (answer: unknown): ArrayBuffer => {
  const encoded = new TextEncoder().encode(JSON.stringify(answer));
  return encoded.buffer.slice(encoded.byteOffset, encoded.byteOffset + encoded.byteLength) as ArrayBuffer;
};

/** The JSON of one answer. */
export async function finalQueryResult(
  request: TransformRequest,
  raw: Buffer,
  frame: ResultFrame,
): Promise<ArrayBuffer> {
  return bytes({ ...withoutMissing(frame), data: transformData(request, parse(raw)) });
}

/** The JSON of several answers in one request. */
export async function finalQueryResultMulti(
  requests: TransformRequest[],
  raw: Buffer[],
  frame: { queryType: string; results: ResultFrame[]; slowQuery: boolean },
): Promise<ArrayBuffer> {
  const results = frame.results.map((result, index) => {
    const [request, rows] = [requests[index], raw[index]];
    if (!request || !rows) throw new Error("fewer answers than queries");
    return { ...withoutMissing(result), data: transformData(request, parse(rows)) };
  });
  const queries = frame.results.map((result) => result.query ?? {});
  return bytes({
    queryType: frame.queryType,
    results,
    pivotQuery: pivotQuery(frame.queryType, queries),
    slowQuery: frame.slowQuery,
  });
}

function pivotQuery(queryType: string, queries: NormalizedQuery[]): NormalizedQuery {
  const first = queries[0] ?? {};
  if (queryType === "compareDateRangeQuery") {
    return { ...first, dimensions: ["compareDateRange", ...(first.dimensions ?? [])], queryType };
  }
  if (queryType !== "blendingQuery") return { ...first, queryType };
  const union = (name: "measures" | "dimensions") => [...new Set(queries.flatMap((query) => query[name] ?? []))];
  const granularity = queries.flatMap((query) => query.timeDimensions?.[0]?.granularity ?? [])[0];
  return {
    ...first,
    measures: union("measures"),
    dimensions: union("dimensions"),
    ...(granularity ? { timeDimensions: [{ dimension: "time", granularity }] } : {}),
    queryType,
  };
}
