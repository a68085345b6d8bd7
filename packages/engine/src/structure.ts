import { isHarmfulFunction } from "./functions.ts";
import { LexError, Lexer, type Token, unquote } from "./lexer.ts";
import { is, isSymbol } from "./statement.ts";

/*
 * Some table functions take the structure of their table as a string: values('a Int32, b String', …). The engine reads
 * that string as SQL, with DEFAULT and ALIAS expressions, so it is code in a place where the guard sees a literal.
 */

const withStructure = new Set(["values", "sqlstandardvalues", "generaterandom", "null", "input"]);
const expressionWords = /\b(DEFAULT|ALIAS|MATERIALIZED|EPHEMERAL|TTL|CODEC|SETTINGS)\b/i;

/** The text of a plain literal; undefined for one that is written in another way (hex, unusual escapes). */
export function literalText(token: Token): string | undefined {
  if (token.value.startsWith("$")) {
    const tag = token.value.slice(0, token.value.indexOf("$", 1) + 1);
    return token.value.slice(tag.length, -tag.length);
  }
  if (!token.value.startsWith("'") || /\\[^\\'nt]/.test(token.value)) return undefined;
  return unquote(token.value);
}

/** A structure that only has names and types. */
export function isPlainStructure(token: Token): boolean {
  const text = literalText(token);
  return text !== undefined && !expressionWords.test(text) && !text.includes("\\");
}

const listWords = /^(INDEX|CONSTRAINT|PROJECTION|PRIMARY|STATISTICS|COMMENT)$/i;

/**
 * The columns of `input('a Int32, b String')` as they may stand in a CREATE TABLE, or undefined when the text is more
 * than names and types: it must not leave the brackets it is put into.
 */
export function columnsOf(token: Token): string | undefined {
  const text = isPlainStructure(token) ? literalText(token) : undefined;
  if (text === undefined) return undefined;
  try {
    const lexer = new Lexer(text);
    let depth = 0;
    for (let part = lexer.next(); part; part = lexer.next()) {
      if (part.kind === "symbol" && !"(),=-.".includes(part.value)) return undefined;
      if (isSymbol(part, "(")) depth += 1;
      else if (isSymbol(part, ")")) depth -= 1;
      if (depth < 0 || (part.kind === "word" && (listWords.test(part.value) || isHarmfulFunction(part.value))))
        return undefined;
    }
    return depth === 0 ? text : undefined;
  } catch (error) {
    if (error instanceof LexError) return undefined;
    throw error;
  }
}

/** The index behind the bracket that closes the one at `open`, and whether a comma stands directly inside it. */
function bracket(tokens: readonly Token[], open: number): { after: number; comma: boolean } {
  let depth = 0;
  let comma = false;
  for (let index = open; index < tokens.length; index += 1) {
    const { kind, value } = tokens[index] ?? { kind: "symbol", value: "" };
    if (kind !== "symbol") continue;
    if (value === "(" || value === "[") depth += 1;
    else if (value === ")" || value === "]") depth -= 1;
    else if (value === "," && depth === 1) comma = true;
    if (depth === 0) return { after: index + 1, comma };
  }
  return { after: tokens.length, comma };
}

/**
 * Whether the call at `index` (a name followed by a bracket) hands no hidden SQL to a table function. Calls of other
 * functions are always safe in this sense. `format` is told apart from the table function by its pattern.
 */
export function hasSafeArguments(tokens: readonly Token[], index: number): boolean {
  const name = tokens[index]?.value.toLowerCase() ?? "";
  const first = tokens[index + 2];
  if (name === "format") return first?.kind === "string" && first.value.includes("{");
  if (!withStructure.has(name)) return true;
  if (!first) return false;
  const endsAt = (at: number) => isSymbol(tokens[at], ",") || isSymbol(tokens[at], ")");
  if (isSymbol(first, ")")) return true;
  if (first.kind === "string") return endsAt(index + 3) && isPlainStructure(first);
  if (first.kind === "number" || is(first, "NULL")) return endsAt(index + 3);
  if (isSymbol(first, "-")) return tokens[index + 3]?.kind === "number" && endsAt(index + 4);
  if (isSymbol(first, "(") || isSymbol(first, "[")) {
    const { after, comma } = bracket(tokens, index + 2);
    return endsAt(after) && (comma || isSymbol(first, "["));
  }
  return false;
}
