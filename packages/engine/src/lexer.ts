export type TokenKind = "word" | "quoted" | "string" | "number" | "symbol";

/** `start` and `end` are byte offsets; `value` is the unquoted name of a word or a quoted identifier, else the source text. */
export type Token = { kind: TokenKind; start: number; end: number; value: string };

/** The text cannot be cut into tokens: an unclosed quote or comment, or a character that ClickHouse has no use for. */
export class LexError extends Error {
  override name = "LexError";
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

const isSpace = (c: string) => c === " " || c === "\t" || c === "\n" || c === "\r" || c === "\f" || c === "\v";
const isDigit = (c: string) => c >= "0" && c <= "9";
const isHex = (c: string) => isDigit(c) || (c >= "a" && c <= "f") || (c >= "A" && c <= "F");
const isWord = (c: string) => isDigit(c) || (c >= "a" && c <= "z") || (c >= "A" && c <= "Z") || c === "_";

// UTF-8 as latin1: the curly quotes and the spaces that ClickHouse takes from pasted texts.
const leftSingle = "\xe2\x80\x98";
const rightSingle = "\xe2\x80\x99";
const leftDouble = "\xe2\x80\x9c";
const rightDouble = "\xe2\x80\x9d";
const unicodeMinus = "\xe2\x88\x92";
const unicodeSpaces = [
  "\xc2\x85",
  "\xc2\xa0",
  "\xe1\xa0\x8e",
  ...Array.from({ length: 16 }, (_, i) => `\xe2\x80${String.fromCharCode(0x80 + i)}`).filter(
    (space) => space.charCodeAt(2) <= 0x8d,
  ),
  "\xe2\x80\xa8",
  "\xe2\x80\xa9",
  "\xe2\x80\xaf",
  "\xe2\x81\x9f",
  "\xe2\x81\xa0",
  "\xe3\x80\x80",
  "\xef\xbb\xbf",
];

const escapes: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "0": "\0", a: "\x07", v: "\v" };

/** The content of a quoted piece whose first and last characters are the quotes. */
export function unquote(text: string): string {
  const quote = text[0] ?? "";
  let out = "";
  for (let i = 1; i < text.length - 1; i += 1) {
    const c = text[i] ?? "";
    if (c === "\\") {
      i += 1;
      const next = text[i] ?? "";
      if (next === "x") {
        out += String.fromCharCode(Number.parseInt(text.slice(i + 1, i + 3), 16));
        i += 2;
      } else out += escapes[next] ?? next;
    } else {
      if (c === quote) i += 1;
      out += c;
    }
  }
  return out;
}

/**
 * Cuts SQL into tokens by the rules of ClickHouse's own lexer: nested comments, `--`, `//`, `# ` and `#!` to the end of
 * the line, backslash and doubled quotes, heredocs, curly quotes. Comments and spaces are left out.
 * `next()` answers undefined at the end. The text is latin1, one character per byte, so that data may follow the SQL.
 */
export class Lexer {
  readonly text: string;
  position: number;
  #previous: Token | undefined;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  next(): Token | undefined {
    this.#skipBlank();
    const { text } = this;
    const start = this.position;
    const c = text[start];
    if (c === undefined) return undefined;
    let token: Token;
    if (isDigit(c) || (c === "." && this.#startsNumber(start))) {
      token = this.#number(start);
    } else if (c === "'") token = this.#quotedBy(start, "'", "string");
    else if (c === '"' || c === "`") token = this.#quotedBy(start, c, "quoted");
    else if (text.startsWith(leftSingle, start)) token = this.#curly(start, rightSingle, "string");
    else if (text.startsWith(leftDouble, start)) token = this.#curly(start, rightDouble, "quoted");
    else if (c === "$") token = this.#dollar(start);
    else if ("xXbB".includes(c) && text[start + 1] === "'") token = this.#hexOrBinary(start);
    else if (isWord(c)) token = this.#word(start);
    else token = this.#symbol(start, c);
    this.position = token.end;
    this.#previous = token;
    return token;
  }

