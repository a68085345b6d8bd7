import type { Queryable } from "@xianfeng/clickhouse/landing";
import { type Catalog, type CatalogColumn, type CatalogTable, isRetired, renamedTo } from "./catalog.ts";
import { addSql, dropSql, renameSql, retireSql } from "./sql.ts";

/** What a run of the command is asked to do; `follow` = whatever the Prisma schema says. */
export type Wish =
  | { kind: "follow" }
  | { kind: "rename"; table: string; from: string; to: string }
  | { kind: "drop"; table: string; column: string };

/** A migration to be written, and what the person has to do afterwards. */
export type Plan = { label: string; sql: string; next: string[] };

const byName = (catalog: Catalog, table: string): CatalogTable => {
  const found = catalog.tables.find((candidate) => candidate.name === table);
  if (!found) throw new Error(`There is no table ${table}`);
  return found;
};
const columnIn = (table: CatalogTable, name: string): CatalogColumn | undefined =>
  table.columns.find((column) => column.name === name);

/**
 * The migration that brings the database to what is wished.
 * @param have the catalog that the migrations make
 * @param want the catalog that the Prisma schema makes
 * @returns undefined when nothing is to be done
 */
export async function planOf(database: Queryable, wish: Wish, have: Catalog, want: Catalog): Promise<Plan | undefined> {
  if (wish.kind === "rename") {
    const table = byName(have, wish.table);
    const column = columnIn(table, wish.from);
    if (!column) throw new Error(`${wish.table} has no column ${wish.from}`);
    return {
      label: `${wish.table}_rename_${wish.from}_to_${wish.to}`,
      sql: await renameSql(database, table, column, wish.to),
      next: [
        `use ${wish.to} in the code and in the models of the warehouse; stg_${wish.table} has both names until the old one is dropped`,
        "deploy; processes of the old and of the new version may run at the same time, in either order",
        `when none of the old ones runs any more: npm run schema -- drop ${wish.table} ${wish.from}`,
      ],
    };
  }
  if (wish.kind === "drop") return planDrop(byName(have, wish.table), wish.column);
  return planFollow(have, want);
}

function planDrop(table: CatalogTable, name: string): Plan {
  const column = columnIn(table, name);
  if (!column) throw new Error(`${table.name} has no column ${name}`);
  if (isRetired(column)) {
    return {
      label: `${table.name}_drop_${name}`,
      sql: dropSql(table, column),
      next: [
        "deploy, when the version that retired the column runs everywhere; backups keep the column until they expire",
      ],
    };
  }
  return {
    label: `${table.name}_retire_${name}`,
    sql: retireSql(table, column),
    next: [
      "take the column out of the code that still names it, and deploy: the column is empty from now on, but there",
      `then, as a deployment of its own: npm run schema -- drop ${table.name} ${name}`,
    ],
  };
}

/** What the Prisma schema has that the migrations lack, and the other way round: whole columns only. */
function planFollow(have: Catalog, want: Catalog): Plan | undefined {
  const parts: { label: string; sql: string; kind: "add" | "retire" }[] = [];
  for (const wanted of want.tables) {
    const table = have.tables.find((candidate) => candidate.name === wanted.name);
    if (!table) continue;
    const added = wanted.columns.filter((column) => !columnIn(table, column.name));
    const gone = table.columns.filter(
      (column) => !columnIn(wanted, column.name) && !isRetired(column) && !renamedTo(column),
    );
    if (added.length > 0 && gone.length > 0) {
      const [from, to] = [gone[0]?.name, added[0]?.name];
      throw new Error(
        `${table.name}: ${gone.map((column) => column.name).join(", ")} went and ${added.map((column) => column.name).join(", ")} came at once. A new name: put the old one back and run npm run schema -- rename ${table.name} ${from} ${to}. Two changes: one after the other.`,
      );
    }
    parts.push(
      ...added.map((column) => ({
        kind: "add" as const,
        label: `${table.name}_add_${column.name}`,
        sql: addSql(table, column),
      })),
      ...gone.map((column) => ({
        kind: "retire" as const,
        label: `${table.name}_retire_${column.name}`,
        sql: retireSql(table, column),
      })),
    );
  }
  const [first] = parts;
  if (!first) return undefined;
  const isAdd = parts.some((part) => part.kind === "add");
  const isRetire = parts.some((part) => part.kind === "retire");
  return {
    label: parts.length === 1 ? first.label : `${first.label}_and_${parts.length - 1}_more`,
    sql: parts.map((part) => part.sql).join("\n"),
    next: [
      ...(isAdd
        ? ["deploy: the migration may come before or after the stream and the warehouse; ops needs it first"]
        : []),
      ...(isRetire ? ["later, as a deployment of its own: npm run schema -- drop <table> <column>"] : []),
    ],
  };
}

/** Where the migrations and the Prisma schema still differ: what has to be written by hand. */
export function leftOver(have: Catalog, want: Catalog): string[] {
  const shape = (column: CatalogColumn) =>
    `${column.type}${column.notNull ? " NOT NULL" : ""}${column.defaultSql === null ? "" : ` DEFAULT ${column.defaultSql}`}`;
  return [
    ...want.tables.flatMap((wanted) => {
      const table = have.tables.find((candidate) => candidate.name === wanted.name);
      if (!table) return [`no migration makes the table ${wanted.name}`];
      return wanted.columns.flatMap((column) => {
        const own = columnIn(table, column.name);
        if (own && shape(own) === shape(column)) return [];
        return [
          `${table.name}.${column.name} is ${own ? shape(own) : "missing"}, the Prisma schema says ${shape(column)}`,
        ];
      });
    }),
    ...have.tables.flatMap((table) => {
      const wanted = want.tables.find((candidate) => candidate.name === table.name);
      if (!wanted) return isRetired(table) ? [] : [`the Prisma schema lacks the table ${table.name}`];
      return table.columns
        .filter((column) => !columnIn(wanted, column.name) && !isRetired(column) && !renamedTo(column))
        .map((column) => `the Prisma schema lacks ${table.name}.${column.name}`);
    }),
  ];
}
