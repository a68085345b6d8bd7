import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpointRole, writeConfig } from "./config.ts";
import { EngineError, engineError } from "./errors.ts";
import { type Connection, native } from "./native.ts";
import type { EngineOptions } from "./options.ts";

/** A string literal of ClickHouse. */
export const literal = (text: string) =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;
/** A quoted name of ClickHouse. */
export const identifier = (name: string) => `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;

/**
 * The engine does not take the client's query id, so a query is found in `system.processes` by a setting that, unlike
 * `log_comment`, clients do not use themselves.
 */
export const tagSetting = "chdb_client_name";

export type ReadResult = { bytes: Buffer; elapsed: number; rowsRead: number; bytesRead: number };
export type WriteResult = { elapsed: number; rowsWritten: number; bytesWritten: number };

const ownOpening = `SET ROLE ${endpointRole}`;

/** Where a running query stands. */
export type Progress = { readRows: number; readBytes: number; totalRows: number; elapsed: number; memory: number };

/** The one engine of this process. */
export class Engine {
  readonly version: string;
  readonly timezone: string;
  readonly #path: string;
  readonly #args: string[];
  readonly #control: Connection;
  #controlTail: Promise<unknown> = Promise.resolve();
  /** Queries that the native side is still working on. */
  running = 0;

  private constructor(path: string, args: string[], control: Connection, version: string, timezone: string) {
    this.#path = path;
    this.#args = args;
    this.#control = control;
    this.version = version;
    this.timezone = timezone;
  }

  /**
   * Opens the data folder and creates the databases.
   * @throws EngineError when the folder is in use by another process or cannot be read.
   */
  static async open(options: EngineOptions): Promise<Engine> {
    const folder = mkdtempSync(join(tmpdir(), "xianfeng-engine-"));
    const args = [`--config-file=${writeConfig(options, folder)}`];
    const addon = native();
    let control: Connection;
    try {
      control = addon.CreateConnection(options.dataPath, args);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError(
        76,
        "CANNOT_OPEN_FILE",
        `ClickHouse 数据目录打不开：${options.dataPath}。多半是另一个进程正在使用它，请先停止那个进程。` +
          ` (Cannot open the data folder; most likely another process is using it: stop that one first.) ${reason}`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const ask = async (sql: string) => (await addon.QueryAsyncConnection(control, sql, "TSV")).bytes.toString().trim();
    await ask(ownOpening);
    for (const database of options.databases) {
      await ask(`CREATE DATABASE IF NOT EXISTS ${identifier(database)} ENGINE = Atomic`);
    }
    const [version = "", timezone = ""] = (await ask("SELECT version(), timezone()")).split("\t");
    return new Engine(options.dataPath, args, control, version, timezone);
  }

  /** What a connection of the endpoint itself is told first. */
  readonly ownOpening = ownOpening;

  connect(): Connection {
    return native().CreateConnection(this.#path, this.#args);
  }

  /** Only for a connection whose last query has ended: the engine does not survive otherwise. */
  disconnect(connection: Connection): void {
    native().CloseConnection(connection);
  }

  async read(connection: Connection, sql: string, format: string): Promise<ReadResult> {
    this.running += 1;
    try {
      return await native().QueryAsyncConnection(connection, sql, format);
    } catch (error) {
      throw engineError(error);
    } finally {
      this.running -= 1;
    }
  }

  /** Runs a statement for its effect and answers how many rows it wrote. */
  async write(connection: Connection, sql: string): Promise<WriteResult> {
    this.running += 1;
    try {
      return await native().InsertRawAsyncConnection(connection, sql, Buffer.alloc(0), false);
    } catch (error) {
      throw engineError(error);
    } finally {
      this.running -= 1;
    }
  }

  /** The endpoint's own small questions, one after the other on a connection that is never lent out. */
  ask(sql: string): Promise<Record<string, unknown>[]> {
    const answer = this.#controlTail.then(async () => {
      const { bytes } = await this.read(this.#control, sql, "JSONEachRow");
      return bytes
        .toString()
        .split("\n")
        .filter((line) => line !== "")
        .map((line): Record<string, unknown> => JSON.parse(line));
    });
    this.#controlTail = answer.catch(() => undefined);
    return answer;
  }

  /** Undefined when the query does not run (any more). */
  async progress(tag: string): Promise<Progress | undefined> {
    const [row] = await this.ask(
      `SELECT toFloat64(read_rows) AS readRows, toFloat64(read_bytes) AS readBytes, toFloat64(total_rows_approx) AS totalRows,
        elapsed, toFloat64(memory_usage) AS memory FROM system.processes WHERE Settings[${literal(tagSetting)}] = ${literal(tag)}`,
    );
    return row as Progress | undefined;
  }

  /** Asks a running query, found by its tag, to stop. It does not wait until the query has stopped. */
  async kill(tag: string): Promise<void> {
    await this.ask(`KILL QUERY WHERE Settings[${literal(tagSetting)}] = ${literal(tag)} ASYNC`);
  }

  /** Lets the last connection go; the engine flushes and stops with it. */
  async close(): Promise<void> {
    await this.#controlTail;
    native().CloseConnection(this.#control);
  }
}
