import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";

export type ClickHouseOptions = {
  url: string;
  user: string;
  password: string;
  /** Who asks, e.g. "stream" or "insights:branch-ranking". Goes into `log_comment` of every statement. */
  tag: string;
  /** Milliseconds after which a statement without an answer fails; default 60,000. */
  timeoutMs?: number;
  /** Statements at once; default 4. */
  connections?: number;
  /** More settings for every statement. The embedded engine leaves out what a read-only user may not set. */
  settings?: Record<string, string | number>;
};

export type ClickHouse = {
  /** Rows of a SELECT as objects. Parameters as `{name:Type}` in the text. */
  query<Row>(sql: string, params?: Record<string, unknown>): Promise<Row[]>;
  /** A statement without an answer: DDL, INSERT … SELECT. */
  command(sql: string, params?: Record<string, unknown>): Promise<void>;
  /** Inserts ready-made tab-separated lines. Answers when the server has accepted them all. */
  insertLines(table: string, columns: readonly string[], lines: Buffer | readonly Buffer[]): Promise<void>;
  /** Inserts objects. */
  insert(table: string, rows: readonly object[]): Promise<void>;
  /** True when the server answers. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
};

// async_insert is on by default and would make an answer depend on another default. wait_end_of_query: an error that comes late
// is an error, not half an answer.
const ownSettings = {
  async_insert: 0,
  wait_end_of_query: 1,
  date_time_input_format: "basic",
  // JavaScript has no such numbers.
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
} as const;

/** For whoever puts new tables in the place of old ones: a server refuses to drop one of more than 50 GB otherwise. */
export const dropsLarge = { max_table_size_to_drop: 0, max_partition_size_to_drop: 0 } as const;

/**
 * The one seam through which every query runs. Each statement gets a query id and the tag of who asked; errors carry ClickHouse's code
 * (`ClickHouseError.code`) or the socket's (`ECONNREFUSED` …).
 */
export function createClickHouse(options: ClickHouseOptions): ClickHouse {
  const client = createClient({
    url: options.url,
    username: options.user,
    password: options.password,
    application: `xianfeng-${options.tag.split(":")[0]}`,
    request_timeout: options.timeoutMs ?? 60_000,
    // Its log would print values of rows; errors are thrown.
    log: { level: ClickHouseLogLevel.OFF },
    max_open_connections: options.connections ?? 4,
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    clickhouse_settings: { ...ownSettings, log_comment: options.tag, ...options.settings },
  });
  const query_id = () => `${options.tag}-${randomUUID()}`;

  return {
    async query<Row>(sql: string, params?: Record<string, unknown>) {
      const answer = await client.query({
        query: sql,
        query_params: params,
        format: "JSONEachRow",
        query_id: query_id(),
      });
      return answer.json<Row>();
    },
    async command(sql, params) {
      await client.command({ query: sql, query_params: params, query_id: query_id() });
    },
    async insertLines(table, columns, lines) {
      const names = columns.map((column) => `\`${column}\``).join(", ");
      const chunks = Buffer.isBuffer(lines) ? [lines] : lines;
      const answer = await client.exec({
        query: `INSERT INTO ${table} (${names}) FORMAT TabSeparated`,
        values: Readable.from(chunks, { objectMode: false }),
        query_id: query_id(),
      });
      answer.stream.resume();
      await new Promise((done, failed) => answer.stream.once("end", done).once("error", failed));
    },
    async insert(table, rows) {
      await client.insert({ table, values: rows, format: "JSONEachRow", query_id: query_id() });
    },
    async ping() {
      return (await client.ping({ select: true })).success;
    },
    close: () => client.close(),
  };
}
