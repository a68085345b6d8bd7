/** Parts of SQL within which a semicolon ends nothing: comments, texts, names, function bodies. */
const closed = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1/y;

/** The statements of a script, each without its semicolon, in order. */
export function statementsOf(script: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (let at = 0; at < script.length; ) {
    closed.lastIndex = at;
    const part = closed.exec(script);
    if (part) {
      at += part[0].length;
      continue;
    }
    if (script[at] === ";") {
      found.push(script.slice(from, at));
      from = at + 1;
    }
    at += 1;
  }
  return [...found, script.slice(from)].map((text) => text.trim()).filter((text) => withoutComments(text) !== "");
}

/** A statement as one line, without comments: how a message quotes it, and where words are looked for. */
export const withoutComments = (statement: string): string =>
  statement
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ")
    .replace(/\s+/g, " ")
    .trim();
