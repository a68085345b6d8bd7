import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** An open connection of the embedded engine: one query at a time, with settings, roles and temporary tables of its own. */
export type Connection = { readonly __brand: "connection" };

type QueryOutcome = { bytes: Buffer; elapsed: number; rowsRead: number; bytesRead: number };
type WriteOutcome = { elapsed: number; rowsWritten: number; bytesWritten: number };

type Addon = {
  CreateConnection(path: string, args: string[]): Connection;
  CloseConnection(connection: Connection): void;
  QueryAsyncConnection(connection: Connection, sql: string, format: string): Promise<QueryOutcome>;
  InsertRawAsyncConnection(
    connection: Connection,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<WriteOutcome>;
};

const needed = [
  "CreateConnection",
  "CloseConnection",
  "QueryAsyncConnection",
  "InsertRawAsyncConnection",
] as const satisfies readonly (keyof Addon)[];

let loaded: Addon | undefined;

/**
 * The addon below chdb's `Session` class. `Session.close()` waits for every query of the process before it lets a
 * connection go, and hides the number of written rows; one connection per request needs neither.
 * @throws Error when the installed chdb does not have the expected functions.
 */
export function native(): Addon {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("chdb/package.json"));
  const addon: Addon = require(join(folder, "dist", "loader.js")).loadNative();
  for (const name of needed) {
    if (typeof addon[name] !== "function") throw new Error(`The installed chdb has no ${name}: another version?`);
  }
  loaded = addon;
  return addon;
}
