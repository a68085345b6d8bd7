import { lockedSettings } from "./config.ts";
import { accessDenied, EngineError } from "./errors.ts";
import type { Token } from "./lexer.ts";
import type { UserOptions } from "./options.ts";
import { is, isSymbol, type Statement } from "./statement.ts";

/*
 * The engine itself enforces what a user may read, write and create (roles), and refuses every source outside it. What
 * is left to this file is what an engine inside a process is laxer about than a server: files through `file()` and
 * INTO OUTFILE, disks and engines that take a path or an address, and leaving one's role.
 */

const readVerbs = new Set(["SELECT", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "USE", "KILL", "SET"]);
const writeVerbs = new Set([
  ...readVerbs,
  "INSERT",
  "CREATE",
  "REPLACE",
  "ALTER",
  "DROP",
  "UNDROP",
  "TRUNCATE",
  "RENAME",
  "EXCHANGE",
  "OPTIMIZE",
  "CHECK",
  "DELETE",
  "UPDATE",
  "SYSTEM",
]);
/** Statements that change nothing that outlives the session. */
export const isReading = (statement: Statement) =>
  readVerbs.has(statement.verb) && statement.verb !== "KILL" && statement.verb !== "SET";

const creatable = new Set(["TABLE", "DATABASE", "VIEW", "MATERIALIZED"]);
const tableEngines = new Set([
  "MergeTree",
  "ReplacingMergeTree",
  "SummingMergeTree",
  "AggregatingMergeTree",
  "CollapsingMergeTree",
  "VersionedCollapsingMergeTree",
  "CoalescingMergeTree",
  "Memory",
  "Null",
  "Log",
  "TinyLog",
  "StripeLog",
  "Set",
  "Join",
]);
const databaseEngines = new Set(["Atomic"]);

const tableFunctions = new Set(
  [
    "numbers",
    "numbers_mt",
    "zeros",
    "zeros_mt",
    "primes",
    "generate_series",
    "generateSeries",
    "generateRandom",
    "values",
    "SQLStandardValues",
    "view",
    "viewExplain",
    "viewIfPermitted",
    "null",
    "input",
    "format",
  ].map((name) => name.toLowerCase()),
);

/** Functions that read files, load models or call other machines; they can also be passed by name to another function. */
const harmfulFunctions = new Set(["file", "catboostevaluate"]);
const isHarmful = (name: string) => harmfulFunctions.has(name) || /^ai[A-Z_]/.test(name);

/** Tables of `system` that a reader's client asks about its own tables and types. */
const readableSystemTables = new Set([
  "one",
  "numbers",
  "columns",
  "tables",
  "databases",
  "functions",
  "settings",
  "formats",
  "data_type_families",
  "time_zones",
  "build_options",
  "contributors",
  "table_functions",
  "keywords",
]);

const systemVerbs = new Set(["REFRESH", "WAIT", "STOP", "START", "CANCEL"]);

export class Guard {
  /** Lower-case names of table functions that are refused. */
  readonly #refused: Set<string>;

  /** `all` are the table functions that this engine knows; whatever is not known to be harmless is refused. */
  constructor(all: readonly string[]) {
    this.#refused = new Set(all.map((name) => name.toLowerCase()).filter((name) => !tableFunctions.has(name)));
    for (const name of ["disk", "executable", "eval", "s3", "url", "remote", "cluster"]) this.#refused.add(name);
  }

  /**
   * Refuses what the user may not do, or nobody may do here.
   * @throws EngineError 497 (not allowed) or 344 (not supported).
   */
  check(statement: Statement, user: UserOptions): void {
    const { verb, tokens } = statement;
    const verbs = user.readonly ? readVerbs : writeVerbs;
    if (!writeVerbs.has(verb) && /^[A-Z]+$/.test(verb) && knownVerbs.has(verb)) {
      throw new EngineError(344, "SUPPORT_IS_DISABLED", `${verb} is not available on this endpoint`);
    }
    if (!verbs.has(verb) && writeVerbs.has(verb)) {
      throw accessDenied(`${user.name}: Not enough privileges. The user may only read`);
    }
    const next = tokens[1];
    if (verb === "SET" && !this.#mayBeSet(tokens)) throw accessDenied(`${user.name}: roles cannot be changed`);
    if (
      verb === "SYSTEM" &&
      !(next?.kind === "word" && systemVerbs.has(next.value.toUpperCase()) && /^VIEWS?$/i.test(tokens[2]?.value ?? ""))
    ) {
      throw accessDenied(`${user.name}: Not enough privileges for this SYSTEM command`);
    }
    if (verb === "CREATE" || verb === "REPLACE") this.#checkCreate(statement, user);
    if (
      user.readonly &&
      verb === "SHOW" &&
      /^(PROCESSLIST|GRANTS|ACCESS|USERS|ROLES|CREATE)$/i.test(next?.value ?? "") &&
      !(is(next, "CREATE") && !/^(USER|ROLE|QUOTA|PROFILE|SETTINGS|ROW|POLICY)$/i.test(tokens[2]?.value ?? ""))
    ) {
      throw accessDenied(`${user.name}: Not enough privileges for this SHOW command`);
    }
    this.#checkTokens(statement, user);
  }

  #mayBeSet(tokens: readonly Token[]) {
    const name = tokens[1];
    const after = tokens[2];
    return (
      name !== undefined &&
      (isSymbol(after, "=") || isSymbol(after, "==") || after === undefined || isSymbol(after, ","))
    );
  }

