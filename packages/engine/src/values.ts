import { accessDenied } from "./errors.ts";
import type { FunctionRules } from "./functions.ts";
import { isHarmfulFunction } from "./functions.ts";
import { LexError, Lexer } from "./lexer.ts";
import { isSymbol } from "./statement.ts";

/** Larger data is taken without expressions; data above the smaller size is read only if it looks as if it had some. */
const longestChecked = 4 * 1024 * 1024;
const shortEnough = 64 * 1024;
const expressionHints = /[A-Za-z0-9_`"]\s*\(|[+*/%-]/;

/**
 * Decides whether the data of an INSERT … VALUES may hold expressions such as `now()`: the engine evaluates them without
 * asking the guard, so they are read here first. Data that needs no expressions, or too much of it, is taken literally.
 * @throws EngineError 497 when an expression calls what nobody may call.
 */
export function mayEvaluate(data: string, functions: FunctionRules, user: string): boolean {
  if (data.length > longestChecked || (data.length > shortEnough && !expressionHints.test(data))) return false;
  try {
    const lexer = new Lexer(data);
    let before = lexer.next();
    for (let token = lexer.next(); before; before = token, token = lexer.next()) {
      if (before.kind !== "word" && before.kind !== "quoted") continue;
      if (/^(SELECT|WITH|INTO)$/i.test(before.value)) return false;
      if (isHarmfulFunction(before.value) || (isSymbol(token, "(") && functions.refusesCall(before.value))) {
        throw accessDenied(`${user}: Not enough privileges. The function ${before.value} is not available here`);
      }
    }
    return true;
  } catch (error) {
    if (error instanceof LexError) return false;
    throw error;
  }
}
