import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Body } from "./body.ts";
import { literal, type WriteResult } from "./engine.ts";
import { EngineError } from "./errors.ts";
import { expressionSettings, type FunctionRules } from "./functions.ts";
import { untilCancelled } from "./running.ts";
import type { Run } from "./select.ts";
import { dataStart, type InsertData, is, isSymbol } from "./statement.ts";
import { columnsOf } from "./structure.ts";
import { mayEvaluate } from "./values.ts";

const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").toString();

/** Takes the staging file out of a message: it is the endpoint's own business. */
function withoutStaging(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const message = error.message
    .replaceAll(/\s*\(in file\/uri [^)]*\)/g, "")
    .replaceAll(": While executing File", "")
    .replaceAll(": data for INSERT was parsed from file", "")
    .replaceAll(/\n?: ?: /g, "\n: ")
    .trimEnd();
  return new EngineError(error.code, error.type, message);
}

/** An insert that says `FROM input('…')`: the rows go through a temporary table, since there is no stream to hand in. */
async function insertThroughInput(
  run: Run,
  data: InsertData,
  infile: string,
  expressions: string,
  format: string,
): Promise<WriteResult> {
  const { engine, connection, statement, query } = run;
  const { text, tokens } = statement;
  const at = tokens.findIndex((token, index) => is(token, "INPUT") && isSymbol(tokens[index + 1], "("));
  const first = tokens[at];
  const structure = tokens[at + 2];
  const close = tokens[at + 3];
  const columns = structure?.kind === "string" ? columnsOf(structure) : undefined;
  if (!first || columns === undefined || !close || !isSymbol(close, ")")) {
    throw new EngineError(36, "BAD_ARGUMENTS", "input() needs its structure as one string literal of names and types");
  }
  const name = `_input_${randomUUID().replaceAll("-", "")}`;
  const run1 = (sql: string) => untilCancelled(engine, query, () => engine.write(connection, sql));
  await run1(`CREATE TEMPORARY TABLE ${name} (\n${utf8(columns)}\n) ENGINE = Log`);
  try {
    await run1(`INSERT INTO ${name} ${infile} ${expressions && `SETTINGS ${expressions}`} FORMAT ${format}`);
    const before = utf8(text.slice(0, first.start));
    const after = utf8(text.slice(close.end, data.headEnd));
    return await run1(`${before}${name}${after}`);
  } finally {
    await engine.write(connection, `DROP TEMPORARY TABLE ${name}`).catch(() => undefined);
  }
}

/**
 * Stages the data of an INSERT completely, then lets the engine read it: an upload that breaks off lands nothing.
 * `text` is all that was read so far (SQL and the first data), `rest` the unread body.
 */
export async function insertWithData(
  run: Run,
  data: InsertData,
  text: string,
  rest: Body | undefined,
  functions: FunctionRules,
): Promise<WriteResult> {
  const { engine, connection, query, statement, files } = run;
  const head = text.slice(dataStart(text, data.start, data.format));
  const evaluates = data.format.toUpperCase() === "VALUES" && !rest && mayEvaluate(head, functions, query.user);
  const path = await files.stage(Buffer.from(head, "latin1"), rest);
  try {
    const { size } = await stat(path);
    // Formats with a frame refuse an empty file; an empty body is an insert of nothing in every format.
    const format = size === 0 ? "JSONEachRow" : data.format;
    const infile = `FROM INFILE ${literal(path)} COMPRESSION 'none'`;
    const expressions = evaluates ? expressionSettings.map((name) => `${name} = 1`).join(", ") : "";
    if (data.usesInput) return await insertThroughInput(run, data, infile, expressions, format);
    const settings = data.settingsStart;
    const target = utf8(statement.text.slice(0, settings ?? data.headEnd));
    let clause = settings === undefined ? "" : utf8(statement.text.slice(settings, data.headEnd));
    if (expressions) clause = clause === "" ? `SETTINGS ${expressions}` : `${clause}\n, ${expressions}`;
    const sql = `${target}\n${infile}\n${clause}\nFORMAT ${format}`;
    return await untilCancelled(engine, query, () => engine.write(connection, sql));
  } catch (error) {
    throw withoutStaging(error);
  } finally {
    await files.remove(path);
  }
}
