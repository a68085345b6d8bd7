import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Answer } from "./answer.ts";
import { Disconnected } from "./body.ts";
import type { Engine } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { Files } from "./files.ts";
import type { FunctionRules } from "./functions.ts";
import { Gate } from "./gate.ts";
import { type Guard, isReading } from "./guard.ts";
import { insertWithData } from "./insert.ts";
import { killQueries } from "./kill.ts";
import type { EngineOptions } from "./options.ts";
import { allowedSettings, prepare } from "./prelude.ts";
import { reportProgress } from "./progress.ts";
import { logEntry, type QueryLog } from "./query-log.ts";
import { type EngineRequest, readRequest, type Users } from "./request.ts";
import { cancelled, RunningQueries, RunningQuery, untilCancelled } from "./running.ts";
import { bufferedSelect, type Run, streamSelect } from "./select.ts";
import type { Sessions } from "./sessions.ts";
import { is, loggedText, parseStatement, readText, type Statement } from "./statement.ts";

export type Parts = {
  engine: Engine;
  files: Files;
  sessions: Sessions;
  functions: FunctionRules;
  guard: Guard;
  users: Users;
  log: QueryLog;
};

/** A request whose statement is known and allowed. */
type Work = {
  asked: EngineRequest;
  settings: Map<string, string>;
  query: RunningQuery;
  statement: Statement;
  answer: Answer;
  text: string;
  rest: EngineRequest["body"];
};

const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").toString();

/** The engine knows one user only; its messages are told in the name of the one who asked. */
function inTheNameOf(user: string | undefined, error: EngineError): EngineError {
  if (!user || !error.message.startsWith("default: ")) return error;
  return new EngineError(error.code, error.type, `${user}${error.message.slice("default".length)}`, error.status);
}

/** Serves queries: from the request to the last byte of its answer. */
export class Runner {
  readonly running = new RunningQueries();
  readonly counters = { total: 0, failed: 0, byUser: {} as Record<string, number> };
  readonly #parts: Parts;
  readonly #gate: Gate;
  readonly #gates: Map<string, Gate>;

  constructor(parts: Parts, options: EngineOptions) {
    this.#parts = parts;
    this.#gate = new Gate(options.concurrent);
    this.#gates = new Map(options.users.map((user) => [user.name, new Gate(user.limits.concurrent)]));
  }

  get waiting(): number {
    return this.#gate.waiting + [...this.#gates.values()].reduce((sum, gate) => sum + gate.waiting, 0);
  }

  /** Never rejects: failures become answers, or the end of a connection that nobody reads. */
  async serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const answer = new Answer(request, response, this.#parts.engine.version);
    answer.compress = url.searchParams.get("enable_http_compression") === "1";
    this.counters.total += 1;
    let user: string | undefined;
    try {
      const asked = await readRequest(request, url, this.#parts.users);
      user = asked.user.name;
      answer.compress ||= asked.settings.get("enable_http_compression") === "1";
      this.counters.byUser[user] = (this.counters.byUser[user] ?? 0) + 1;
      const work = await this.#admit(asked, answer);
      await this.#track(work, request, response);
    } catch (error) {
      this.counters.failed += 1;
      if (answer.gone || error instanceof Disconnected) response.destroy();
      else if (error instanceof EngineError) await answer.fail(inTheNameOf(user, error));
      else {
        process.stderr.write(`engine: ${error instanceof Error ? error.stack : String(error)}\n`);
        await answer.fail(new EngineError(1001, "STD_EXCEPTION", "The endpoint failed; its log says why"));
      }
    }
  }

  /** Reads the statement and refuses what is not allowed. */
  async #admit(asked: EngineRequest, answer: Answer): Promise<Work> {
    const { guard, engine } = this.#parts;
    const { text, queryEnd, rest } = await readText(asked.query, asked.body);
    const statement = parseStatement(text, queryEnd);
    guard.check(statement, asked.user);
    for (const name of [asked.database ?? "", ...asked.parameters.values()]) guard.checkDatabase(name, asked.user);
    const settings = allowedSettings(asked.settings, asked.user);
    guard.checkSettings(settings, asked.user);
    const reads = isReading(statement) || statement.verb === "SET" || statement.verb === "USE";
    if (asked.get && !reads) {
      throw new EngineError(
        164,
        "READONLY",
        `${asked.user.name}: Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries`,
      );
    }
    const query = new RunningQuery(asked.queryId ?? randomUUID(), asked.user.name, loggedText(statement, text));
    answer.header("X-ClickHouse-Query-Id", query.id);
    answer.header("X-ClickHouse-Timezone", settings.get("session_timezone") || engine.timezone);
    if (asked.settings.get("replace_running_query") === "1") await this.running.replace(query);
    return { asked, settings, query, statement, answer, text, rest };
  }

