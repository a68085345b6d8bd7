import type { ClickHouse } from "@xianfeng/clickhouse";
import { literal as quoted } from "@xianfeng/clickhouse/landing";
import { type KeptTable, literal, type Part, type PartPieces, type Pieces, type Touched } from "./kept.ts";

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
  { parts, pieces = [] }: Touched,
  whenComputed: () => Promise<void>,
): Promise<void> {
  const live = `intermediate.${table.name}`;
  const [next, swap] = [`${live}__next`, `${live}__swap`];
  await clickhouse.command(`CREATE TABLE ${next} AS ${live}`);
  const inPieces = new Set(pieces.map(literal));
  const whole = parts.filter((part) => !inPieces.has(literal(part)));
  await computeParts(clickhouse, table, whole, next);
  if (table.pieces && pieces.length > 0) await computePieces(clickhouse, table, table.pieces, pieces, next);
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
  pieces: readonly string[] = [],
): string {
  const wanted = `parts = [${parts.map(literal).join(", ")}]`;
  return `intermediate.${name}__rows(${fallsInto ? `${wanted}, pieces = [${pieces.map(quoted).join(", ")}]` : wanted})`;
}

/** Computes some pieces of each part and copies the others as they are. */
async function computePieces(
  clickhouse: ClickHouse,
  table: KeptTable,
  { column }: Pieces,
  parts: readonly PartPieces[],
  into: string,
): Promise<void> {
  const within =
    table.kept === "month"
      ? `(tenant_id, month) IN (${parts.map(literal).join(", ")})`
      : `tenant_id IN (${parts.map(({ tenant_id }) => tenant_id).join(", ")})`;
  const touched = parts.flatMap(({ pieces }) => pieces.map(quoted));
  const copy = () =>
    clickhouse.command(
      `INSERT INTO ${into} SELECT * FROM intermediate.${table.name}
       WHERE ${within} AND toString(${column}) NOT IN (${touched.join(", ")}) ${settingsFor(table)}`,
    );
  const compute = async () => {
    const size = atOnce(parts.length);
    for (let at = 0; at < parts.length; at += size) {
      const some = parts.slice(at, at + size);
      const theirs = some.flatMap(({ pieces }) => pieces);
      await clickhouse.command(
        `INSERT INTO ${into} SELECT * FROM ${rowsOf(table, some, theirs)} ${settingsFor(table)}`,
      );
    }
  };
  // Both to their end, also when one fails: what still runs would write into the next round.
  const ends = await Promise.allSettled([copy(), compute()]);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * Pieces of a table that are touched because rows of the one that it follows are other than before, by tenant. To be asked while the former
 * rows and the new ones are both there.
 */
export async function findPieces(
  clickhouse: ClickHouse,
  { by, from }: { by: string; from: string },
  followed: KeptTable,
  parts: readonly Part[],
): Promise<PartPieces[]> {
  const line = `tenant_id, ${by}, cityHash64(tuple(* EXCEPT _built_at)) AS line`;
  return clickhouse.query(
    `SELECT tenant_id, '' AS month, groupUniqArray(toString(piece)) AS pieces FROM intermediate.${from}
     WHERE (tenant_id, ${by}) IN (
       SELECT tenant_id, ${by} FROM (
         SELECT ${line} FROM intermediate.${followed.name}__next
         UNION ALL SELECT ${line} FROM intermediate.${followed.name} WHERE (tenant_id, month) IN (${parts.map(literal).join(", ")})
       ) GROUP BY tenant_id, ${by} HAVING groupBitXor(line) <> 0
     )
     GROUP BY tenant_id`,
  );
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
