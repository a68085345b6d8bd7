import type { Queryable } from "@xianfeng/clickhouse/landing";
import { escapeLiteral as literal, escapeIdentifier as name } from "pg";
import {
  type CatalogColumn,
  type CatalogTable,
  isRetired,
  renamedComment,
  renamedTo,
  retiredComment,
} from "./catalog.ts";

const definition = (table: CatalogTable, column: CatalogColumn, options: { mayBeNull?: boolean } = {}) =>
  [
    name(column.name),
    column.type,
    // Stored out of line, a value would be missing from the log: true from the first row on, not one migration later.
    table.membership && column.mayLeaveRow ? "STORAGE PLAIN" : "",
    column.notNull && !options.mayBeNull ? "NOT NULL" : "",
    column.defaultSql === null ? "" : `DEFAULT ${column.defaultSql}`,
  ]
    .filter(Boolean)
    .join(" ");

/** @param column as the Prisma schema wants it */
export const addSql = (table: CatalogTable, column: CatalogColumn): string =>
  `ALTER TABLE ${name(table.name)} ADD COLUMN ${definition(table, column)};\n`;

const keeper = (table: CatalogTable, from: string, to: string) => `keep_${table.name}_${from}_${to}`.slice(0, 63);

/**
 * A second column under the new name. A trigger keeps both equal, so that processes of either version read what the other one wrote.
 * @throws Error for a column that an index, a foreign key or a changing default hangs on
 */
export async function renameSql(
  database: Queryable,
  table: CatalogTable,
  column: CatalogColumn,
  to: string,
): Promise<string> {
  if (/uuid|nextval|random/i.test(column.defaultSql ?? "")) {
    throw new Error(
      `${table.name}.${column.name} fills itself with another value each time; it cannot be kept under two names`,
    );
  }
  const [own, a, b] = [name(table.name), name(column.name), name(to)];
  const [keep, start] = [name(keeper(table, column.name, to)), column.defaultSql ?? "NULL"];
  const fresh = {
    ...column,
    name: to,
    mayLeaveRow: column.mayLeaveRow || (table.membership !== null && isVariable(column)),
  };
  const checks = await checksOf(database, table, column, to);
  return `-- ${table.name}.${column.name} is called ${to} from now on. Processes that know only one of the names run for a while: both hold the same value.
ALTER TABLE ${own} ADD COLUMN ${definition(table, fresh, { mayBeNull: true })};

-- Triggers of the table guard what people do; this changes nothing that they could refuse.
ALTER TABLE ${own} DISABLE TRIGGER USER;
UPDATE ${own} SET ${b} = ${a} WHERE ${b} IS DISTINCT FROM ${a};
ALTER TABLE ${own} ENABLE TRIGGER USER;

CREATE FUNCTION ${keep}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.${a} IS DISTINCT FROM ${start} THEN NEW.${b} := NEW.${a}; ELSE NEW.${a} := NEW.${b}; END IF;
  ELSIF NEW.${a} IS DISTINCT FROM OLD.${a} THEN NEW.${b} := NEW.${a};
  ELSE NEW.${a} := NEW.${b};
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ${keep} BEFORE INSERT OR UPDATE ON ${own} FOR EACH ROW EXECUTE FUNCTION ${keep}();
${checks}${column.notNull ? `ALTER TABLE ${own} ALTER COLUMN ${b} SET NOT NULL;\n` : ""}COMMENT ON COLUMN ${own}.${a} IS ${literal(renamedComment(to))};
`;
}

const isVariable = (column: CatalogColumn) => /^(text|jsonb|numeric|bytea|character varying)|\[\]$/.test(column.type);

/** Checks of the old column, for the new one as well. */
async function checksOf(database: Queryable, table: CatalogTable, column: CatalogColumn, to: string): Promise<string> {
  const { rows } = await database.query(
    `select c.conname as name, c.contype as kind, pg_get_constraintdef(c.oid) as definition from pg_constraint c
     where c.conrelid = $1::oid and $2::int2 = any(c.conkey) and c.contype <> 'n'
     union all
     select c.relname, 'i', '' from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = $1::oid and $2::int2 = any(i.indkey::int2[])`,
    [table.id, column.number],
  );
  const found = rows as { name: string; kind: string; definition: string }[];
  const other = found.find(({ kind }) => kind !== "c");
  if (other)
    throw new Error(
      `${other.name} hangs on ${table.name}.${column.name}: write this migration by hand, new beside old`,
    );
  const replaced = (sql: string) =>
    sql.replace(/'(?:[^']|'')*'|\b\w+\b/g, (word) => (word === column.name ? name(to) : word));
  return found
    .map(
      ({ name: check, definition: sql }) =>
        `ALTER TABLE ${name(table.name)} ADD CONSTRAINT ${name(`${check}_${to}`.slice(0, 63))} ${replaced(sql)};\n`,
    )
    .join("");
}

/** First half of dropping a column: no process of this version names it, and rows can be written without it. */
export function retireSql(table: CatalogTable, column: CatalogColumn): string {
  const [own, a] = [name(table.name), name(column.name)];
  const must = column.notNull && !column.fillsItself;
  // A published list may not be NULL.
  const free = column.type.endsWith("[]") ? "SET DEFAULT '{}'" : "DROP NOT NULL";
  return `-- ${table.name}.${column.name} is used no more. It goes in a later migration, when no process that names it runs.
${must ? `ALTER TABLE ${own} ALTER COLUMN ${a} ${free};\n` : ""}COMMENT ON COLUMN ${own}.${a} IS ${literal(retiredComment(renamedTo(column)))};
`;
}

/** Second half: the column goes, and the trigger that kept it equal to its successor. @throws Error when it was not retired before */
export function dropSql(table: CatalogTable, column: CatalogColumn): string {
  if (!isRetired(column)) throw new Error(`${table.name}.${column.name} has not been retired`);
  const successor = renamedTo(column);
  const keep = successor && name(keeper(table, column.name, successor));
  const trigger = keep ? `DROP TRIGGER ${keep} ON ${name(table.name)};\nDROP FUNCTION ${keep}();\n` : "";
  return `${trigger}ALTER TABLE ${name(table.name)} DROP COLUMN ${name(column.name)};\n`;
}
