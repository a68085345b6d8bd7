/** What the semantic layer hands over for one query: its own names, the members' types, the shape that is asked for. */
export type TransformData = {
  aliasToMemberNameMap: Record<string, string>;
  annotation: Record<string, { type?: string }>;
  query: {
    dimensions?: string[];
    timeDimensions?: { dimension?: string; granularity?: string; dateRange?: string | string[] }[];
  };
  queryType: string;
  resType?: string;
};

/** Rows by column, as the wrapper serialises them. */
export type Columnar = { members: string[]; columns: unknown[][] };

type Cell = unknown;

const hidden = (column: string) =>
  new Error(
    `You requested hidden member: '${column}'. Please make it visible using \`public: true\`. Please note primaryKey fields are \`public: false\` by default: https://cube.dev/docs/schema/reference/joins#setting-a-primary-key.`,
  );

/** Times come out as local text with milliseconds; everything else as it is. */
function transformValue(value: Cell, type: string | undefined): Cell {
  if (value && typeof value === "object" && "value" in value) return transformValue(value.value, type);
  if (type !== "time" || typeof value !== "string" || value === "") return value ?? null;
  const text = value
    .trim()
    .replace(" ", "T")
    .replace(/(Z|[+-]00:?00)$/, "");
  const [day = "", clock = "00:00:00"] = text.split("T");
  const [seconds = "00:00:00", fraction = ""] = clock.split(".");
  return `${day}T${seconds.padEnd(8, ":00")}.${fraction.padEnd(3, "0").slice(0, 3)}`;
}

const firstTime = (data: TransformData) => data.query.timeDimensions?.[0];

function dateRangeOf(data: TransformData): string {
  const range = firstTime(data)?.dateRange;
  if (!Array.isArray(range))
    throw new Error(
      "Inconsistent QueryTimeDimension configuration for the compare date range query, dateRange required",
    );
  return range.join(" - ");
}

/** For blending: the key under which rows of several queries meet, and the member that fills it. */
function blending(data: TransformData): { key: string; member: string } {
  const time = firstTime(data);
  if (!time?.granularity || !time.dimension)
    throw new Error("Inconsistent QueryTimeDimension configuration for the blending query, granularity required");
  return { key: `time.${time.granularity}`, member: `${time.dimension}.${time.granularity}` };
}

type Member = { name: string; column: Cell[]; type: string | undefined };

/** The members of the answer in the order of the columns; a time with granularity also answers under its bare name. */
function membersOf(data: TransformData, { members, columns }: Columnar): Member[] {
  const list: Member[] = [];
  for (const [index, alias] of members.entries()) {
    const name = data.aliasToMemberNameMap[alias];
    const annotation = name === undefined ? undefined : data.annotation[name];
    if (name === undefined || !annotation) throw hidden(alias);
    const column = columns[index] ?? [];
    list.push({ name, column, type: annotation.type });
    const [cube, member, granularity] = name.split(".");
    const bare = `${cube}.${member}`;
    if (granularity !== undefined && !data.query.dimensions?.includes(bare))
      list.push({ name: bare, column, type: annotation.type });
  }
  return list;
}

/** Rows by column → the `data` of the JSON answer: rows of objects, or compact rows, or columns. */
export function transform(data: TransformData, columnar: Columnar): unknown {
  const members = membersOf(data, columnar);
  const count = columnar.columns[0]?.length ?? 0;
  const rows = Array.from({ length: count }, (_, row) =>
    members.map(({ column, type }) => transformValue(column[row], type)),
  );
  const names = members.map((member) => member.name);
  const extra = extraColumn(data, names);
  if (data.resType === "compact") {
    // A bare time name without an annotation of its own is listed among the members and has no cell.
    const shown = names.map((name) => data.annotation[name] !== undefined);
    const dataset = rows.map((row) => [...row.filter((_, index) => shown[index]), ...(extra ? [extra.of(row)] : [])]);
    return { members: count > 0 ? [...names, ...(extra ? [extra.name] : [])] : [], dataset };
  }
  if (data.resType === "columnar") {
    const all = [...names, ...(extra ? [extra.name] : [])];
    const full = rows.map((row) => [...row, ...(extra ? [extra.of(row)] : [])]);
    return { members: all, columns: all.map((_, index) => full.map((row) => row[index])) };
  }
  return rows.map((row) =>
    Object.fromEntries([
      ...names.map((name, index) => [name, row[index]]),
      ...(extra ? [[extra.name, extra.of(row)]] : []),
    ]),
  );
}

function extraColumn(data: TransformData, names: string[]): { name: string; of(row: Cell[]): Cell } | null {
  if (data.queryType === "compareDateRangeQuery") {
    const range = dateRangeOf(data);
    return { name: "compareDateRange", of: () => range };
  }
  if (data.queryType !== "blendingQuery") return null;
  const { key, member } = blending(data);
  const index = names.indexOf(member);
  return { name: key, of: (row) => row[index] };
}
