import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Answer } from "./answer.ts";
import { type Engine, identifier, literal } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { Files } from "./files.ts";
import { Gate } from "./gate.ts";
import { type Guard, isReading } from "./guard.ts";
import { insertWithData } from "./insert.ts";
import { killQueries } from "./kill.ts";
import type { EngineOptions } from "./options.ts";
import { allowedSettings, perRequest, readonlyLevel } from "./prelude.ts";
import { type EngineRequest, readRequest, type Users } from "./request.ts";
import { cancelled, RunningQueries, RunningQuery, untilCancelled } from "./running.ts";
import { bufferedSelect, type Run, streamSelect } from "./select.ts";
import type { Lease, Sessions } from "./sessions.ts";
import { parseStatement, type Statement } from "./statement.ts";

const headBytes = 256 * 1024;
/** The engine's own max_query_size is smaller; this only keeps a wrong upload out of memory. */
const longestStatement = 64 * 1024 * 1024;

export type Counters = { total: number; failed: number; byUser: Record<string, number> };

/** Everything that serving a query needs. */
export class Runner {
  readonly engine: Engine;
  readonly running = new RunningQueries();
  readonly counters: Counters = { total: 0, failed: 0, byUser: {} };
  readonly #files: Files;
  readonly #sessions: Sessions;
  readonly #guard: Guard;
  readonly #users: Users;
  readonly #gate: Gate;
  readonly #gates: Map<string, Gate>;

  constructor(engine: Engine, files: Files, sessions: Sessions, guard: Guard, users: Users, options: EngineOptions) {
    this.engine = engine;
    this.#files = files;
    this.#sessions = sessions;
    this.#guard = guard;
    this.#users = users;
    this.#gate = new Gate(options.concurrent);
    this.#gates = new Map(options.users.map((user) => [user.name, new Gate(user.limits.concurrent)]));
  }

  get waiting(): number {
    return this.#gate.waiting + [...this.#gates.values()].reduce((sum, gate) => sum + gate.waiting, 0);
  }

  /** Serves one request from credentials to the last byte. Never rejects: failures become answers. */
  async serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const answer = new Answer(request, response, this.engine.version);
    answer.compress = url.searchParams.get("enable_http_compression") === "1";
    this.counters.total += 1;
    try {
      const asked = await readRequest(request, url, this.#users);
      answer.compress ||= asked.settings.get("enable_http_compression") === "1";
      this.counters.byUser[asked.user.name] = (this.counters.byUser[asked.user.name] ?? 0) + 1;
      await this.#admit(asked, answer, response);
    } catch (error) {
      this.counters.failed += 1;
      if (answer.gone || !(error instanceof EngineError)) {
        if (!(error instanceof Error && error.name === "Disconnected") && !answer.gone) {
          const reason = error instanceof Error ? error.message : String(error);
          await answer.fail(new EngineError(1001, "STD_EXCEPTION", reason));
        } else response.destroy();
        return;
      }
      await answer.fail(error);
    }
  }

  async #admit(asked: EngineRequest, answer: Answer, response: ServerResponse): Promise<void> {
    const { text, queryEnd, rest } = await readText(asked);
    const statement = parseStatement(text, queryEnd);
    this.#guard.check(statement, asked.user);
    if (asked.database) this.#guard.checkDatabase(asked.database, asked.user);
    for (const value of asked.parameters.values()) this.#guard.checkDatabase(value, asked.user);
    const settings = allowedSettings(asked.settings, asked.user);
    if (asked.get && !isReading(statement) && statement.verb !== "SET") {
      throw new EngineError(
        164,
        "READONLY",
        `${asked.user.name}: Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries`,
      );
    }
    const query = new RunningQuery(asked.queryId ?? randomUUID(), asked.user.name, utf8(statement.text));
    answer.header("X-ClickHouse-Query-Id", query.id);
    answer.header("X-ClickHouse-Timezone", settings.get("session_timezone") || this.engine.timezone);
    if (asked.settings.get("replace_running_query") === "1") {
      this.running.get(query.id)?.cancel(cancelled());
      while (this.running.get(query.id)) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.running.add(query);
    const onClose = () => {
      if (!response.writableFinished) query.cancel(cancelled());
    };
    response.on("close", onClose);
    if (response.destroyed) onClose();
    const gates = [this.#gates.get(asked.user.name), this.#gate].filter((gate) => gate !== undefined);
    const entered: Gate[] = [];
    try {
      // A KILL must not wait behind what it is to end.
      if (statement.verb !== "KILL") {
        for (const gate of gates) {
          await gate.enter(query.signal);
          entered.push(gate);
        }
      }
      await this.#execute(asked, settings, { query, statement, answer, text, rest });
    } finally {
      for (const gate of entered) gate.leave();
      this.running.remove(query);
      response.off("close", onClose);
    }
  }

  async #execute(
    asked: EngineRequest,
    settings: Map<string, string>,
    work: { query: RunningQuery; statement: Statement; answer: Answer; text: string; rest: EngineRequest["body"] },
  ): Promise<void> {
    const { query, statement, answer } = work;
    const lease = await this.#sessions.lease(asked);
    let undo: string[] = [];
    let released = false;
    /** The session is free again before the answer ends: the client's next call may come at once. */
    const done = async () => {
      if (released) return;
      released = true;
      try {
        for (const sql of undo) await this.engine.read(lease.connection, sql, "TSV").catch(() => undefined);
      } finally {
        lease.release();
      }
      this.running.remove(query);
    };
    const run: Run = {
      engine: this.engine,
      files: this.#files,
      connection: lease.connection,
      query,
      statement,
      answer,
    };
    try {
      undo = await this.#prepare(asked, settings, query, lease);
      const format = statement.format?.name ?? asked.defaultFormat ?? "TabSeparated";
      if (!/^[A-Za-z0-9_]+$/.test(format)) throw new EngineError(73, "UNKNOWN_FORMAT", `Unknown format ${format}`);
      if (statement.verb === "KILL") {
        const rows = await killQueries(
          this.engine,
          lease.connection,
          this.running,
          statement,
          { id: query.id, user: query.user },
          format,
        );
        await done();
        await answer.send(rows, format, { startedAt: query.startedAt });
      } else if (statement.data) {
        const written = await insertWithData(run, statement.data, work.text, work.rest);
        await done();
        await answer.send(Buffer.alloc(0), undefined, {
          readRows: written.rowsWritten,
          readBytes: written.bytesWritten,
          writtenRows: written.rowsWritten,
          writtenBytes: written.bytesWritten,
          resultRows: written.rowsWritten,
          resultBytes: written.bytesWritten,
          startedAt: query.startedAt,
        });
      } else if (statement.verb === "SELECT") {
        await (asked.waitEndOfQuery ? bufferedSelect : streamSelect)(run, format, done);
      } else await this.#plain(run, format, done);
    } finally {
      await done();
    }
  }

