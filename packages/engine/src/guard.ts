import { accessDenied, EngineError } from "./errors.ts";
import { expressionSettings, type FunctionRules, filterSettings, isHarmfulFunction } from "./functions.ts";
import { LexError, Lexer, type Token } from "./lexer.ts";
import type { UserOptions } from "./options.ts";
import { is, isSymbol, parseFailure, type Statement } from "./statement.ts";
import { hasSafeArguments, literalText } from "./structure.ts";

/*
 * The engine itself enforces what a user may read, write and create (roles), and refuses every source outside it. What
 * is left to this file is what an engine inside a process is laxer about than a server: files through `file()` and
 * INTO OUTFILE, disks and engines that take a path or an address, and leaving one's role.
 */

const readVerbs = new Set(["SELECT", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "USE", "KILL", "SET"]);
const writeVerbs = new Set([
  ...readVerbs,
  ...["INSERT", "CREATE", "REPLACE", "ALTER", "DROP", "UNDROP", "TRUNCATE", "RENAME", "EXCHANGE", "OPTIMIZE"],
  ...["CHECK", "DELETE", "UPDATE", "SYSTEM"],
]);
/** Known to the engine, but not for anybody here: they reach files, other servers or other users' rights. */
const refusedVerbs = new Set([
  ...["ATTACH", "DETACH", "BACKUP", "RESTORE", "GRANT", "REVOKE", "WATCH", "EXECUTE", "BEGIN", "COMMIT", "ROLLBACK"],
  ...["MOVE", "COPY", "PARALLEL"],
]);

/** Statements with an answer that change nothing. */
export const isReading = (statement: Statement) =>
  readVerbs.has(statement.verb) && !["KILL", "SET", "USE"].includes(statement.verb);

const creatable = new Set(["TABLE", "DATABASE", "VIEW", "MATERIALIZED"]);
const tableEngines = new Set([
  ...["MergeTree", "ReplacingMergeTree", "SummingMergeTree", "AggregatingMergeTree", "CollapsingMergeTree"],
  ...["VersionedCollapsingMergeTree", "CoalescingMergeTree", "Memory", "Null", "Log", "TinyLog", "StripeLog"],
  ...["Set", "Join"],
]);
const databaseEngines = new Set(["Atomic"]);

/** Tables of `system` that a reader's client asks about its own tables and types. */
const readableSystemTables = new Set([
  ...["one", "numbers", "columns", "tables", "databases", "functions", "settings", "formats", "data_type_families"],
  ...["time_zones", "build_options", "contributors", "table_functions", "keywords"],
]);

const isName = (token: Token | undefined) => token?.kind === "word" || token?.kind === "quoted";
const isOneOf = (token: Token | undefined, ...words: string[]) => words.some((word) => is(token, word));

/** Refuses what a user may not do, or nobody may do here. Methods throw EngineError 62, 344 or 497. */
export class Guard {
  readonly #functions: FunctionRules;

  constructor(functions: FunctionRules) {
    this.#functions = functions;
  }

  check(statement: Statement, user: UserOptions): void {
    const { verb, tokens } = statement;
    const deny = (reason: string): never => {
      throw accessDenied(`${user.name}: Not enough privileges. ${reason}`);
    };
    if (refusedVerbs.has(verb)) {
      throw new EngineError(344, "SUPPORT_IS_DISABLED", `${verb} is not available on this endpoint`);
    }
    if (!writeVerbs.has(verb)) {
      throw parseFailure(
        statement.text,
        tokens[0]?.start ?? 0,
        "Expected one of: Query, Query with output, EXPLAIN, SELECT query",
      );
    }
    if (user.readonly && !readVerbs.has(verb)) deny("The user may only read");
    if (verb === "SET" && !isSettingsAssignment(tokens)) deny("Only settings can be SET here");
    if (verb === "SYSTEM" && !isAllowedSystemCommand(tokens)) deny("This SYSTEM command is not available here");
    if (verb === "CREATE" || verb === "REPLACE") this.#checkCreate(tokens, user, deny);
    if (user.readonly && verb === "SHOW" && isOneOf(tokens[1], "PROCESSLIST"))
      deny("Queries of others cannot be shown");
    this.#checkFiles(tokens, verb, deny);
    this.#checkNames(tokens, verb, deny);
    if (user.databases) this.#checkSystemTables(tokens, deny);
  }

