import type { ClickHouse } from "@xianfeng/clickhouse";
import { type KeptTable, literal, type Part, type Pieces, type Touched } from "./kept.ts";

// The models rely on the first: an outer join without a partner yields NULL.
const settings = "SETTINGS join_use_nulls = 1, max_partitions_per_insert_block = 0";
// A second thread costs processor time and the ranking is not done sooner by it (measured): tables that do not need each other use the other
// cores. What is kept by month looks through what all tenants have landed in that month, and two are sooner done.
const settingsFor = ({ kept }: Pick<KeptTable, "kept">) => `${settings}, max_threads = ${kept === "month" ? 2 : 1}`;
/** Parts computed in one statement when much has changed: more would take more memory; for fewer, what all tenants share would be read more often. */
const atOnce = (parts: number) => Math.min(30, Math.max(6, Math.ceil(parts / 50)));

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
  table: Pick<KeptTable, "name" | "kept" | "pieces">,
  parts: readonly Part[],
  into: string,
): Promise<void> {
  const size = atOnce(parts.length);
  // By months: landed rows lie in the order of time, so a statement for few months reads little of them.
  const sorted = [...parts].sort((a, b) => a.month.localeCompare(b.month) || a.tenant_id - b.tenant_id);
  for (let at = 0; at < sorted.length; at += size) {
    await clickhouse.command(
      `INSERT INTO ${into} SELECT * FROM ${rowsOf(table, sorted.slice(at, at + size))} ${settingsFor(table)}`,
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
     WHERE tenant_id IN (${tenants.join(", ")}) AND NOT has([${touched.join(", ")}], ${table.pieces?.column}) ${settingsFor(table)}`,
  );
  const computing = async () => {
    const size = atOnce(tenants.length);
    for (let at = 0; at < tenants.length; at += size) {
      const some = tenants.slice(at, at + size);
      const parts = some.map((tenant_id) => ({ tenant_id, month: "" }));
      const theirs = some.flatMap((tenant) => pieces.get(tenant) ?? []);
      await clickhouse.command(
        `INSERT INTO ${into} SELECT * FROM ${rowsOf(table, parts, theirs)} ${settingsFor(table)}`,
      );
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
