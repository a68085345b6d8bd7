import type { Platform } from "./platform.ts";

/** A refusal of a procedure as a screen gets it. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(path: string, status: number, code: string, message: string) {
    super(`${path}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

const longest = 300_000;

/** A signed-in person who talks to both apps over HTTP, as their pages do. */
export class Person {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();

  private constructor(url: string) {
    this.#url = url;
  }

  /** @throws with the words of the refusal */
  static async signIn(platform: Platform, account: { username: string; password: string }): Promise<Person> {
    const person = new Person(platform.url);
    const answer = await person.fetch("/api/auth/sign-in", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(account),
    });
    if (answer.status !== 200) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    return person;
  }

  /** A request with this person's cookies; redirections are shown, not followed. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(new URL(path, this.#url), {
      ...init,
      redirect: "manual",
      headers: {
        origin: this.#url,
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...init.headers,
      },
      signal: AbortSignal.timeout(longest),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = line.split(";")[0]?.split(/=(.*)/s) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** Calls a procedure of the operational app; plain JSON values only. @throws Refused */
  async call<Output>(path: string, input?: unknown): Promise<Output> {
    const answer = await this.fetch(`/api/trpc/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ json: input ?? null, ...(input === undefined && { meta: { values: ["undefined"] } }) }),
    });
    const body = (await answer.json()) as {
      result?: { data: { json: Output } };
      error?: { json: { message: string; data: { code: string } } };
    };
    if (body.result) return body.result.data.json;
    const { message = "no answer", data } = body.error?.json ?? {};
    throw new Refused(path, answer.status, data?.code ?? "", message);
  }

  /** Sends a form of the analytics app as a browser without scripts does. Status 302 leads on; a page says what was refused. */
  async send(path: string, fields: Record<string, string>): Promise<{ status: number; text: string }> {
    const answer = await this.fetch(path, { method: "POST", body: new URLSearchParams(fields) });
    return { status: answer.status, text: await answer.text() };
  }

  async page(path: string): Promise<{ status: number; text: string }> {
    const answer = await this.fetch(path, { headers: { accept: "text/html" } });
    return { status: answer.status, text: await answer.text() };
  }
}