  #skipBlank() {
    const { text } = this;
    for (;;) {
      const at = this.position;
      const c = text[at];
      if (c === undefined) return;
      if (isSpace(c)) this.position += 1;
      else if (c === "-" && text[at + 1] === "-") this.#skipLine();
      else if (c === "/" && text[at + 1] === "/") this.#skipLine();
      else if (c === "#" && (text[at + 1] === " " || text[at + 1] === "!")) this.#skipLine();
      else if (c === "/" && text[at + 1] === "*") this.#skipComment();
      else {
        const space = c >= "\x80" ? unicodeSpaces.find((candidate) => text.startsWith(candidate, at)) : undefined;
        if (!space) return;
        this.position += space.length;
      }
    }
  }

  #skipLine() {
    const end = this.text.indexOf("\n", this.position);
    this.position = end < 0 ? this.text.length : end;
  }

  #skipComment() {
    const { text } = this;
    const start = this.position;
    let depth = 1;
    let at = start + 2;
    while (at + 2 <= text.length) {
      if (text[at] === "/" && text[at + 1] === "*") {
        depth += 1;
        at += 2;
      } else if (text[at] === "*" && text[at + 1] === "/") {
        depth -= 1;
        at += 2;
        if (depth === 0) {
          this.position = at;
          return;
        }
      } else at += 1;
    }
    throw new LexError(start, "Multiline comment is not closed");
  }

  /** A dot at the very start counts as a number; elsewhere it needs a digit behind it and no operand before it. */
  #startsNumber(dot: number): boolean {
    if (dot === 0) return true;
    if (!isDigit(this.text[dot + 1] ?? "")) return false;
    const before = this.#previous;
    if (!before || before.kind === "string") return true;
    return before.kind === "symbol" && before.value !== ")" && before.value !== "]";
  }

  #number(start: number): Token {
    const { text } = this;
    let at = start;
    /** Digits with single underscores between them; a block does not begin with one. */
    const digits = (test: (c: string) => boolean, startOfBlock: boolean) => {
      let first = startOfBlock;
      while (test(text[at] ?? "") || (text[at] === "_" && !first && test(text[at + 1] ?? ""))) {
        at += 1;
        first = false;
      }
    };
    const exponent = (letters: string) => {
      const letter = text[at];
      if (letter === undefined || at + 1 >= text.length || !letters.includes(letter)) return;
      at += 1;
      if (at + 1 < text.length && (text[at] === "-" || text[at] === "+")) at += 1;
      digits(isDigit, true);
    };
    if (text[start] === ".") {
      at += 1;
      digits(isDigit, true);
      exponent("eE");
      return { kind: "number", start, end: at, value: text.slice(start, at) };
    }
    if (this.#previous?.value === "." && this.#previous.kind === "symbol") {
      at += 1;
      digits(isDigit, false);
    } else {
      const mark = text[start + 1] ?? "";
      const after = text[start + 2] ?? "";
      const hex = text[start] === "0" && (mark === "x" || mark === "X") && isHex(after);
      const binary = text[start] === "0" && (mark === "b" || mark === "B") && (after === "0" || after === "1");
      at += hex || binary ? 2 : 1;
      digits(hex ? isHex : isDigit, hex || binary);
      if (text[at] === ".") {
        at += 1;
        digits(hex ? isHex : isDigit, true);
      }
      exponent(hex ? "pP" : "eE");
    }
    if (!isWord(text[at] ?? "")) return { kind: "number", start, end: at, value: text.slice(start, at) };
    while (isWord(text[at] ?? "")) at += 1;
    const value = text.slice(start, at);
    if (!/^[A-Za-z0-9_]+$/.test(value)) throw new LexError(start, `Wrong number: ${value}`);
    return { kind: "word", start, end: at, value };
  }

  #quotedBy(start: number, quote: string, kind: "string" | "quoted"): Token {
    const { text } = this;
    let at = start + 1;
    for (;;) {
      const c = text[at];
      if (c === undefined)
        throw new LexError(start, `${kind === "string" ? "Single quoted string" : "Quoted identifier"} is not closed`);
      if (c === "\\") at += 2;
      else if (c !== quote) at += 1;
      else if (text[at + 1] === quote) at += 2;
      else break;
    }
    const source = text.slice(start, at + 1);
    if (kind === "string") return { kind, start, end: at + 1, value: source };
    // Names are compared, so only escapes with one reading are taken: the engine drops \N, for one, and reads "fi\Nle" as file.
    if (/\\[^\\`"']/.test(source))
      throw new LexError(start, "Escape sequences are not available in quoted identifiers");
    return { kind, start, end: at + 1, value: unquote(source) };
  }

  #curly(start: number, close: string, kind: "string" | "quoted"): Token {
    const end = this.text.indexOf(close, start + 3);
    if (end < 0) throw new LexError(start, "Quoted text is not closed");
    const inner = this.text.slice(start + 3, end);
    return { kind, start, end: end + 3, value: kind === "quoted" ? inner : `'${inner}'` };
  }

  #dollar(start: number): Token {
    const { text } = this;
    const close = text.indexOf("$", start + 1);
    const tag = text.slice(start, close + 1);
    if (close > 0 && /^\$[A-Za-z0-9_]*\$$/.test(tag)) {
      const end = text.indexOf(tag, close + 1);
      if (end > 0) return { kind: "string", start, end: end + tag.length, value: text.slice(start, end + tag.length) };
    }
    if (!isWord(text[start + 1] ?? "")) return { kind: "symbol", start, end: start + 1, value: "$" };
    return this.#word(start);
  }

  #hexOrBinary(start: number): Token {
    const { text } = this;
    const digit = text[start] === "x" || text[start] === "X" ? isHex : (c: string) => c === "0" || c === "1";
    let at = start + 2;
    while (digit(text[at] ?? "")) at += 1;
    if (text[at] !== "'") throw new LexError(start, "Single quoted string is not closed");
    return { kind: "string", start, end: at + 1, value: text.slice(start, at + 1) };
  }

  #word(start: number): Token {
    const { text } = this;
    let at = start + 1;
    while (isWord(text[at] ?? "") || text[at] === "$") at += 1;
    return { kind: "word", start, end: at, value: text.slice(start, at) };
  }

  #symbol(start: number, c: string): Token {
    const { text } = this;
    if (text.startsWith(unicodeMinus, start)) return { kind: "symbol", start, end: start + 3, value: "-" };
    const two = text.slice(start, start + 2);
    if (two === "\\G") throw new LexError(start, "Unrecognized token: '\\G'");
    if (text.startsWith("<=>", start)) return { kind: "symbol", start, end: start + 3, value: "<=>" };
    for (const pair of ["->", "==", "!=", "<=", "<>", ">=", "::", "||", "@@"]) {
      if (two === pair) return { kind: "symbol", start, end: start + 2, value: pair };
    }
    if (!"()[]{},;.+-*/%=<>?:|@^".includes(c)) throw new LexError(start, `Unrecognized token: '${c}'`);
    return { kind: "symbol", start, end: start + 1, value: c };
  }
}
