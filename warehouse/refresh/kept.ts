import type { ClickHouse } from "@xianfeng/clickhouse";

/** A table that dbt has made for the refresher (macros/kept.sql). */
export type KeptTable = {
  /** Within the database `intermediate`. */
  name: string;
  kept: "tenant" | "month";
  /** Kept tables that it is made of. */
  reads: string[];
  /** Landing tables whose changed rows touch their tenant. */
  changes: string[];
  /** One of those that it reads: what is touched there is touched here. */
  follows: string | null;
  /** A question that names touched parts and their touched pieces. */
  asks: string | null;
  /** How a part falls into pieces that can be computed alone. */
  pieces: Pieces | null;
  /** Names the version of the model, too. */
  comment: string;
};

/** `column` of the table names the piece; the view `from` says which pieces a value of the followed table's column `by` is in. */
export type Pieces = { column: string; by?: string; from?: string };

/** A part of a kept table: a tenant, with a month as 2026-11 where it is kept by month, else with none. */
export type Part = { tenant_id: number; month: string };

/** Of this part only these pieces need to be computed. */
export type PartPieces = Part & { pieces: string[] };

/** What is touched, for a table and for those that follow it. `since` is undefined when all parts are. */
export type Touched = { since: string | undefined; parts: Part[]; pieces?: PartPieces[] };

/** With more touched pieces whole parts are computed: naming them would take longer than it saves. */
const mostPieces = { ofPart: 100, inAll: 1_000 };

/** Tenants with changed rows, by landing table; -1 where a deleted row does not say whose it was. */
export type Changes = ReadonlyMap<string, readonly number[]>;

/** As ClickHouse writes it. */
export const literal = ({ tenant_id, month }: Part): string => `(${tenant_id},'${month}')`;

/** The tables that dbt has made for the refresher and that are there now. */
export async function readKeptTables(clickhouse: ClickHouse): Promise<KeptTable[]> {
  const rows = await clickhouse.query<{ name: string; comment: string }>(
    `SELECT name, comment FROM system.tables
     WHERE database = 'intermediate' AND startsWith(comment, '{') AND position(comment, '"kept"') > 0
       AND NOT match(name, '__(new|next|swap)$') ORDER BY name`,
  );
  return rows.map((row) => ({ ...(JSON.parse(row.comment) as Omit<KeptTable, "name" | "comment">), ...row }));
}

const newest = "(SELECT * FROM intermediate.int_applied ORDER BY _built_at DESC LIMIT 1) a";
/** What a table claims of the landing tables and of its own model: rows of other ones say nothing. */
const sources = "_sources + cityHash64(comment)";
const named = (tables: readonly KeptTable[]) =>
  `(SELECT arrayJoin([${tables.map(({ name, comment }) => `('${name}', '${comment}')`).join(", ")}]) AS pair, pair.1 AS name, pair.2 AS comment) t`;

/** Up to which version each table holds everything. Those of another model, or of landing tables made anew since, are not among them. */
export async function readSince(clickhouse: ClickHouse, tables: readonly KeptTable[]): Promise<Map<string, string>> {
  const rows = await clickhouse.query<{ name: string; landed: string }>(
    `SELECT name, toString(argMax(_landed, _built_at)) AS landed FROM intermediate.int_claim
     GROUP BY name
     HAVING (name, argMax(_sources, _built_at)) IN (SELECT name, ${sources} FROM ${newest} CROSS JOIN ${named(tables)})`,
  );
  return new Map(rows.map(({ name, landed }) => [name, landed]));
}

/** Says that tables hold everything up to the mark that was written down last. */
export async function claimRefreshed(clickhouse: ClickHouse, tables: readonly KeptTable[]): Promise<void> {
  await clickhouse.command(
    `INSERT INTO intermediate.int_claim SELECT name, _as_of, _as_of_lsn, _landed, ${sources}, now64(3, 'UTC')
     FROM ${newest} CROSS JOIN ${named(tables)}`,
  );
}

/** Whose rows have landed after a version, in the landing tables that the kept tables watch. */
export async function readChanges(
  clickhouse: ClickHouse,
  tables: readonly KeptTable[],
  since: string,
): Promise<Changes> {
  const watched = [...new Set(tables.flatMap(({ changes }) => changes))];
  const rows = await clickhouse.query<{ source: string; tenants: number[] }>(
    watched
      .map(
        (source) =>
          `SELECT '${source}' AS source, groupUniqArray(if(_deleted = 1, -1, ${source === "tenant" ? "id" : "tenant_id"})) AS tenants
           FROM raw.${source} WHERE _version > toUInt128('${since}')`,
      )
      .join(" UNION ALL "),
  );
  return new Map(rows.map(({ source, tenants }) => [source, tenants.map(Number)]));
}

/** Parts of a table that may have changed since it was last refreshed. */
export async function findTouched(
  clickhouse: ClickHouse,
  table: KeptTable,
  {
    since,
    changes,
    followed,
    pieces,
  }: {
    since: string | undefined;
    changes: Changes;
    followed: Touched | undefined;
    /** Pieces that the rows of the followed table touch which are other than before; undefined when that is not known. */
    pieces: readonly PartPieces[] | undefined;
  },
): Promise<Touched> {
  // A table that has come less far than the one it follows missed what was touched there in between.
  const knows = since !== undefined && (!table.follows || followed?.since === since);
  const tenants = new Set(table.changes.flatMap((source) => changes.get(source) ?? []));
  if (!knows || tenants.has(-1)) {
    const parts = await clickhouse.query<Part>(
      `SELECT DISTINCT tenant_id, ${table.kept === "month" ? "month" : "'' AS month"} FROM intermediate.${table.name}
       UNION DISTINCT SELECT * FROM intermediate.int_part_${table.kept}`,
    );
    return { since: knows ? since : undefined, parts };
  }
  const asked = await askTouched(clickhouse, table, since);
  const following = pieces ?? followed?.parts ?? [];
  const parts = [...asked, ...following, ...[...tenants].map((tenant_id) => ({ tenant_id, month: "" }))];
  const keys = new Map(
    parts
      .map(({ tenant_id, month }) => ({ tenant_id, month: table.kept === "month" ? month : "" }))
      .map((part) => [literal(part), part]),
  );
  // What makes a whole tenant be computed makes its pieces be computed, too.
  const alone = [...(pieces ?? []), ...(table.pieces ? fewOf(asked) : [])].filter(
    (part) => !tenants.has(part.tenant_id),
  );
  return { since, parts: [...keys.values()], pieces: alone };
}

const askTouched = async (clickhouse: ClickHouse, { asks }: KeptTable, since: string): Promise<PartPieces[]> =>
  asks
    ? clickhouse.query(
        `SELECT tenant_id, month, groupUniqArray(${mostPieces.ofPart + 1})(piece) AS pieces
         FROM intermediate.${asks}(since = '${since}') GROUP BY tenant_id, month`,
      )
    : [];

/** Parts of which few enough pieces are touched to compute these alone. */
function fewOf(asked: readonly PartPieces[]): PartPieces[] {
  const few = asked.filter(({ pieces }) => pieces.length <= mostPieces.ofPart);
  return few.reduce((sum, { pieces }) => sum + pieces.length, 0) <= mostPieces.inAll ? few : [];
}

/** Removes what a round that was cut off has left beside the tables. */
export async function dropLeftovers(clickhouse: ClickHouse): Promise<void> {
  const left = await clickhouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'intermediate' AND match(name, '__(next|swap)$')",
  );
  for (const { name } of left) await clickhouse.command(`DROP TABLE IF EXISTS intermediate.${name} SYNC`);
}