  /** Statements with a small answer or none. */
  async #plain(run: Run, format: string, done: () => Promise<void>): Promise<void> {
    const { query, statement, answer, connection } = run;
    const sql = utf8(statement.text);
    if (isReading(statement) && statement.verb !== "USE") {
      const result = await untilCancelled(this.engine, query, () => this.engine.read(connection, sql, format));
      await done();
      await answer.send(result.bytes, format, {
        readRows: result.rowsRead,
        readBytes: result.bytesRead,
        resultRows: result.rowsRead,
        resultBytes: result.bytes.length,
        startedAt: query.startedAt,
      });
      return;
    }
    const written = await untilCancelled(this.engine, query, () => this.engine.write(connection, sql));
    await done();
    await answer.send(Buffer.alloc(0), undefined, {
      readRows: written.rowsWritten,
      readBytes: written.bytesWritten,
      writtenRows: written.rowsWritten,
      writtenBytes: written.bytesWritten,
      startedAt: query.startedAt,
    });
  }

  /** Applies settings, parameters and database; answers the statements that take them back in a named session. */
  async #prepare(
    asked: EngineRequest,
    settings: Map<string, string>,
    query: RunningQuery,
    lease: Lease,
  ): Promise<string[]> {
    const undo: string[] = [];
    const { connection } = lease;
    const ask = (sql: string) => this.engine.read(connection, sql, "JSONEachRow");
    const level = readonlyLevel(asked);
    if (lease.named && !asked.user.readonly) {
      const names = [...settings.keys(), "log_comment"].map(literal).join(", ");
      const { bytes } = await ask(
        `SELECT name, value, changed FROM system.settings WHERE name IN (${names}) FORMAT JSONEachRow`,
      );
      for (const line of bytes.toString().split("\n")) {
        if (line === "") continue;
        const { name, value, changed } = JSON.parse(line);
        undo.push(changed ? `SET ${name} = ${literal(String(value))}` : `SET ${name} = DEFAULT`);
      }
    }
    // `readonly` cannot be taken back: in a named session a reader stays one, and a GET is checked by its verb alone.
    if (!(lease.named && asked.user.readonly && (await this.#isReadonly(connection)))) {
      await ask(perRequest(asked, settings, query.tag));
      if (level !== undefined && (!lease.named || asked.user.readonly)) {
        if (asked.database) await ask(`USE ${identifier(asked.database)}`);
        await ask(`SET readonly = ${level}`);
        return undo;
      }
    }
    if (asked.database) {
      if (lease.named) {
        const { bytes } = await ask("SELECT currentDatabase() AS name FORMAT JSONEachRow");
        undo.push(`USE ${identifier(JSON.parse(bytes.toString()).name)}`);
      }
      await ask(`USE ${identifier(asked.database)}`);
    }
    return undo;
  }

  async #isReadonly(connection: Lease["connection"]): Promise<boolean> {
    const { bytes } = await this.engine.read(connection, "SELECT getSetting('readonly')", "TSV");
    return bytes.toString().trim() === "1";
  }
}

const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").toString();

/**
 * The statement's text: the `query` parameter and the beginning of the body. The rest of a large body stays unread
 * when it is the data of an INSERT; any other statement is read to its end.
 */
async function readText(
  asked: EngineRequest,
): Promise<{ text: string; queryEnd: number | undefined; rest: EngineRequest["body"] }> {
  const query = Buffer.from(asked.query, "utf8").toString("latin1");
  if (!asked.body) return { text: query, queryEnd: undefined, rest: undefined };
  const { head, ended } = await asked.body.head(headBytes);
  const queryEnd = query === "" ? undefined : query.length;
  const join = (body: Buffer) => (query === "" ? body.toString("latin1") : `${query}\n${body.toString("latin1")}`);
  const text = join(head);
  if (ended) return { text, queryEnd, rest: undefined };
  try {
    if (parseStatement(text, queryEnd).data) return { text, queryEnd, rest: asked.body };
  } catch {
    // The head may end inside a string or a comment: judge the whole text.
  }
  const more = await asked.body.head(longestStatement);
  if (!more.ended) throw new EngineError(229, "QUERY_IS_TOO_LARGE", "The query is too large");
  return { text: join(Buffer.concat([head, more.head])), queryEnd, rest: undefined };
}
