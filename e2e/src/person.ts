import superjson, { type SuperJSONResult } from "superjson";
import type { Platform } from "./platform.ts";

export type Answer = { status: number; text: string; headers: Headers };

/** Somebody signed in over HTTP: the same requests that the pages make, without a browser. */
export class Person {
  readonly #url: string;
  readonly #cookie: string;

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  static async signIn(platform: Platform, account: { username: string; password: string }): Promise<Person> {
    const { url } = platform;
    const answer = await fetch(`${url}/api/auth/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify(account),
    });
    if (!answer.ok) throw new Error(`sign-in of ${account.username}: ${answer.status} ${await answer.text()}`);
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    return new Person(url, cookie);
  }

  /** A demo account by its user name. */
  static demo = (platform: Platform, username: string): Promise<Person> =>
    Person.signIn(platform, platform.account(username));

  async get(path: string): Promise<Answer> {
    const answer = await fetch(`${this.#url}${path}`, {
      headers: { cookie: this.#cookie },
      redirect: "manual",
      signal: AbortSignal.timeout(90_000),
    });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  /** Sends a form of the analytics app. */
  async post(path: string, fields: Record<string, string>): Promise<Answer> {
    const answer = await fetch(`${this.#url}${path}`, {
      method: "POST",
      headers: { cookie: this.#cookie, origin: this.#url, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields),
      redirect: "manual",
      signal: AbortSignal.timeout(90_000),
    });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  /** A procedure by POST, the only way there is; answers its status and what it gave, or its error. */
  async call(path: string, input?: unknown): Promise<{ status: number; data: unknown; text: string }> {
    const answer = await fetch(`${this.#url}/api/trpc/${path}`, {
      method: "POST",
      headers: { cookie: this.#cookie, origin: this.#url, "content-type": "application/json" },
      body: input === undefined ? "" : superjson.stringify(input),
      signal: AbortSignal.timeout(90_000),
    });
    const text = await answer.text();
    const body = JSON.parse(text) as { result?: { data?: SuperJSONResult } };
    return { status: answer.status, data: body.result?.data && superjson.deserialize(body.result.data), text };
  }

  /** A procedure's answer. @throws when it was refused */
  async ask<Data>(path: string, input?: unknown): Promise<Data> {
    const { status, data, text } = await this.call(path, input);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return data as Data;
  }
}

type Run = { id: string; state: string; versionNo: number; digest: string | null };
export type Period = { id: string; title: string; year: number; ordinal: number; runs: Run[] };

/** Generates a preview of a period and publishes it, through the analytics app. @returns the sealed run's id */
export async function publishPeriod(
  person: Person,
  periodId: string,
  until: (what: string, ask: () => Promise<boolean>) => Promise<unknown>,
): Promise<string> {
  await person.post(`/insights/runs?period=${periodId}`, { act: "generate", periodId });
  const find = async (state: string) =>
    (await person.ask<Period[]>("evaluation.periods"))
      .find((period) => period.id === periodId)
      ?.runs.find((run) => run.state === state);
  const preview = await find("preview");
  if (!preview) throw new Error("no preview was made");
  // The marts follow within seconds; until then publishing says so and loses nothing.
  await until("the preview to be published", async () => {
    await person.post(`/insights/runs?period=${periodId}`, {
      act: "publish",
      periodId,
      runId: preview.id,
      note: "",
      checked: "on",
    });
    return (await find("sealed"))?.id === preview.id;
  });
  return preview.id;
}