  #checkCreate(statement: Statement, user: UserOptions) {
    const words = statement.tokens.slice(1, 5).map((token) => (token.kind === "word" ? token.value.toUpperCase() : ""));
    const kind = words.find((word) => !["OR", "REPLACE", "TEMPORARY", "AND"].includes(word)) ?? "";
    if (!creatable.has(kind)) {
      throw accessDenied(`${user.name}: Not enough privileges. Only databases, tables and views can be created here`);
    }
    const allowed = kind === "DATABASE" ? databaseEngines : tableEngines;
    let depth = 0;
    for (const [index, token] of statement.tokens.entries()) {
      if (isSymbol(token, "(")) depth += 1;
      else if (isSymbol(token, ")")) depth -= 1;
      if (depth === 0 && (is(token, "SELECT") || is(token, "WITH"))) break;
      if (!is(token, "ENGINE")) continue;
      const assigned = isSymbol(statement.tokens[index + 1], "=");
      if (depth > 0 && !assigned) continue;
      const engine = statement.tokens[index + (assigned ? 2 : 1)];
      if (!engine || !allowed.has(engine.value)) {
        throw accessDenied(
          `${user.name}: Not enough privileges. The engine ${engine?.value ?? ""} is not available here`,
        );
      }
    }
  }

  #checkTokens(statement: Statement, user: UserOptions) {
    const { tokens, verb } = statement;
    const insertHead = verb === "INSERT" ? tokens.findIndex((t) => is(t, "SELECT") || is(t, "WITH")) : -1;
    for (const [index, token] of tokens.entries()) {
      const before = tokens[index - 1];
      const after = tokens[index + 1];
      if (token.kind === "word") {
        if (is(token, "INTO") && is(after, "OUTFILE"))
          throw accessDenied(`${user.name}: INTO OUTFILE is not available`);
        if (is(token, "FROM") && is(after, "INFILE")) throw accessDenied(`${user.name}: FROM INFILE is not available`);
        if (is(token, "INTO") && is(after, "FUNCTION"))
          throw accessDenied(`${user.name}: INSERT INTO FUNCTION is not available`);
        if (is(token, "TABLE") && is(after, "FUNCTION") && verb === "INSERT" && index < 4) {
          throw accessDenied(`${user.name}: INSERT INTO FUNCTION is not available`);
        }
        if (is(token, "PARALLEL") && is(after, "WITH"))
          throw accessDenied(`${user.name}: PARALLEL WITH is not available`);
      } else if (token.kind !== "quoted") continue;
      const qualified = isSymbol(before, ".");
      const name = token.value.toLowerCase();
      const inInsertHead = verb === "INSERT" && (insertHead < 0 || index < insertHead);
      if (!qualified && !inInsertHead) {
        if (
          isSymbol(after, "(") &&
          this.#refused.has(name) &&
          !is(before, "TABLE") &&
          !is(before, "INTO") &&
          !is(before, "EXISTS")
        ) {
          throw accessDenied(`${user.name}: Not enough privileges. The function ${token.value} is not available here`);
        }
        if (isHarmful(token.value) && !this.#isOnlyAName(tokens, index, verb)) {
          throw accessDenied(
            `${user.name}: Not enough privileges. The function ${token.value} is not available here; a column of that name must be written with its table (t.${token.value})`,
          );
        }
      }
      if (isSymbol(after, "=") && (lockedSettings as readonly string[]).includes(name)) {
        throw new EngineError(452, "SETTING_CONSTRAINT_VIOLATION", `Setting ${name} should not be changed`);
      }
      if (user.databases && name === "system" && !qualified) this.#checkSystemTable(tokens, index, user);
    }
  }

  /** A table or column called like a harmful function: defined, aliased, qualified or named as a table, never called. */
  #isOnlyAName(tokens: readonly Token[], index: number, verb: string) {
    const before = tokens[index - 1];
    const after = tokens[index + 1];
    if (isSymbol(after, ".")) return true;
    if (isSymbol(after, "(")) return is(before, "TABLE") || is(before, "EXISTS");
    if (["AS", "TABLE", "EXISTS", "FROM", "JOIN", "COLUMN", "INTO"].some((word) => is(before, word))) return true;
    return (
      verb === "CREATE" &&
      after?.kind === "word" &&
      !is(after, "FROM") &&
      (isSymbol(before, "(") || isSymbol(before, ","))
    );
  }

  #checkSystemTable(tokens: readonly Token[], index: number, user: UserOptions) {
    const before = tokens[index - 1];
    const table = isSymbol(tokens[index + 1], ".") ? tokens[index + 2] : undefined;
    if (table && (table.kind === "word" || table.kind === "quoted")) {
      if (readableSystemTables.has(table.value)) return;
    } else if (!isSymbol(tokens[index + 1], ".") && !is(before, "USE") && !is(before, "FROM") && !is(before, "IN"))
      return;
    throw accessDenied(
      `${user.name}: Not enough privileges. To execute this query, it's necessary to have the grant SELECT ON system.${table?.value ?? "*"}`,
    );
  }

  /** A reader's current database must be one of its own (or an empty one); `system` would hide the table checks. */
  checkDatabase(database: string, user: UserOptions): void {
    if (user.databases && database.toLowerCase() === "system") {
      throw accessDenied(
        `${user.name}: Not enough privileges. To execute this query, it's necessary to have the grant SHOW DATABASES ON system.*`,
      );
    }
  }
}

const knownVerbs = new Set([
  "ATTACH",
  "DETACH",
  "BACKUP",
  "RESTORE",
  "GRANT",
  "REVOKE",
  "WATCH",
  "EXECUTE",
  "BEGIN",
  "COMMIT",
  "ROLLBACK",
  "MOVE",
  "COPY",
  "IMPERSONATE",
]);
