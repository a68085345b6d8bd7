import { createReadStream, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type pg from "pg";

/** A text or bytes that may not be found anywhere, and what it is. */
export type Trace = { what: string; bytes: Buffer };

/** The forms in which programs write a text: UTF-8, UTF-16, and escaped as JSON does it. */
export function tracesOf(what: string, text: string): Trace[] {
  const escapeOf = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const escaped = [...text].map((character) => [...character.split("")].map(escapeOf).join("")).join("");
  const forms: [string, Buffer][] = [
    ["UTF-8", Buffer.from(text)],
    ["UTF-16", Buffer.from(text, "utf16le")],
    ["JSON", Buffer.from(escaped)],
    ["JSON in capitals", Buffer.from(escaped.replace(/[a-f]/g, (digit) => digit.toUpperCase()))],
    ["in an address", Buffer.from(encodeURIComponent(text))],
    ["base64", Buffer.from(Buffer.from(text).toString("base64").slice(0, -4))],
  ];
  const seen = new Set<string>();
  return forms
    .filter(([, bytes]) => !seen.has(bytes.toString("hex")) && seen.add(bytes.toString("hex")))
    .map(([form, bytes]) => ({ what: `${what} (${form})`, bytes }));
}

/** Bytes as they are, and as the server and programs print them. */
export const binaryTraces = (what: string, bytes: Buffer): Trace[] => [
  { what, bytes },
  { what: `${what} (hex)`, bytes: Buffer.from(bytes.toString("hex")) },
];

/**
 * Every file below a folder that holds one of the traces, as "path: what". Programs may go on writing: a file that moved between listing and
 * reading is looked for again under its new name.
 */
export async function tracesInFiles(folder: string, traces: readonly Trace[]): Promise<string[]> {
  const found = new Set<string>();
  const read = new Set<string>();
  for (let moved = true; moved; ) {
    moved = false;
    for (const path of filesBelow(folder)) {
      if (read.has(path)) continue;
      const here = await tracesInFile(path, traces);
      if (!here) moved = true;
      else read.add(path);
      for (const what of here ?? []) found.add(`${relative(folder, path)}: ${what}`);
    }
  }
  return [...found].sort();
}

function filesBelow(folder: string): string[] {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

function unlessGone<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** @returns undefined when the file is not there any more */
async function tracesInFile(path: string, traces: readonly Trace[]): Promise<Set<string> | undefined> {
  const found = new Set<string>();
  const longest = Math.max(...traces.map(({ bytes }) => bytes.length));
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 8 << 20 })) {
      const part = Buffer.concat([rest, chunk as Buffer]);
      for (const { what, bytes } of traces) if (part.includes(bytes)) found.add(what);
      rest = part.subarray(Math.max(0, part.length - longest));
    }
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return found;
}

/** Every column of every table that holds one of the texts, as "table.column". */
export async function textsInTables(client: pg.Client, texts: readonly string[]): Promise<string[]> {
  const { rows: columns } = await client.query<{ table: string; column: string }>(
    `select c.oid::regclass::text as "table", quote_ident(a.attname) as "column" from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
  );
  const found: string[] = [];
  for (const { table, column } of columns) {
    const { rows } = await client.query(
      `select from ${table} where exists (select from unnest($1::text[]) t where position(t in ${column}::text) > 0) limit 1`,
      [texts],
    );
    if (rows.length > 0) found.push(`${table}.${column}`);
  }
  return found.sort();
}
