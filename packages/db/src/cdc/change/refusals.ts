import { landingType } from "@xianfeng/clickhouse/landing";
import {
  type Catalog,
  type CatalogColumn,
  type CatalogTable,
  isRetired,
  renamedTo,
  wholePublication,
} from "./catalog.ts";

/** Why a migration may not be applied while the platform runs. `what` names the table or column. */
export type Refusal = { rule: Rule; what: string };

type Words = { zh: string; en: string; instead: string };

/** Every rule: the reason, and what to do instead. */
export const rules = {
  personal: {
    zh: "已发布的表不得含有姓名、号码或自由文字",
    en: "a published table would hold a name, a number of a person or free text",
    instead: "keep it in a table of its own that packages/db/cdc does not name (as person_private, meeting_body)",
  },
  publication_by_hand: {
    zh: "发布的表只能由生成器修改",
    en: "the publication is changed by hand",
    instead: "name the table in packages/db/cdc and run npm run schema: it writes the *_publication migration",
  },
  out_of_line: {
    zh: "该列的值可能存放在行外，之后的更改日志里会缺失",
    en: "a value of this published column may be stored outside of its row, and would then be missing from the log",
    instead: "ADD COLUMN … STORAGE PLAIN, in the same statement",
  },
  type: {
    zh: "该类型不能原样进入数据仓库",
    en: "values of this type cannot land exactly",
    instead: "use text with a CHECK, an integer, numeric(p,s), date or timestamptz(3)",
  },
  key: {
    zh: "已发布的表的主键不能去掉或更改",
    en: "the primary key of a published table is dropped or changed; the warehouse finds rows by it alone",
    instead: "make a new table with the new key, publish it, and move the readers there",
  },
  replica_identity: {
    zh: "已发布的表的复制标识必须是主键",
    en: "the replica identity of a published table is not its primary key",
    instead: "leave REPLICA IDENTITY DEFAULT",
  },
  truncate: {
    zh: "迁移中不得清空已发布的表",
    en: "a published table is emptied by TRUNCATE; every figure made of it goes, and nobody can tell that it was meant",
    instead: "DELETE … WHERE with the rows that are meant",
  },
  rename_column: {
    zh: "正在运行的旧进程仍在使用旧列名",
    en: "processes that still run name the column by its old name",
    instead: "npm run schema -- rename <table> <old> <new>: both names live side by side until the old one is dropped",
  },
  rename_table: {
    zh: "正在运行的旧进程仍在使用旧表名",
    en: "processes that still run name the table by its old name",
    instead: "make a new table, fill it, and drop the old one two deployments later",
  },
  drop_column: {
    zh: "正在运行的旧进程仍在使用该列",
    en: "processes that still run name the column",
    instead: "npm run schema -- drop <table> <column>: it retires the column now and drops it in a later deployment",
  },
  drop_table: {
    zh: "正在运行的旧进程仍在使用该表",
    en: "processes that still run name the table",
    instead:
      "take it out of the code and packages/db/cdc, mark it (COMMENT ON TABLE … IS 'xianfeng: retired') and drop it in a later migration",
  },
  retype: {
    zh: "已发布的列不得更改类型",
    en: "the type of a published column changes under models that read it",
    instead: "add a column of the new type, fill it, move the readers, drop the old one",
  },
  not_null: {
    zh: "正在运行的旧进程写入时不会给出该列",
    en: "processes that still run write rows without this column, which would fail from now on",
    instead: "give it a DEFAULT, or let it be NULL",
  },
} satisfies Record<string, Words>;

export type Rule = keyof typeof rules;

/**
 * What is wrong with a change of the catalog, for replication and for processes that were started before it.
 * @param before the catalog before the migration
 * @param after the catalog after it, or after one of its statements
 * @param forbidden names that no published column may have
 * @param mayPublish the migration is one that the generator wrote
 */