  /** A reader's current database (or a name handed in as a parameter) must not be `system`: its tables are checked by name. */
  checkDatabase(database: string, user: UserOptions): void {
    if (!user.databases || database.trim().toLowerCase() !== "system") return;
    throw accessDenied(
      `${user.name}: Not enough privileges. To execute this query, it's necessary to have the grant SHOW DATABASES ON system.*`,
    );
  }

  /** Settings of the URL that hold SQL are read like a query; a table filter is a map of them. */
  checkSettings(settings: ReadonlyMap<string, string>, user: UserOptions): void {
    const deny = (reason: string): never => {
      throw accessDenied(`${user.name}: Not enough privileges. ${reason}`);
    };
    for (const name of filterSettings) {
      const value = settings.get(name);
      if (value === undefined) continue;
      const outer = tokensOf(Buffer.from(value).toString("latin1")) ?? deny(`Setting ${name} cannot be read`);
      const strings = name === "additional_table_filters" ? outer.filter((token) => token.kind === "string") : [];
      const inner = strings.map((token) => tokensOf(literalText(token)) ?? deny(`Setting ${name} cannot be read`));
      for (const tokens of [outer, ...inner]) {
        if (tokens.some((token) => isSymbol(token, ";") || isOneOf(token, "SELECT", "WITH"))) {
          deny(`Setting ${name} may only hold a condition`);
        }
        this.#checkNames(tokens, "SELECT", deny);
      }
    }
  }

  /** Only known kinds of objects, with engines that keep their data inside the engine. */
  #checkCreate(tokens: readonly Token[], user: UserOptions, deny: (reason: string) => never): void {
    const kind = tokens.slice(1, 5).find((token) => !isOneOf(token, "OR", "REPLACE", "TEMPORARY", "AND"));
    const word = kind?.kind === "word" ? kind.value.toUpperCase() : "";
    if (!creatable.has(word)) deny("Only databases, tables and views can be created here");
    // With its columns written out, a view is taken without a look at what it reads.
    if (!user.views && (word === "VIEW" || word === "MATERIALIZED")) deny("The user may not create views");
    const allowed = word === "DATABASE" ? databaseEngines : tableEngines;
    let depth = 0;
    for (const [index, token] of tokens.entries()) {
      if (isSymbol(token, "(")) depth += 1;
      else if (isSymbol(token, ")")) depth -= 1;
      if (depth === 0 && isOneOf(token, "SELECT", "WITH")) return;
      if (!is(token, "ENGINE") || isSymbol(tokens[index - 1], ".")) continue;
      const assigned = isSymbol(tokens[index + 1], "=") || isSymbol(tokens[index + 1], "==");
      // A column may be called `engine`; an inner engine of some table kinds stands inside brackets too.
      if (depth > 0 && !assigned) continue;
      const engine = tokens[index + (assigned ? 2 : 1)];
      if (!engine || !allowed.has(engine.value)) deny(`The engine ${engine?.value ?? ""} is not available here`);
    }
  }

  /** The client side of the engine reads and writes files by these words, without asking the role. */
  #checkFiles(tokens: readonly Token[], verb: string, deny: (reason: string) => never): void {
    for (const [index, token] of tokens.entries()) {
      const after = tokens[index + 1];
      if (is(token, "INTO") && is(after, "OUTFILE")) deny("INTO OUTFILE is not available");
      if (is(token, "FROM") && is(after, "INFILE")) deny("FROM INFILE is not available");
      if (is(token, "PARALLEL") && is(after, "WITH")) deny("PARALLEL WITH is not available");
      if (verb === "INSERT" && index < 4 && is(after, "FUNCTION") && isOneOf(token, "INTO", "TABLE", "INSERT")) {
        deny("INSERT INTO FUNCTION is not available");
      }
    }
  }

  /** Functions, in the places where a name may be one; and the settings that only the endpoint sets. */
  #checkNames(tokens: readonly Token[], verb: string, deny: (reason: string) => never): void {
    // Before its SELECT an INSERT has only names of tables and columns.
    const select = tokens.findIndex((token) => isOneOf(token, "SELECT", "WITH"));
    const start = verb === "INSERT" ? (select < 0 ? tokens.length : select) : 0;
    const columns = verb === "CREATE" ? columnList(tokens) : undefined;
    for (const [index, token] of tokens.entries()) {
      if (!isName(token)) continue;
      const before = tokens[index - 1];
      const after = tokens[index + 1];
      if (isSymbol(after, "=") && settingsOfTheEndpoint.has(token.value)) {
        deny(`Setting ${token.value} cannot be changed here`);
      }
      if (index < start || isSymbol(before, ".")) continue;
      const called = isSymbol(after, "(") && !isOneOf(before, "TABLE", "EXISTS", "VIEW", "COLUMNS");
      if (called && this.#functions.refusesCall(token.value)) deny(`The function ${token.value} is not available here`);
      if (isSymbol(after, "(") && !hasSafeArguments(tokens, index)) {
        deny(
          `The arguments of ${token.value} must be written as plain literals, without DEFAULT or ALIAS, on this endpoint`,
        );
      }
      if (!isHarmfulFunction(token.value) || isSymbol(after, ".")) continue;
      // A function can be handed to another one by its bare name: arrayMap(file, …), * APPLY file.
      if (!called && isOneOf(before, "AS", "TABLE", "VIEW", "EXISTS", "FROM", "JOIN", "COLUMN")) continue;
      if (columns?.has(index)) continue;
      deny(
        `The function ${token.value} is not available here; a column of that name must be written with its table (t.${token.value})`,
      );
    }
  }

  #checkSystemTables(tokens: readonly Token[], deny: (reason: string) => never): void {
    for (const [index, token] of tokens.entries()) {
      if (!isName(token) || token.value.toLowerCase() !== "system" || isSymbol(tokens[index - 1], ".")) continue;
      const dotted = isSymbol(tokens[index + 1], ".");
      const table = dotted ? tokens[index + 2] : undefined;
      if (isName(table) && readableSystemTables.has(table?.value ?? "")) continue;
      if (!dotted && !isOneOf(tokens[index - 1], "USE", "FROM", "IN", "DATABASE")) continue;
      deny(`To execute this query, it's necessary to have the grant SELECT ON system.${table?.value ?? "*"}`);
    }
  }
}

