import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The block of a table in the Prisma schema: which file, and its lines from `model` to the closing brace. */
type Model = { path: string; content: string; lines: string[]; first: number; last: number };

export type NewField = { column: string; sqlType: string; notNull: boolean; default: string | undefined };

const types: [sql: RegExp, prisma: string, attribute: string][] = [
  [/^text$/, "String", ""],
  [/^integer$/, "Int", ""],
  [/^smallint$/, "Int", "@db.SmallInt"],
  [/^bigint$/, "BigInt", ""],
  [/^boolean$/, "Boolean", ""],
  [/^uuid$/, "String", "@db.Uuid"],
  [/^date$/, "DateTime", "@db.Date"],
  [/^timestamptz\(3\)$/, "DateTime", "@db.Timestamptz(3)"],
  [/^numeric\((\d+),\s*(\d+)\)$/, "Decimal", "@db.Decimal($1, $2)"],
  [/^jsonb$/, "Json", ""],
];

const camel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const columnOf = (line: string) => /@map\("(\w+)"\)/.exec(line)?.[1] ?? /^\s+(\w+)\s/.exec(line)?.[1];
const fieldOf = (line: string) => /^\s+(\w+)\s/.exec(line)?.[1] ?? "";
const isField = (line: string) => /^\s+\w+\s+\S/.test(line) && !/^\s+(\/\/|@@)/.test(line);

function modelOf(folder: string, table: string): Model {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".prisma"))) {
    const path = join(folder, name);
    const content = readFileSync(path, "utf8");
    const lines = content.split("\n");
    const map = lines.findIndex((line) => line.trim() === `@@map("${table}")`);
    if (map < 0) continue;
    const first = lines.slice(0, map).findLastIndex((line) => line.startsWith("model "));
    return { path, content, lines, first, last: lines.indexOf("}", map) };
  }
  throw new Error(`No model of the Prisma schema has @@map("${table}")`);
}

/** The line of a plain column. @throws Error when there is none, or when a key, an index or a relation names it */
function plainField(model: Model, column: string): number {
  const at = model.lines.findIndex(
    (line, index) => index > model.first && index < model.last && isField(line) && columnOf(line) === column,
  );
  const line = model.lines[at];
  if (line === undefined) throw new Error(`${model.path} has no column ${column} there`);
  const field = fieldOf(line);
  const named = model.lines
    .slice(model.first, model.last)
    .some((other) => new RegExp(`\\[[^\\]]*\\b${field}\\b[^\\]]*\\]`).test(other));
  if (named || /@(id|unique)\b/.test(line)) {
    throw new Error(`${column} is part of a key, an index or a relation: write this migration by hand, new beside old`);
  }
  return at;
}

const written = (model: Model, lines: string[]) => ({ path: model.path, content: lines.join("\n") });

/** The Prisma file with one more column, behind the other data of its model. @throws Error for a type that has no place here */
export function withField(folder: string, table: string, field: NewField): { path: string; content: string } {
  const model = modelOf(folder, table);
  if (model.lines.slice(model.first, model.last).some((line) => isField(line) && columnOf(line) === field.column)) {
    throw new Error(`${table} has a column ${field.column} already`);
  }
  const found = types.find(([sql]) => sql.test(field.sqlType));
  if (!found)
    throw new Error(
      `Type ${field.sqlType} is not one of: text, integer, smallint, bigint, boolean, uuid, date, timestamptz(3), numeric(p,s), jsonb`,
    );
  const [pattern, prisma, attribute] = found;
  const quoted = /^(String|Json)$/.test(prisma);
  const parts = [
    `  ${camel(field.column)} ${prisma}${field.notNull ? "" : "?"}`,
    field.default === undefined ? "" : `@default(${quoted ? JSON.stringify(field.default) : field.default})`,
    camel(field.column) === field.column ? "" : `@map("${field.column}")`,
    attribute && field.sqlType.replace(pattern, attribute),
  ];
  const before = model.lines.findIndex((line, index) => index > model.first && /^\s+(createdAt|@@)/.test(line));
  return written(model, model.lines.toSpliced(before, 0, parts.filter(Boolean).join(" ")));
}

/** The Prisma file with a plain column under another name. */
export function withRenamedField(
  folder: string,
  table: string,
  from: string,
  to: string,
): { path: string; content: string } {
  const model = modelOf(folder, table);
  const at = plainField(model, from);
  const line = (model.lines[at] ?? "").replace(/\s*@map\("\w+"\)/, "").replace(/^(\s+)\w+/, `$1${camel(to)}`);
  const mapped = camel(to) === to ? line : `${line.trimEnd()} @map("${to}")`;
  return written(model, model.lines.toSpliced(at, 1, mapped));
}

/** The Prisma file without a plain column and the comment that belongs to it. */
export function withoutField(folder: string, table: string, column: string): { path: string; content: string } {
  const model = modelOf(folder, table);
  const at = plainField(model, column);
  let from = at;
  while (/^\s+\/\/\//.test(model.lines[from - 1] ?? "")) from -= 1;
  return written(model, model.lines.toSpliced(from, at - from + 1));
}
