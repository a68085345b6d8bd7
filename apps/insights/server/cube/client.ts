import { z } from "zod";
import { away, notFound } from "../refusal.ts";

export type CubeFilter =
  | { member: string; operator: "equals" | "notEquals" | "gte" | "lte" | "inDateRange"; values: string[] }
  | { member: string; operator: "set" | "notSet" };

/** A query as the server's own code writes it; nothing of it is taken from a browser unchecked. */
export type CubeQuery = {
  measures?: string[];
  dimensions?: string[];
  filters?: CubeFilter[];
  order?: [member: string, direction: "asc" | "desc"][];
  /** The most rows that make sense. One more than these is an error, never a silent cut. */
  limit: number;
};

/** Cube's hard ceiling: an answer with as many rows may have been cut. */
const ceiling = 50_000;

/** Asked too widely: a fault of our own query, to be seen and mended, never to be shown as if it were everything. */
export class TooManyRows extends Error {
  override name = "TooManyRows";
}

/** Cube refused the query as wrong: a fault of our own. */
export class CubeQueryError extends Error {
  override name = "CubeQueryError";
}

export type CubeClient = {
  /**
   * Rows of one query, parsed. A member without a value stays null: it is never turned into 0.
   * @throws Refusal `not_found` when Cube refuses the scope, `away` when the analytics side does not answer
   */
  load<Row>(token: string, query: CubeQuery, row: z.ZodType<Row>): Promise<Row[]>;
};

export type CubeOptions = {
  /** Base address of Cube's REST interface, `/load` is added. */
  url: string;
  /** After this long without rows the analytics side counts as away. */
  patienceMs?: number;
  fetch?: typeof fetch;
};

const answerSchema = z.object({
  error: z.string().optional(),
  data: z.array(z.record(z.string(), z.unknown())).optional(),
});

/** Faults of the parts behind Cube, which it reports as if the query were wrong. */
const behind =
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENOTFOUND|socket hang up|fetch failed|Query timeout|aborted/i;

export function createCubeClient(options: CubeOptions): CubeClient {
  const patience = options.patienceMs ?? 20_000;
  const send = options.fetch ?? fetch;

  const ask = async (token: string, body: string, signal: AbortSignal): Promise<z.output<typeof answerSchema>> => {
    let response: Response;
    let text: string;
    try {
      response = await send(`${options.url}/load`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: token },
        body,
        signal,
        redirect: "error",
      });
      text = await response.text();
    } catch (error) {
      throw away(error);
    }
    const answer = parse(text);
    if (response.status === 401 || response.status === 403) throw notFound();
    if (response.status >= 500 || !answer) throw away(new Error(`Cube answered ${response.status}`));
    if (response.status !== 200) {
      const words = answer.error ?? "";
      if (behind.test(words)) throw away(new Error("a part behind Cube does not answer"));
      throw new CubeQueryError(`Cube answered ${response.status}: ${words.slice(0, 300)}`);
    }
    return answer;
  };

  return {
    async load<Row>(token: string, query: CubeQuery, row: z.ZodType<Row>) {
      const limit = Math.min(query.limit + 1, ceiling);
      // Every other mode answers the first question after a pause from an old refresh key, however old: staleness that nobody sees.
      const body = JSON.stringify({ cache: "no-cache", query: { ...query, limit, timezone: "Asia/Shanghai" } });
      const signal = AbortSignal.timeout(patience);
      for (;;) {
        const { error, data } = await ask(token, body, signal);
        // Cube holds a slow query for some seconds, then asks to be asked again for the same one.
        if (error === "Continue wait") continue;
        if (error !== undefined || !data)
          throw new CubeQueryError(`Cube answered without rows: ${(error ?? "").slice(0, 300)}`);
        if (data.length >= limit)
          throw new TooManyRows(`more than ${limit - 1} rows for ${(query.dimensions ?? []).join(", ")}`);
        return z.array(row).parse(data);
      }
    },
  };
}

function parse(text: string): z.output<typeof answerSchema> | null {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
