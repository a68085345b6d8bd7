import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LexError, Lexer } from "../src/lexer.ts";
import { type Caller, call, ok, platformEngine } from "./target.ts";

/*
 * What the guard refuses rests on cutting SQL as the engine does. The engine's own tokenizer is the oracle: over random
 * texts made of everything that is hard to cut, both must agree on every byte, or the lexer must refuse the text.
 */

let running: Awaited<ReturnType<typeof platformEngine>>;
let caller: Caller;

beforeAll(async () => {
  running = await platformEngine();
  caller = running.as("landing");
});
afterAll(() => running.engine.close());

const seed = Number(process.env.SEED ?? "20261122");

function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pieces = [
  ..."'\"`$\\/*-#;.,()[]{}+%=<>!?:|@^&~ \n\t\r\f\v_",
  ...[
    "''",
    '""',
    "``",
    "\\'",
    "\\\\",
    '\\"',
    "/*",
    "*/",
    "--",
    "//",
    "# ",
    "#!",
    "#x",
    "$$",
    "$a$",
    "$a b$",
    "$1$",
    "$_",
  ],
  ...[
    "::",
    "->",
    "||",
    "<=",
    "<=>",
    "<>",
    ">=",
    "==",
    "!=",
    "@@",
    "..",
    "1",
    "1.",
    ".5",
    "1e5",
    "1e",
    "1e+",
    "0x1F",
    "0x",
  ],
  ...[
    "0b1",
    "0b2",
    "1_000",
    "1__0",
    "_1",
    "1a",
    "0xg",
    "1.2.3",
    "a.1.2",
    "x'00'",
    "x'0g'",
    "X'AB'",
    "b'01'",
    "b'2'",
    "e'x'",
  ],
  ...[
    "select",
    "FILE",
    "a$b",
    "$a",
    "名",
    "é",
    "‘",
    "’",
    "“",
    "”",
    "−",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\ufeff",
    "\u200b",
  ],
  ...["\\N", "\\x41", "\\G", "\u0000", "\u0085", "\u180e", "\u2028", "😀"],
];

type EngineToken = [begin: number, end: number, type: string];

async function engineTokens(texts: string[]): Promise<EngineToken[][]> {
  const quoted = texts.map((text) => `unhex('${Buffer.from(text).toString("hex")}')`).join(", ");
  const answer = await ok(
    call(
      caller,
      `SELECT arrayMap(t -> tuple(t.1, t.2, toString(t.3)), tokenizeQuery(q)) FROM (SELECT arrayJoin([${quoted}]) AS q) FORMAT JSONCompactEachRow`,
      {
        output_format_json_quote_64bit_integers: "0",
      },
    ),
  );
  return answer
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line)[0]);
}

function ownTokens(text: string): { spans: string[] } | { refused: string } {
  const lexer = new Lexer(Buffer.from(text).toString("latin1"));
  const spans: string[] = [];
  try {
    for (let token = lexer.next(); token; token = lexer.next()) spans.push(`${token.start}-${token.end} ${token.kind}`);
    return { spans };
  } catch (error) {
    if (error instanceof LexError) return { refused: error.message };
    throw error;
  }
}

const kinds: Record<string, string> = {
  BareWord: "word",
  Number: "number",
  StringLiteral: "string",
  HereDoc: "string",
  QuotedIdentifier: "quoted",
};

describe("the lexer", () => {
  it(`agrees with the engine's tokenizer (SEED=${seed})`, async () => {
    const random = randomNumbers(seed);
    const texts = Array.from({ length: 6000 }, () =>
      Array.from({ length: 1 + Math.floor(random() * 9) }, () => pieces[Math.floor(random() * pieces.length)]).join(""),
    );
    const disagreements: unknown[] = [];
    let agreed = 0;
    for (let start = 0; start < texts.length; start += 1000) {
      const batch = texts.slice(start, start + 1000);
      const answers = await engineTokens(batch);
      expect(answers.length).toBe(batch.length);
      batch.forEach((text, index) => {
        const theirs = answers[index] ?? [];
        const failed = theirs.some(([, , type]) => type.startsWith("Error") || type === "VerticalDelimiter");
        const own = ownTokens(text);
        if ("refused" in own) {
          if (!failed && !own.refused.startsWith("Escape")) disagreements.push({ text, own, theirs });
          return;
        }
        const spans = theirs
          .filter(([, , type]) => type !== "Whitespace" && type !== "Comment" && type !== "EndOfStream")
          .map(([begin, end, type]) => `${begin}-${end} ${kinds[type] ?? "symbol"}`);
        if (failed || JSON.stringify(spans) !== JSON.stringify(own.spans)) disagreements.push({ text, own, theirs });
        else agreed += 1;
      });
    }
    expect(disagreements.slice(0, 5)).toEqual([]);
    expect(agreed).toBeGreaterThan(500);
  });
});
