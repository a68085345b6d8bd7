import { type ClickHouse, createClickHouse } from "./client.ts";
import { literal } from "./landing/ddl.ts";

/** A name as dbt makes it; anything else is refused before it reaches SQL. */
const plainName = /^[a-z][a-z0-9_]*$/;

/** Reads the marts of one evaluation run for sealing, with the user that may read nothing else. */
export type SealReader = {
  /** All rows of one run in a mart, in the order asked; not truncated. */
  readRun<Row>(mart: string, runId: string, orderBy: readonly string[]): Promise<Row[]>;
  close(): Promise<void>;
};

/** @param options address of ClickHouse and password of the user `seal`, whose sessions are read only */
export function createSealReader(options: { url: string; password: string }): SealReader {
  // A person waits for the answer, with a transaction open: a ClickHouse that hangs is told as away soon.
  const clickhouse: ClickHouse = createClickHouse({ ...options, user: "seal", tag: "seal", timeoutMs: 8_000 });
  return {
    async readRun<Row>(mart: string, runId: string, orderBy: readonly string[]) {
      for (const name of [mart, ...orderBy]) {
        if (!plainName.test(name)) throw new Error(`not a name of a mart or column: ${name}`);
      }
      return clickhouse.query<Row>(
        `SELECT * FROM marts.${mart} WHERE run_id = ${literal(runId)} ORDER BY ${orderBy.join(", ")}`,
      );
    },
    close: () => clickhouse.close(),
  };
}
