import { finished } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";
import type { LandingColumn } from "@xianfeng/clickhouse/landing";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { columnNumbersSql } from "./checks.ts";
import { DriftError, RewrittenError } from "./errors.ts";
import { failPoint } from "./failpoint.ts";
import { versionOf } from "./lsn.ts";
import type { TableState } from "./relation.ts";
import type { Shape } from "./shape.ts";
import type { Sink } from "./sink.ts";
import { sessionUrl } from "./socket.ts";

const chunkBytes = 8 * 1024 * 1024;
const name = (text: string) => `"${text.replaceAll('"', '""')}"`;

/**
 * SQL for a column in ClickHouse's text form, so that rows need not be taken apart here. A value that ClickHouse would change without
 * an error is marked, so that it refuses the row and the row is set aside.
 */
function expression(column: LandingColumn): string {
  const value = name(column.name);
  switch (column.kind) {
    case "date":
      return `case when ${value} between '1900-01-01' and '2299-12-31' then ${value}::text when ${value} is not null then 'out of range ' || ${value}::text end`;
    case "instant":
      return `case when ${value} >= '1900-01-01 00:00:00+00' and ${value} < '2300-01-01 00:00:00+00' then to_char(${value} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') when ${value} is not null then 'out of range ' || ${value}::text end`;
    case "list":
      return `case when array_ndims(${value}) > 1 or array_position(${value}, null) is not null then 'not a plain list' else
        '[' || coalesce((select string_agg('''' || replace(e::text, '''', '''''') || '''', ',' order by o) from unnest(${value}) with ordinality u(e, o)), '') || ']' end`;
    case "numberList":
      return `case when array_ndims(${value}) > 1 or array_position(${value}, null) is not null then 'not a plain list' else '[' || array_to_string(${value}, ',') || ']' end`;
    default:
      return value;
  }
}

/** SQL that reads rows of a table as lines for its landing table, all with one version, and the columns of these lines. */
export function selectRows(table: TableState, version: bigint): { sql: string; columns: string[] } {
  const { columns } = table.landing;
  const values = [...columns.map(expression), `'${version}'`, "'0'"].join(", ");
  return {
    sql: `SELECT ${values} FROM ${name(table.name)}`,
    columns: [...columns.map((column) => column.name), "_version", "_deleted"],
  };
}

/**
 * Copies one table as it was at a snapshot into its landing table, with the version of that place of the log: below everything that the
 * stream brings later, above everything before it.
 * @param onRows told how many rows have landed, from time to time
 * @returns number of rows
 */
export async function copyTable(
  client: pg.Client,
  table: TableState,
  target: string,
  place: { epoch: number; lsn: bigint },
  sink: Sink,
  onRows?: (rows: number) => void,
): Promise<number> {
  await holdStill(client, table);
  const { sql, columns } = selectRows(table, versionOf(place.epoch, place.lsn, 0));
  const source = client.query(copyTo(`COPY (${sql}) TO STDOUT`));
  let rows = 0;
  let size = 0;
  let pieces: Buffer[] = [];
  const flush = async () => {
    await sink.insertLines(table.name, target, columns, Buffer.concat(pieces));
    onRows?.(rows);
    pieces = [];
    size = 0;
    failPoint("snapshot");
  };
  // Every piece of a copy holds whole lines, because PostgreSQL sends one message per row.
  for await (const piece of source as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) rows += 1;
    if (size >= chunkBytes && piece[piece.length - 1] === 10) await flush();
  }
  await finished(source);
  if (size > 0) await flush();
  return rows;
}

/**
 * Keeps a table from being written anew until the snapshot ends, and looks whether that has happened since it was taken: to an older
 * snapshot a rewritten or truncated table is empty. And whether the snapshot has the columns that are going to be read: one that was
 * added and filled between the look at the catalog and the snapshot would stay empty for ever, because the log before it is not read.
 * @throws RewrittenError
 * @throws DriftError
 */
export async function holdStill(client: pg.Client, table: TableState): Promise<void> {
  await client.query(`LOCK TABLE ${name(table.name)} IN ACCESS SHARE MODE`);
  const { rows } = await client.query<{ same: boolean; columns: Shape["columns"] }>(
    // The catalog's rows are as old as the snapshot, the function tells the present.
    `select relfilenode = pg_relation_filenode(oid) as same, ${columnNumbersSql("oid")} as columns from pg_class where oid = $1::oid`,
    [table.relationOid],
  );
  if (!isDeepStrictEqual(rows[0]?.columns, table.shape.columns))
    throw new DriftError(`${table.name} has other columns than when the catalog was read`);
  if (rows[0]?.same !== true) throw new RewrittenError(`${table.name} was written anew while it was to be copied`);
}

/** A connection that sees the database exactly as an exported snapshot does. */
export async function openSnapshot(databaseUrl: string, snapshot: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: sessionUrl(databaseUrl, "xianfeng-stream-copy"),
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await client.query(`SET TRANSACTION SNAPSHOT '${snapshot.replaceAll("'", "")}'`);
  return client;
}

/**
 * Waits until every transaction that runs now has ended. A writer that was open while its table entered the publication has rows that
 * the log does not carry: they must be in the snapshot.
 */
export async function waitForWriters(client: pg.Client, signal: AbortSignal): Promise<void> {
  const { rows } = await client.query<{ now: string }>("select pg_snapshot_xmax(pg_current_snapshot())::text as now");
  const horizon = rows[0]?.now ?? "0";
  while (!signal.aborted) {
    const check = await client.query<{ over: boolean }>(
      "select pg_snapshot_xmin(pg_current_snapshot())::text::numeric >= $1::numeric as over",
      [horizon],
    );
    if (check.rows[0]?.over) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
