import { endpointRole } from "./config.ts";
import { type Engine, identifier, literal, tagSetting } from "./engine.ts";
import { EngineError } from "./errors.ts";
import { expressionSettings } from "./functions.ts";
import type { UserOptions } from "./options.ts";
import type { EngineRequest } from "./request.ts";
import type { Lease } from "./sessions.ts";
import { isSymbol, type Statement } from "./statement.ts";

/** Settings that cannot harm and that change how an answer looks: a reader's client may set them. */
const harmless = new Set([
  "join_use_nulls",
  "date_time_output_format",
  "date_time_input_format",
  "session_timezone",
  "extremes",
  "max_block_size",
  "format_csv_delimiter",
  "format_csv_null_representation",
  "format_tsv_null_representation",
  "decimal_trailing_zeros",
  "bool_true_representation",
  "bool_false_representation",
  "enable_http_compression",
  "http_zlib_compression_level",
  "send_progress_in_http_headers",
  "http_headers_progress_interval_ms",
  "http_write_exception_in_output_format",
  "limit",
  "offset",
  "aggregate_functions_null_for_empty",
  "transform_null_in",
  "cast_keep_nullable",
]);

const capped: Record<string, keyof UserOptions["limits"]> = {
  max_memory_usage: "memory",
  max_execution_time: "seconds",
  max_result_rows: "resultRows",
};

/** The client's settings as they may be applied for this user: stripped for readers, capped for everybody. */
export function allowedSettings(given: ReadonlyMap<string, string>, user: UserOptions): Map<string, string> {
  const allowed = new Map<string, string>();
  for (const [name, value] of given) {
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)) {
      throw new EngineError(
        115,
        "UNKNOWN_SETTING",
        `Setting ${name} is neither a builtin setting nor started with the prefix 'SQL_' registered for user-defined settings`,
      );
    }
    const limit = capped[name];
    if (limit) {
      const cap = user.limits[limit];
      const wanted = Number(value);
      allowed.set(name, String(wanted > 0 && wanted < cap ? wanted : cap));
    } else if (name === "readonly" || name === tagSetting || expressionSettings.includes(name)) {
      // `readonly` has to be the last setting of all; the others are the endpoint's own.
    } else if (!user.readonly || harmless.has(name) || name.startsWith("output_format_")) allowed.set(name, value);
  }
  return allowed;
}

const assignments = (settings: Iterable<readonly [string, string]>) =>
  [...settings].map(([name, value]) => `${name} = ${literal(value)}`).join(", ");

/** As a server does it, the database of a URL is entered without asking for rights: its tables ask. */
const enter = (database: string) => [`SET ROLE ${identifier(endpointRole)}`, `USE ${identifier(database)}`];
const become = (user: UserOptions) => `SET ROLE ${identifier(user.name)}`;

/** What a new connection is told first: where it is, whose it is, and the caps of that user. */
function opening(user: UserOptions, database: string): string[] {
  const { memory, seconds, resultRows } = user.limits;
  const caps = assignments([
    ["max_memory_usage", String(memory)],
    ["max_execution_time", String(seconds)],
    ["max_result_rows", String(resultRows)],
  ]);
  return [...enter(database), become(user), `SET ${caps}`];
}

/** The settings and parameters of one request. */
function ownSettings(request: EngineRequest, settings: ReadonlyMap<string, string>, tag: string): string {
  const parameters: [string, string][] = [];
  for (const [name, value] of request.parameters) {
    if (!/^[A-Za-z0-9_]+$/.test(name)) {
      throw new EngineError(36, "BAD_ARGUMENTS", `Wrong name of a query parameter: ${name}`);
    }
    parameters.push([`param_${name}`, value]);
  }
  return `SET ${assignments([...settings, [tagSetting, tag], ...parameters])}`;
}

/** 1 for readers, 2 for a GET; `undefined` when the user may write. */
function readonlyLevel(request: EngineRequest): number | undefined {
  if (request.user.readonly) return 1;
  const wanted = Number(request.settings.get("readonly") ?? "0");
  if (wanted === 1 || wanted === 2) return wanted;
  return request.get ? 2 : undefined;
}

/** What a statement itself changes in its session, and what therefore must not be taken back after it. */
function changedBy(statement: Statement): { settings: Set<string>; database: boolean } {
  const settings = new Set<string>();
  if (statement.verb === "SET") {
    for (const [index, token] of statement.tokens.entries()) {
      if (isSymbol(statement.tokens[index + 1], "=")) settings.add(token.value);
    }
  }
  return { settings, database: statement.verb === "USE" };
}

/**
 * Sets a connection up for one request and answers the statements that take it back afterwards (for a kept session).
 * `readonly` comes last, and only where the connection ends with the request: it cannot be taken back.
 */
export async function prepare(
  engine: Engine,
  lease: Lease,
  request: EngineRequest,
  statement: Statement,
  settings: ReadonlyMap<string, string>,
  tag: string,
): Promise<string[]> {
  const run = (script: string[]) => engine.read(lease.connection, script.join(";\n"), "JSONEachRow");
  const { user } = request;
  const own = ownSettings(request, settings, tag);
  if (!lease.kept) {
    const level = readonlyLevel(request);
    const last = level === undefined ? [] : [`SET readonly = ${level}`];
    await run([...opening(user, request.database || user.defaultDatabase), own, ...last]);
    return [];
  }
  if (lease.fresh) await run(opening(user, user.defaultDatabase));
  const undo: string[] = [];
  const changed = changedBy(statement);
  const names = [...settings.keys()].filter((name) => !changed.settings.has(name));
  const now = await run([
    `SELECT (SELECT groupArray((name, value, changed)) FROM system.settings WHERE name IN (${["", ...names].map(literal).join(", ")})) AS settings, currentDatabase() AS database`,
  ]);
  const before: { settings: [string, string, number][]; database: string } = JSON.parse(now.bytes.toString());
  for (const [name, value, set] of before.settings) {
    undo.push(`SET ${name} = ${Number(set) ? literal(value) : "DEFAULT"}`);
  }
  if (request.database && !changed.database) undo.push(...enter(before.database), become(user));
  await run([own, ...(request.database ? [...enter(request.database), become(user)] : [])]);
  return undo;
}