  /** Keeps the query in the list and the log, lets it through the gates, and cancels it when its client goes away. */
  async #track(work: Work, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { asked, query, statement, answer } = work;
    const { log } = this.#parts;
    this.running.add(query);
    const onClose = () => {
      if (!response.writableFinished) query.cancel(cancelled());
    };
    response.on("close", onClose);
    if (response.destroyed) onClose();
    const entry = logEntry(query, statement.verb, asked.settings.get("log_comment"), request.headers["user-agent"]);
    const entered: Gate[] = [];
    try {
      // A KILL must not wait behind what it is to end.
      const gates = statement.verb === "KILL" ? [] : [this.#gates.get(query.user), this.#gate];
      for (const gate of gates) {
        await gate?.enter(query.signal);
        if (gate) entered.push(gate);
      }
      log.add(entry("QueryStart"));
      await this.#execute(work);
      log.add(entry("QueryFinish", answer.summary));
    } catch (error) {
      if (error instanceof EngineError) log.add(entry("ExceptionWhileProcessing", answer.summary, error));
      throw error;
    } finally {
      for (const gate of entered) gate.leave();
      this.running.remove(query);
      response.off("close", onClose);
    }
  }

  async #execute(work: Work): Promise<void> {
    const { asked, settings, query, statement, answer } = work;
    const { engine, files, sessions } = this.#parts;
    const lease = sessions.lease(asked);
    let undo: string[] | undefined;
    let released = false;
    /** The session is free again before the answer ends: the client's next call may come at once. */
    const done = async () => {
      if (released) return;
      released = true;
      try {
        if (undo && undo.length > 0) await engine.read(lease.connection, undo.join(";"), "TSV");
        lease.release(undo !== undefined);
      } catch {
        lease.release(false);
      }
      this.running.remove(query);
    };
    const stopReporting = reportProgress(engine, query, settings, answer);
    try {
      undo = await prepare(engine, lease, asked, statement, settings, query.tag);
      await this.#dispatch({ engine, files, connection: lease.connection, query, statement, answer }, work, done);
    } finally {
      stopReporting();
      await done();
    }
  }

  async #dispatch(run: Run, work: Work, done: () => Promise<void>): Promise<void> {
    const { asked, statement, text, rest } = work;
    const { engine, functions, log } = this.#parts;
    const format = statement.format?.name ?? asked.defaultFormat ?? "TabSeparated";
    if (!/^[A-Za-z0-9_]+$/.test(format)) throw new EngineError(73, "UNKNOWN_FORMAT", `Unknown format ${format}`);
    if (statement.data) {
      const written = await insertWithData(run, statement.data, text, rest, functions);
      return this.#finish(run, done, { ...written, rowsRead: written.rowsWritten });
    }
    if (statement.verb === "SELECT") {
      return (asked.waitEndOfQuery ? bufferedSelect : streamSelect)(run, format, done);
    }
    if (statement.verb === "KILL") {
      const rows = await killQueries(engine, run.connection, this.running, statement, run.query, format);
      return this.#finish(run, done, {}, rows, format);
    }
    if (statement.verb === "SYSTEM" && is(statement.tokens[1], "FLUSH")) {
      await log.flush();
      return this.#finish(run, done, {});
    }
    const sql = utf8(statement.text);
    if (isReading(statement) || statement.verb === "CHECK") {
      const result = await untilCancelled(engine, run.query, () => engine.read(run.connection, sql, format));
      return this.#finish(run, done, result, result.bytes, format);
    }
    return this.#finish(run, done, await untilCancelled(engine, run.query, () => engine.write(run.connection, sql)));
  }

  /** Sends a whole answer. */
  async #finish(
    run: Run,
    done: () => Promise<void>,
    counts: { rowsRead?: number; bytesRead?: number; rowsWritten?: number; bytesWritten?: number },
    body: Buffer = Buffer.alloc(0),
    format?: string,
  ): Promise<void> {
    await done();
    await run.answer.send(body, format, {
      readRows: counts.rowsRead ?? counts.rowsWritten,
      readBytes: counts.bytesRead ?? counts.bytesWritten,
      writtenRows: counts.rowsWritten,
      writtenBytes: counts.bytesWritten,
      resultRows: counts.rowsWritten ?? counts.rowsRead,
      resultBytes: counts.bytesWritten ?? body.length,
      startedAt: run.query.startedAt,
    });
  }
}
