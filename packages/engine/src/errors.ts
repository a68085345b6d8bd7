/** What ClickHouse calls an exception: a number, a name and a text, as the HTTP interface answers them. */
export class EngineError extends Error {
  override name = "EngineError";
  readonly code: number;
  readonly type: string;
  /** HTTP status when it is not the one that the code implies. */
  readonly status: number | undefined;

  constructor(code: number, type: string, message: string, status?: number) {
    super(message);
    this.code = code;
    this.type = type;
    this.status = status;
  }
}

export const syntaxError = (message: string) => new EngineError(62, "SYNTAX_ERROR", message);
export const accessDenied = (message: string) => new EngineError(497, "ACCESS_DENIED", message);

const statusByCode = new Map<number, number>();
const statuses: Record<number, number[]> = {
  400: [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676],
  401: [194],
  403: [192, 193, 497, 512, 516],
  404: [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 372, 511],
  408: [159],
  411: [381],
  413: [229],
  415: [779],
  501: [48],
  503: [76, 209, 439],
};
for (const [status, codes] of Object.entries(statuses)) {
  for (const code of codes) statusByCode.set(code, Number(status));
}

/** The HTTP status that ClickHouse answers for an exception code. */
export const statusOf = (error: EngineError) => error.status ?? statusByCode.get(error.code) ?? 500;

/** The full text of an exception as a server writes it into a body. */
export const textOf = (error: EngineError, version: string) =>
  `Code: ${error.code}. DB::Exception: ${error.message}${/[.!?]$/.test(error.message) ? "" : "."} (${error.type}) (version ${version} (official build))\n`;

const head = /^(?:Query failed: |Insert failed: )?Code: (\d+)\. /;
const tail = /\s*\(([A-Z][A-Z0-9_]+)\)\s*$/;
const version = /\s*\(version [^()]*(?:\([^()]*\))?\)\s*\.?\s*$/;

/**
 * Turns what the embedded engine throws into an `EngineError`. The client side of the engine wraps the text of its
 * server side once more for each layer, so the same code and name are peeled off until the first text is left.
 */
export function engineError(thrown: unknown): EngineError {
  let text = thrown instanceof Error ? thrown.message : String(thrown);
  let code: number | undefined;
  let type = "UNKNOWN_EXCEPTION";
  for (;;) {
    const start = head.exec(text);
    if (!start) break;
    code = Number(start[1]);
    text = text.slice(start[0].length).replace(/^DB::Exception: /, "");
    text = text.replace(version, "");
    const end = tail.exec(text);
    if (end?.[1]) {
      type = end[1];
      text = text.slice(0, end.index);
    }
    text = text.replace(version, "");
    if (code !== undefined && !head.test(text)) break;
    // A wrapper ends in ". (NAME)"; the dot is the wrapper's own.
    text = text.replace(/\.$/, "");
  }
  return new EngineError(code ?? 1002, type, text.trim());
}
