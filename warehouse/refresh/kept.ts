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
  /** A question that names touched parts. */
  asks: string | null;
  /** How a tenant falls into pieces, for when only rows of the table that it follows are other than before. */
  pieces: Pieces | null;
  /** Names the version of the model, too. */
  comment: string;
};

/** `column` of the table names the piece; the view `from` says which pieces a value of the followed table's column `by` is in. */
type Pieces = { column: string; by: string; from: string };

/** A part of a kept table: a tenant, with a month as 2026-11 where it is kept by month, else with none. */
export type Part = { tenant_id: number; month: string };

/**
 * What is touched, for a table and for those that follow it. `since` is undefined when all parts are. `pieces`: tenants of which only
 * these pieces need to be computed.
 */
export type Touched = { since: string | undefined; parts: Part[]; pieces?: Map<number, number[]> };

/** Tenants with changed rows, by landing table; -1 where a deleted row does not say whose it was. */
export type Changes = ReadonlyMap<string, readonly number[]>;

// The models rely on the first: an outer join without a partner yields NULL. A second thread costs processor time
// and the ranking is not done sooner by it (measured); tables that do not need each other use the other cores.
const settings = "SETTINGS join_use_nulls = 1, max_threads = 1, max_partitions_per_insert_block = 0";
/** Parts computed in one statement when much has changed: more would take more memory, fewer more statements. */
const atOnce = (parts: number) => Math.max(6, Math.ceil(parts / 200));

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
    pieces: ReadonlyMap<number, number[]> | undefined;
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
  const asked = table.asks
    ? await clickhouse.query<Part>(`SELECT * FROM intermediate.${table.asks}(since = '${since}')`)
    : [];
  // What makes a whole tenant be computed makes its pieces be computed, too.
  const alone = new Map([...(pieces ?? [])].filter(([tenant]) => !tenants.has(tenant)));
  const following = pieces ? [...alone.keys()].map((tenant_id) => ({ tenant_id, month: "" })) : followed?.parts;
  const parts = [...asked, ...(following ?? []), ...[...tenants].map((tenant_id) => ({ tenant_id, month: "" }))];
  const keys = new Map(
    parts.map((part) => (table.kept === "month" ? part : { ...part, month: "" })).map((part) => [literal(part), part]),
  );
  return { since, parts: [...keys.values()], pieces: alone };
}

/**
 * Computes parts of a table and puts them in the place of the present ones. All months of a tenant change at once.
 * @param whenComputed is called while the former rows and the new ones (`<name>__next`) are both there
 */
export async function refreshParts(
  clickhouse: ClickHouse,
  table: KeptTable,
  { parts, pieces }: Touched,
  whenComputed: () => Promise<void>,
): Promise<void> {
  const live = `intermediate.${table.name}`;
  const [next, swap] = [`${live}__next`, `${live}__swap`];
  await clickhouse.command(`CREATE TABLE ${next} AS ${live}`);
  const whole = parts.filter(({ tenant_id }) => !pieces?.has(tenant_id));
  await computeParts(clickhouse, table, whole, next);
  if (table.pieces && pieces && pieces.size > 0) await computePieces(clickhouse, table, pieces, next);
  const filled = await readComputed(clickhouse, table);
  await whenComputed();
  const isOneEach = new Set(parts.map((part) => part.tenant_id)).size === parts.length;
  if (isOneEach) {
    await replaceParts(clickhouse, table, parts, filled, live);
  } else {
    // Costs something for each part that there is, so only where several months of a tenant must change together.
    await clickhouse.command(`CREATE TABLE ${swap} CLONE AS ${live}`);
    await replaceParts(clickhouse, table, parts, filled, swap);
    await clickhouse.command(`EXCHANGE TABLES ${swap} AND ${live}`);
    await clickhouse.command(`DROP TABLE ${swap} SYNC`);
  }
  await clickhouse.command(`DROP TABLE ${next} SYNC`);
}

async function replaceParts(
  clickhouse: ClickHouse,
  table: KeptTable,
  parts: readonly Part[],
  filled: ReadonlySet<string>,
  into: string,
): Promise<void> {
  for (const part of parts) {
    const id = table.kept === "month" ? literal(part) : String(part.tenant_id);
    await clickhouse.command(
      filled.has(id)
        ? `ALTER TABLE ${into} REPLACE PARTITION ${id} FROM intermediate.${table.name}__next`
        : `ALTER TABLE ${into} DROP PARTITION ${id}`,
    );
  }
}

