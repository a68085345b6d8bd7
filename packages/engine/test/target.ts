import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fullRights,
  platformUsers,
  type RunningEngine,
  startEngine,
  systemTables,
  temporaryTables,
} from "../src/index.ts";

/** A ClickHouse to test against: a real server when CLICKHOUSE_URL is set, else an engine of its own. */
export type Target = {
  url: string;
  user: string;
  password: string;
  embedded: boolean;
  /** A database of this run, empty. */
  database: string;
  close(): Promise<void>;
};

const GiB = 1024 ** 3;

/** An engine over a temporary folder. */
export async function temporaryEngine(
  options: Omit<Parameters<typeof startEngine>[0], "dataPath"> & { dataPath?: string },
): Promise<RunningEngine> {
  const folder = mkdtempSync(join(tmpdir(), "xf-engine-test-"));
  const engine = await startEngine({ dataPath: join(folder, "clickhouse"), ...options });
  return {
    ...engine,
    close: async () => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function conformanceTarget(): Promise<Target> {
  const database = `xf_conformance_${process.pid}_${Date.now()}`;
  const given = process.env.CLICKHOUSE_URL;
  const user = given ? (process.env.CLICKHOUSE_USER ?? "default") : "conformance";
  const password = given ? (process.env.CLICKHOUSE_PASSWORD ?? "") : "conformance-password";
  const engine = given
    ? undefined
    : await temporaryEngine({
        databases: [],
        users: [
          {
            name: user,
            password,
            grants: [fullRights("xf_conformance_*"), ...systemTables, ...temporaryTables],
            readonly: false,
            views: true,
            defaultDatabase: "default",
            limits: { memory: GiB, seconds: 120, resultRows: 100_000_000, concurrent: 16 },
          },
        ],
      });
  const url = given ?? engine?.url ?? "";
  const target: Target = {
    url,
    user,
    password,
    database,
    embedded: engine !== undefined,
    close: async () => {
      await call(target, `DROP DATABASE IF EXISTS ${database}`);
      await engine?.close();
    },
  };
  await ok(call(target, `CREATE DATABASE ${database} ENGINE = Atomic`));
  return target;
}

const secret = (name: string) => `${name}-password-of-the-test`;

/** The platform's four users, and how to call as one of them. */
export async function platformEngine(options: { concurrent?: number } = {}) {
  const engine = await temporaryEngine({
    ...options,
    users: platformUsers({
      landing: secret("landing"),
      dbt: secret("dbt"),
      cube: secret("cube"),
      seal: secret("seal"),
    }),
  });
  const as = (user: string) => ({ url: engine.url, user, password: secret(user) });
  return { engine, as };
}

export type Caller = { url: string; user: string; password: string };
export type Result = { status: number; text: string; headers: Headers };

/** One request; `params` are URL parameters. */
export async function call(
  caller: Caller,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | undefined,
  params: Record<string, string> = {},
  init: RequestInit & { duplex?: "half" } = {},
): Promise<Result> {
  const response = await fetch(`${caller.url}/?${new URLSearchParams(params)}`, {
    method: "POST",
    body: body ?? null,
    ...init,
    headers: {
      "X-ClickHouse-User": caller.user,
      "X-ClickHouse-Key": caller.password,
      ...(init.headers as Record<string, string> | undefined),
    },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The text of an answer that has to be a success. */
export async function ok(result: Promise<Result>): Promise<string> {
  const { status, text } = await result;
  if (status !== 200) throw new Error(`expected success, got ${status}: ${text}`);
  return text;
}

/** Waits until a condition holds; fails after `ms`. */
export async function until(condition: () => Promise<boolean> | boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
