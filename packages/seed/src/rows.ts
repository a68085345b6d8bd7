import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";

type Value = string | number | bigint | boolean | null | Uint8Array | readonly string[];
export type Row = Record<string, Value>;

const escapes: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function field(value: Value): string {
  if (value === null) return "\\N";
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `{${value.join(",")}}`;
  return String(value).replace(/[\\\n\r\t]/g, (character) => escapes[character] ?? character);
}

/** Loads rows by COPY; all rows of one call have the columns of the first. */
export async function copyRows(client: pg.ClientBase, table: string, rows: readonly Row[]): Promise<number> {
  const first = rows[0];
  if (!first) return 0;
  const columns = Object.keys(first);
  const stream = client.query(copyFrom(`COPY ${table} (${columns.join(", ")}) FROM STDIN`));
  function* lines() {
    for (const row of rows) yield `${columns.map((column) => field(row[column] ?? null)).join("\t")}\n`;
  }
  await pipeline(Readable.from(lines()), stream);
  return rows.length;
}