/** Computes parts of a table from what it is made of and puts them `into` another one of its shape. */
export async function computeParts(
  clickhouse: ClickHouse,
  table: Pick<KeptTable, "name" | "pieces">,
  parts: readonly Part[],
  into: string,
): Promise<void> {
  const size = atOnce(parts.length);
  for (let at = 0; at < parts.length; at += size) {
    await clickhouse.command(
      `INSERT INTO ${into} SELECT * FROM ${rowsOf(table, parts.slice(at, at + size))} ${settings}`,
    );
  }
}

/** What a table should hold of some parts, to be read from: computed whole, or some pieces of it. */
export function rowsOf(
  { name, pieces: fallsInto }: Pick<KeptTable, "name" | "pieces">,
  parts: readonly Part[],
  pieces: readonly number[] = [],
): string {
  const wanted = `parts = [${parts.map(literal).join(", ")}]`;
  return `intermediate.${name}__rows(${fallsInto ? `${wanted}, pieces = [${pieces.join(", ")}]` : wanted})`;
}

/** Computes some pieces of each tenant and copies the others as they are. */
async function computePieces(
  clickhouse: ClickHouse,
  table: KeptTable,
  pieces: ReadonlyMap<number, number[]>,
  into: string,
): Promise<void> {
  const tenants = [...pieces.keys()];
  const touched = [...pieces.values()].flat();
  const copying = clickhouse.command(
    `INSERT INTO ${into} SELECT * FROM intermediate.${table.name}
     WHERE tenant_id IN (${tenants.join(", ")}) AND NOT has([${touched.join(", ")}], ${table.pieces?.column}) ${settings}`,
  );
  const computing = async () => {
    const size = atOnce(tenants.length);
    for (let at = 0; at < tenants.length; at += size) {
      const some = tenants.slice(at, at + size);
      const parts = some.map((tenant_id) => ({ tenant_id, month: "" }));
      const theirs = some.flatMap((tenant) => pieces.get(tenant) ?? []);
      await clickhouse.command(`INSERT INTO ${into} SELECT * FROM ${rowsOf(table, parts, theirs)} ${settings}`);
    }
  };
  // Both to their end, also when one fails: what still runs would write into the next round.
  const ends = await Promise.allSettled([copying, computing()]);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * Pieces of a table that are touched because rows of the one that it follows are other than before, by tenant. To be asked while the former
 * rows and the new ones are both there.
 */
export async function findPieces(
  clickhouse: ClickHouse,
  { by, from }: Pieces,
  followed: KeptTable,
  parts: readonly Part[],
): Promise<Map<number, number[]>> {
  const line = `tenant_id, ${by}, cityHash64(tuple(* EXCEPT _built_at)) AS line`;
  const rows = await clickhouse.query<{ tenant_id: number; pieces: number[] }>(
    `SELECT tenant_id, groupUniqArray(piece) AS pieces FROM intermediate.${from}
     WHERE (tenant_id, ${by}) IN (
       SELECT tenant_id, ${by} FROM (
         SELECT ${line} FROM intermediate.${followed.name}__next
         UNION ALL SELECT ${line} FROM intermediate.${followed.name} WHERE (tenant_id, month) IN (${parts.map(literal).join(", ")})
       ) GROUP BY tenant_id, ${by} HAVING groupBitXor(line) <> 0
     )
     GROUP BY tenant_id`,
  );
  return new Map(rows.map(({ tenant_id, pieces }) => [Number(tenant_id), pieces.map(Number)]));
}

const literal = ({ tenant_id, month }: Part) => `(${tenant_id},'${month}')`;

/**
 * Which partitions have rows among those that were computed.
 * @throws when the model has been deployed anew meanwhile; the next round knows the new one
 */
async function readComputed(clickhouse: ClickHouse, { name, comment }: KeptTable): Promise<ReadonlySet<string>> {
  const [found] = await clickhouse.query<{ present: string; filled: string[] }>(
    `SELECT (SELECT any(comment) FROM system.tables WHERE database = 'intermediate' AND name = '${name}') AS present,
       (SELECT groupUniqArray(partition) FROM system.parts
        WHERE database = 'intermediate' AND table = '${name}__next' AND active) AS filled`,
  );
  if (found?.present !== comment)
    throw new Error(`${name}: its model has changed meanwhile, the rows of the former one are not put in`);
  return new Set(found.filled);
}

/** Removes what a round that was cut off has left beside the tables. */
export async function dropLeftovers(clickhouse: ClickHouse): Promise<void> {
  const left = await clickhouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'intermediate' AND match(name, '__(next|swap)$')",
  );
  for (const { name } of left) await clickhouse.command(`DROP TABLE IF EXISTS intermediate.${name} SYNC`);
}