export function refusalsOf(
  before: Catalog,
  after: Catalog,
  options: { forbidden: readonly string[]; mayPublish: boolean; truncates: boolean },
): Refusal[] {
  const old = new Map(before.tables.map((table) => [table.id, table]));
  const now = new Map(after.tables.map((table) => [table.id, table]));
  return [
    ...publicationRefusals(before, after, options.mayPublish),
    ...before.tables.filter((table) => !now.has(table.id) && !isRetired(table)).map(refuse("drop_table")),
    ...after.tables.flatMap((table) => {
      const was = old.get(table.id);
      return [
        ...(table.membership ? publishedRefusals(table, options.forbidden) : []),
        ...(was ? changeRefusals(was, table, options.truncates) : []),
      ];
    }),
  ];
}

const refuse =
  (rule: Rule) =>
  (thing: { name: string }): Refusal => ({ rule, what: thing.name });

function publicationRefusals(before: Catalog, after: Catalog, mayPublish: boolean): Refusal[] {
  const state = (catalog: Catalog) =>
    JSON.stringify([catalog.publication, catalog.tables.flatMap((table) => table.membership?.id ?? []).sort()]);
  const narrowed = after.tables.filter((table) => table.membership?.narrowed).map(refuse("publication_by_hand"));
  const gone = after.publication !== null && after.publication !== wholePublication;
  const changed = state(before) !== state(after) && !mayPublish;
  return [...narrowed, ...(gone || changed ? [{ rule: "publication_by_hand" as const, what: "xianfeng_cdc" }] : [])];
}

/** Refuses what a published table may never be, whatever it was before. */
function publishedRefusals(table: CatalogTable, forbidden: readonly string[]): Refusal[] {
  const column = (rule: Rule, test: (column: CatalogColumn) => boolean) =>
    table.columns.filter(test).map((found) => ({ rule, what: `${table.name}.${found.name}` }));
  return [
    ...column("personal", ({ name }) => forbidden.includes(name)),
    ...column("type", (found) => found.isEnum || !canLand(found)),
    ...column("out_of_line", (found) => found.mayLeaveRow),
    ...(table.key.length === 0 ? [refuse("key")(table)] : []),
    ...(table.replicaIdentity === "d" ? [] : [refuse("replica_identity")(table)]),
  ];
}

function canLand(column: CatalogColumn): boolean {
  try {
    return landingType(column.type).kind !== "list" || column.notNull;
  } catch {
    return false;
  }
}

function changeRefusals(was: CatalogTable, table: CatalogTable, truncates: boolean): Refusal[] {
  const found: Refusal[] = [];
  const isPublished = was.membership !== null || table.membership !== null;
  const old = new Map(was.columns.map((column) => [column.number, column]));
  const now = new Set(table.columns.map((column) => column.number));
  const refuseColumn = (rule: Rule, name: string) => found.push({ rule, what: `${table.name}.${name}` });

  if (was.name !== table.name) found.push({ rule: "rename_table", what: was.name });
  if (isPublished && was.key.length > 0 && was.key.join() !== table.key.join()) found.push(refuse("key")(table));
  if (isPublished && truncates && was.file !== table.file) found.push(refuse("truncate")(table));
  for (const column of was.columns)
    if (!now.has(column.number) && !isRetired(column)) refuseColumn("drop_column", column.name);

  const filledByTrigger = new Set(table.columns.flatMap((column) => renamedTo(column) ?? []));
  for (const column of table.columns) {
    const before = old.get(column.number);
    const mustBeGiven = column.notNull && !column.fillsItself && !filledByTrigger.has(column.name);
    const couldBeLeft = !before?.notNull || before.fillsItself;
    if (mustBeGiven && couldBeLeft) refuseColumn("not_null", column.name);
    if (before && before.name !== column.name) refuseColumn("rename_column", before.name);
    if (before && isPublished && before.type !== column.type) refuseColumn("retype", column.name);
  }
  return found;
}
