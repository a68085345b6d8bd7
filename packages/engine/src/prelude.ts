import { lockedSettings } from "./config.ts";
import { identifier, literal } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { UserOptions } from "./options.ts";
import type { EngineRequest } from "./request.ts";

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
    } else if (name === "log_comment" || name === "readonly") {
      // The tag of a query is kept in log_comment, and `readonly` has to be the last setting of all.
    } else if ((lockedSettings as readonly string[]).includes(name)) {
      if (!user.readonly)
        throw new EngineError(452, "SETTING_CONSTRAINT_VIOLATION", `Setting ${name} should not be changed`);
    } else if (!user.readonly || harmless.has(name) || name.startsWith("output_format_")) allowed.set(name, value);
  }
  return allowed;
}

const assignments = (settings: Iterable<readonly [string, string]>) =>
  [...settings].map(([name, value]) => `${name} = ${literal(value)}`).join(", ");

/** What a new connection is told first: whose it is and the caps of that user. */
export function opening(user: UserOptions): string {
  const { memory, seconds, resultRows } = user.limits;
  const caps = assignments([
    ["max_memory_usage", String(memory)],
    ["max_execution_time", String(seconds)],
    ["max_result_rows", String(resultRows)],
  ]);
  return `SET ROLE ${identifier(user.name)}; SET ${caps}; USE ${identifier(user.defaultDatabase)}`;
}

/** The settings and parameters of one request, to be applied before its statement. */
export function perRequest(request: EngineRequest, settings: ReadonlyMap<string, string>, tag: string): string {
  const parameters: [string, string][] = [];
  for (const [name, value] of request.parameters) {
    if (!/^[A-Za-z0-9_]+$/.test(name))
      throw new EngineError(36, "BAD_ARGUMENTS", `Wrong name of a query parameter: ${name}`);
    parameters.push([`param_${name}`, value]);
  }
  const comment = request.settings.get("log_comment");
  return `SET ${assignments([...settings, ["log_comment", comment ? `${tag} ${comment}` : tag], ...parameters])}`;
}

/** The last setting: 1 for readers, 2 for a GET; `undefined` when the user may write. */
export function readonlyLevel(request: EngineRequest): number | undefined {
  if (request.user.readonly) return 1;
  const wanted = Number(request.settings.get("readonly") ?? "0");
  if (wanted === 1 || wanted === 2) return wanted;
  return request.get ? 2 : undefined;
}