const settingsOfTheEndpoint = new Set([...expressionSettings, ...filterSettings]);

/** The tokens of a piece of SQL, or undefined when it has none that can be trusted. */
function tokensOf(text: string | undefined): Token[] | undefined {
  if (text === undefined) return undefined;
  try {
    const lexer = new Lexer(text);
    const tokens: Token[] = [];
    for (let token = lexer.next(); token; token = lexer.next()) tokens.push(token);
    return tokens;
  } catch (error) {
    if (error instanceof LexError) return undefined;
    throw error;
  }
}

/** `SET name = value, …`, not `SET ROLE …`, `SET DEFAULT ROLE …` or `SET TRANSACTION …`. */
function isSettingsAssignment(tokens: readonly Token[]): boolean {
  return isName(tokens[1]) && !isOneOf(tokens[1], "ROLE", "DEFAULT", "TRANSACTION") && isSymbol(tokens[2], "=");
}

function isAllowedSystemCommand(tokens: readonly Token[]): boolean {
  if (is(tokens[1], "FLUSH")) return is(tokens[2], "LOGS") && tokens.length === 3;
  return isOneOf(tokens[1], "REFRESH", "WAIT", "STOP", "START", "CANCEL") && isOneOf(tokens[2], "VIEW", "VIEWS");
}

/** Indexes of the column names in `CREATE TABLE t (name Type, …)`. */
function columnList(tokens: readonly Token[]): Set<number> {
  const names = new Set<number>();
  const open = tokens.findIndex((token) => isSymbol(token, "("));
  if (open < 0 || tokens.slice(0, open).some((token) => isOneOf(token, "ENGINE", "AS", "BY", "SELECT"))) return names;
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (isSymbol(token, "(")) depth += 1;
    else if (isSymbol(token, ")")) depth -= 1;
    if (depth === 0) return names;
    const first = isSymbol(tokens[index - 1], "(") || isSymbol(tokens[index - 1], ",");
    const after = tokens[index + 1];
    if (depth === 1 && first && isName(token) && after?.kind === "word" && !is(after, "AS")) names.add(index);
  }
  return names;
}
