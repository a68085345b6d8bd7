import type { Summary } from "./answer.ts";
import type { Engine } from "./engine.ts";
import type { EngineError } from "./errors.ts";
import type { Files } from "./files.ts";
import type { Connection } from "./native.ts";
import type { RunningQuery } from "./running.ts";

/** One line of `system.query_log`. */
export type LogEntry = {
  type: "QueryStart" | "QueryFinish" | "ExceptionBeforeStart" | "ExceptionWhileProcessing";
  query_id: string;
  user: string;
  query: string;
  query_kind: string;
  startedAt: Date;
  durationMs: number;
  read_rows: number;
  read_bytes: number;
  written_rows: number;
  written_bytes: number;
  result_rows: number;
  result_bytes: number;
  exception_code: number;
  exception: string;
  log_comment: string;
  http_user_agent: string;
};

/** Makes the lines of one query. */
export function logEntry(
  query: RunningQuery,
  verb: string,
  comment: string | undefined,
  userAgent: string | undefined,
) {
  const startedAt = new Date();
  return (type: LogEntry["type"], summary?: Summary, error?: EngineError): LogEntry => ({
    type,
    query_id: query.id,
    user: query.user,
    query: query.text,
    query_kind: verb === "SELECT" ? "Select" : verb.charAt(0) + verb.slice(1).toLowerCase(),
    startedAt,
    durationMs: type === "QueryStart" ? 0 : performance.now() - query.startedAt,
    read_rows: summary?.readRows ?? 0,
    read_bytes: summary?.readBytes ?? 0,
    written_rows: summary?.writtenRows ?? 0,
    written_bytes: summary?.writtenBytes ?? 0,
    result_rows: summary?.resultRows ?? 0,
    result_bytes: summary?.resultBytes ?? 0,
    exception_code: error?.code ?? 0,
    exception: error?.message ?? "",
    log_comment: comment ?? "",
    http_user_agent: userAgent ?? "",
  });
}

const flushEveryMs = 500;
const longestQuery = 16 * 1024;
const keptRows = 20_000;

const table = `CREATE TABLE IF NOT EXISTS system.query_log (
  type Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3, 'ExceptionWhileProcessing' = 4),
  event_date Date DEFAULT toDate(event_time), event_time DateTime DEFAULT toDateTime(event_time_microseconds),
  event_time_microseconds DateTime64(6), query_start_time DateTime DEFAULT toDateTime(query_start_time_microseconds),
  query_start_time_microseconds DateTime64(6), query_duration_ms UInt64,
  read_rows UInt64, read_bytes UInt64, written_rows UInt64, written_bytes UInt64,
  result_rows UInt64, result_bytes UInt64, memory_usage UInt64,
  query String, query_kind LowCardinality(String), exception_code Int32, exception String,
  is_initial_query UInt8 DEFAULT 1, user LowCardinality(String), query_id String,
  initial_user LowCardinality(String) DEFAULT user, initial_query_id String DEFAULT query_id,
  http_user_agent LowCardinality(String), log_comment String
) ENGINE = Memory SETTINGS min_rows_to_keep = 1, max_rows_to_keep = ${keptRows}`;

/**
 * `system.query_log` as far as the endpoint knows it: the last queries with the client's own ids and users, in memory
 * only. Lines appear within half a second, or at once after SYSTEM FLUSH LOGS.
 */
export class QueryLog {
  readonly #engine: Engine;
  readonly #files: Files;
  readonly #connection: Connection;
  #waiting: LogEntry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  private constructor(engine: Engine, files: Files, connection: Connection) {
    this.#engine = engine;
    this.#files = files;
    this.#connection = connection;
  }

  static async open(engine: Engine, files: Files): Promise<QueryLog> {
    const connection = engine.connect();
    await engine.read(connection, engine.ownOpening, "TSV");
    await engine.write(connection, table);
    return new QueryLog(engine, files, connection);
  }

  add(entry: LogEntry): void {
    this.#waiting.push(entry);
    this.#timer ??= setTimeout(() => void this.flush(), flushEveryMs).unref();
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing
      .then(() => this.#write())
      .catch((error: Error) => void process.stderr.write(`engine: the query log was not written: ${error.message}\n`));
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const entries = this.#waiting.splice(0);
    if (entries.length === 0) return;
    const lines = entries.map(({ startedAt, durationMs, query, ...rest }) =>
      JSON.stringify({
        ...rest,
        query: query.slice(0, longestQuery),
        event_time_microseconds: new Date(startedAt.getTime() + durationMs).toISOString(),
        query_start_time_microseconds: startedAt.toISOString(),
        query_duration_ms: Math.round(durationMs),
      }),
    );
    const path = await this.#files.stage(Buffer.from(lines.join("\n")), undefined);
    try {
      const sql = `INSERT INTO system.query_log FROM INFILE '${path}' COMPRESSION 'none' SETTINGS date_time_input_format = 'best_effort' FORMAT JSONEachRow`;
      await this.#engine.write(this.#connection, sql);
    } finally {
      await this.#files.remove(path);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flushing;
    this.#engine.disconnect(this.#connection);
  }
}
