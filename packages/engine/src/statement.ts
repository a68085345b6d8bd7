import type { Body } from "./body.ts";
import { EngineError, syntaxError } from "./errors.ts";
import { LexError, Lexer, type Token } from "./lexer.ts";

/** Where an INSERT's data begins, its format, where its last clause begins (FORMAT or VALUES), and where SETTINGS stand. */
export type InsertData = {
  start: number;
  format: string;
  headEnd: number;
  settingsStart: number | undefined;
  usesInput: boolean;
};

/** One statement, cut into tokens. Offsets are bytes of `text` (latin1). */
export type Statement = {
  /** The text without a trailing semicolon and what follows it; for an insert with data, only what stands before the data. */
  text: string;
  tokens: Token[];
  /** Leading keywords in upper case decide it: SELECT, INSERT, CREATE, … */
  verb: string;
  /** Set for `INSERT … FORMAT x <data>`, `INSERT … VALUES <data>` and `INSERT … SELECT … FROM input(…) FORMAT x <data>`. */
  data: InsertData | undefined;
  /** The FORMAT clause at the end, if there is one. */
  format: { name: string; start: number } | undefined;
};

export const is = (token: Token | undefined, word: string) =>
  token?.kind === "word" && token.value.toUpperCase() === word;
export const isSymbol = (token: Token | undefined, symbol: string) =>
  token?.kind === "symbol" && token.value === symbol;
const isName = (token: Token | undefined) => token?.kind === "word" || token?.kind === "quoted";

/** What a server says about a text that cannot be parsed; `position` is a byte offset into it. */
export function parseFailure(text: string, position: number, reason: string) {
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  const rest = Buffer.from(text.slice(position, position + 160), "latin1").toString();
  const shown = rest.split(/\s/, 1)[0] ?? "";
  const where = position >= text.length ? "(end of query)" : `(${shown})`;
  return syntaxError(
    `Syntax error: failed at position ${position + 1} ${where} (line ${line}, col ${column}): ${rest}. ${reason}`,
  );
}

/**
 * Reads the head of an INSERT up to where its data begins. Answers undefined when the statement takes its rows from a
 * query without `input()`, and throws when the text ends before this is clear.
 */
function insertData(lexer: Lexer, tokens: Token[], queryEnd: number | undefined): InsertData | undefined {
  const take = () => {
    const token = lexer.next();
    if (token) tokens.push(token);
    return token;
  };
  let depth = 0;
  let usesSelect = false;
  let usesInput = false;
  let named = false;
  let settingsStart: number | undefined;
  for (;;) {
    const rewind = lexer.position;
    // The `query` parameter ends here and the body follows: an INSERT that named no format takes it as VALUES.
    if (queryEnd !== undefined && !usesSelect && depth === 0 && named && rewind < queryEnd) {
      const probe = new Lexer(lexer.text.slice(0, queryEnd), rewind);
      if (!probe.next()) return { start: queryEnd, format: "Values", headEnd: queryEnd, settingsStart, usesInput };
    }
    const token = take();
    if (!token) return undefined;
    if (isSymbol(token, ";") && depth === 0) return undefined;
    if (isSymbol(token, "(")) depth += 1;
    else if (isSymbol(token, ")")) depth -= 1;
    if (is(token, "INPUT") && usesSelect) usesInput = true;
    if (!named) {
      if (is(token, "INTO") || is(token, "TABLE") || is(token, "FUNCTION")) continue;
      named = isName(token) || isSymbol(token, "{");
      continue;
    }
    const before = tokens.at(-2);
    if (isSymbol(before, ".") || before === undefined) continue;
    if (is(token, "SELECT") || is(token, "WITH")) usesSelect = true;
    if (depth > 0) continue;
    if (is(token, "SETTINGS") && !usesSelect) settingsStart ??= token.start;
    if (is(token, "VALUES") && !usesSelect) {
      return { start: token.end, format: "Values", headEnd: token.start, settingsStart, usesInput };
    }
    if (is(token, "FORMAT")) {
      const save = lexer.position;
      const name = lexer.next();
      if (name?.kind === "word" && (usesInput || !usesSelect)) {
        tokens.push(name);
        return { start: name.end, format: name.value, headEnd: token.start, settingsStart, usesInput };
      }
      lexer.position = save;
    }
  }
}

/** Skips the blanks and the one line break that stand between the format's name and the data. */
export function dataStart(text: string, at: number, format: string): number {
  if (format.toUpperCase() === "VALUES") return at;
  let start = at;
  while (text[start] === " " || text[start] === "\t" || text[start] === "\f" || text[start] === "\v") start += 1;
  if (text[start] === "\r" && text[start + 1] === "\n") return start + 2;
  return text[start] === "\n" ? start + 1 : start;
}

const clauseEnds = new Set([
  "SELECT",
  "BY",
  "WHERE",
  "AND",
  "OR",
  "NOT",
  "DISTINCT",
  "ON",
  "HAVING",
  "AS",
  "WITH",
  "FROM",
]);

