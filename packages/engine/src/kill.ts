import { type Engine, literal } from "./engine.ts";
import { EngineError } from "./errors.ts";
import type { Connection } from "./native.ts";
import { cancelled, type RunningQueries } from "./running.ts";
import { is, type Statement } from "./statement.ts";

/**
 * `KILL QUERY WHERE …` over the client's own query ids, which the engine does not know: the condition is asked over the
 * list of the endpoint. A user kills queries of its own only.
 */
export async function killQueries(
  engine: Engine,
  connection: Connection,
  running: RunningQueries,
  statement: Statement,
  own: { id: string; user: string },
  format: string,
): Promise<Buffer> {
  const { tokens, text } = statement;
  if (!is(tokens[1], "QUERY")) {
    throw new EngineError(344, "SUPPORT_IS_DISABLED", "Only KILL QUERY is available on this endpoint");
  }
  const where = tokens.find((token) => is(token, "WHERE"));
  if (!where) throw new EngineError(62, "SYNTAX_ERROR", "KILL QUERY needs a WHERE clause");
  const words = tokens.slice(-3);
  const mode = words.find((token) => is(token, "SYNC") || is(token, "ASYNC") || is(token, "TEST"));
  const end = Math.min(mode?.start ?? text.length, statement.format?.start ?? text.length);
  const condition = Buffer.from(text.slice(where.end, end), "latin1").toString();
  const now = performance.now();
  const rows = [...running]
    .filter((query) => query.user === own.user && query.id !== own.id)
    .map(
      (query) =>
        `(${literal(query.id)}, ${literal(query.user)}, ${literal(query.text.slice(0, 4096))}, ${(now - query.startedAt) / 1000})`,
    );
  const source =
    rows.length === 0
      ? "SELECT '' AS query_id, '' AS user, '' AS query, 0. AS elapsed WHERE 0"
      : `SELECT * FROM values('query_id String, user String, query String, elapsed Float64', ${rows.join(", ")})`;
  const chosen = `SELECT 'waiting' AS kill_status, query_id, user, query FROM (${source}) WHERE (${condition})`;
  const { bytes } = await engine.read(connection, `${chosen} FORMAT JSONEachRow`, "JSONEachRow");
  const ids = bytes
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line): string => JSON.parse(line).query_id);
  if (!mode || !is(mode, "TEST")) {
    for (const id of ids) running.get(id)?.cancel(cancelled());
  }
  if (ids.length === 0) return Buffer.alloc(0);
  return (await engine.read(connection, `${chosen} FORMAT ${format}`, format)).bytes;
}
