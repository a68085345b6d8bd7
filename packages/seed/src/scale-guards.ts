import type pg from "pg";

/**
 * Takes keys, secondary indexes and foreign keys of empty tables away, so that they can be made once for all rows instead of row by row.
 * Checks, exclusion constraints and triggers stay. What was taken is made again word for word, and PostgreSQL then looks at every row.
 * Must be called inside a transaction that also puts them back.
 * @returns puts them back
 */
export async function liftKeys(client: pg.ClientBase, tables: readonly string[]): Promise<() => Promise<void>> {
  const { rows: constraints } = await client.query<{ table: string; name: string; type: string; definition: string }>(
    `SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name, contype AS type, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint
     WHERE contype IN ('p', 'u', 'f') AND (conrelid::regclass::text = ANY ($1) OR (contype = 'f' AND confrelid::regclass::text = ANY ($1)))
     ORDER BY array_position('{p,u,f}'::"char"[], contype), oid`,
    [tables],
  );
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid::regclass::text = ANY ($1) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
     ORDER BY indexrelid`,
    [tables],
  );
  for (const { table, name } of constraints.toReversed())
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  return async () => {
    await client.query("SET LOCAL maintenance_work_mem = '512MB'");
    const add = async (kind: (type: string) => boolean) => {
      for (const { table, name, type, definition } of constraints)
        if (kind(type)) await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
    };
    await add((type) => type !== "f");
    for (const { definition } of indexes) await client.query(definition);
    await add((type) => type === "f");
  };
}