/** Finds `FORMAT x` at the end of a query: outside brackets, followed by nothing or by SETTINGS. */
function trailingFormat(tokens: Token[]): Statement["format"] {
  let depth = 0;
  let found: Statement["format"];
  tokens.forEach((token, index) => {
    if (token.kind === "symbol") {
      if ("([{".includes(token.value)) depth += 1;
      else if (")]}".includes(token.value)) depth -= 1;
    }
    if (depth !== 0 || !is(token, "FORMAT")) return;
    const name = tokens[index + 1];
    const after = tokens[index + 2];
    const before = tokens[index - 1];
    if (name?.kind !== "word" || (after && !is(after, "SETTINGS") && !is(after, "INTO"))) return;
    if (!before || (before.kind === "word" && clauseEnds.has(before.value.toUpperCase()))) return;
    if (before.kind === "symbol" && !")]}*".includes(before.value)) return;
    found = { name: name.value, start: token.start };
  });
  return found;
}

/** The verb of a statement that begins with WITH stands behind its subqueries. */
function verbOf(tokens: Token[]): string {
  const first = tokens[0];
  if (!first) return "";
  if (isSymbol(first, "(")) return "SELECT";
  if (first.kind !== "word") return first.value;
  const verb = first.value.toUpperCase();
  if (verb === "FROM" || verb === "VALUES") return "SELECT";
  if (verb !== "WITH") return verb;
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, "(")) depth += 1;
    else if (isSymbol(token, ")")) depth -= 1;
    else if (depth === 0 && is(token, "INSERT")) return "INSERT";
    else if (depth === 0 && (is(token, "SELECT") || is(token, "FROM"))) return "SELECT";
  }
  return "SELECT";
}

/**
 * Reads one statement. `queryEnd` is where the `query` parameter ends when a body follows it.
 * @throws EngineError 62 for an empty text, several statements, or a text that has no tokens ClickHouse knows.
 */
export function parseStatement(text: string, queryEnd?: number): Statement {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  try {
    const first = lexer.next();
    if (!first) throw syntaxError("Empty query");
    tokens.push(first);
    if (is(first, "INSERT")) {
      const data = insertData(lexer, tokens, queryEnd);
      if (data) {
        return { text: text.slice(0, data.start), tokens, verb: "INSERT", data, format: undefined };
      }
    }
    let end = text.length;
    const semicolon = tokens.findIndex((token) => isSymbol(token, ";"));
    if (semicolon >= 0) {
      end = tokens[semicolon]?.start ?? end;
      tokens.length = semicolon;
    } else {
      for (;;) {
        const token = lexer.next();
        if (!token) break;
        if (isSymbol(token, ";")) {
          end = token.start;
          break;
        }
        tokens.push(token);
      }
    }
    if (end < text.length) {
      for (let rest = lexer.next(); rest; rest = lexer.next()) {
        if (!isSymbol(rest, ";")) {
          throw parseFailure(text, end, "Multi-statements are not allowed");
        }
      }
    }
    if (tokens.length === 0) throw syntaxError("Empty query");
    return { text: text.slice(0, end), tokens, verb: verbOf(tokens), data: undefined, format: trailingFormat(tokens) };
  } catch (error) {
    if (error instanceof LexError) throw parseFailure(text, error.position, error.message);
    throw error;
  }
}

const headBytes = 256 * 1024;
/** The engine's own max_query_size is smaller; this only keeps a wrong upload out of memory. */
const longestStatement = 2 * 1024 * 1024;

/**
 * The text of a request: the `query` parameter and the beginning of the body. The rest of a large body stays unread when
 * it is the data of an INSERT; any other statement is read to its end.
 */
export async function readText(
  parameter: string,
  body: Body | undefined,
): Promise<{ text: string; queryEnd: number | undefined; rest: Body | undefined }> {
  const query = Buffer.from(parameter, "utf8").toString("latin1");
  if (!body) return { text: query, queryEnd: undefined, rest: undefined };
  const { head, ended } = await body.head(headBytes);
  const queryEnd = query === "" ? undefined : query.length;
  const join = (part: Buffer) => (query === "" ? part.toString("latin1") : `${query}\n${part.toString("latin1")}`);
  const text = join(head);
  if (ended) return { text, queryEnd, rest: undefined };
  try {
    if (parseStatement(text, queryEnd).data) return { text, queryEnd, rest: body };
  } catch {
    // The head may end inside a string or a comment: judge the whole text.
  }
  const more = await body.head(longestStatement);
  if (!more.ended) throw new EngineError(229, "QUERY_IS_TOO_LARGE", "The query is too large");
  return { text: join(Buffer.concat([head, more.head])), queryEnd, rest: undefined };
}

/** The statement as the query log shows it: an INSERT without its data. */
export function loggedText(statement: Statement, text: string): string {
  const { data } = statement;
  return Buffer.from(
    data ? text.slice(0, dataStart(text, data.start, data.format)) : statement.text,
    "latin1",
  ).toString();
}
