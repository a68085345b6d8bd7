import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Body } from "./body.ts";
import { EngineError } from "./errors.ts";
import type { UserOptions } from "./options.ts";

/** Parameters of the HTTP interface itself; every other one is a setting or a `param_…`. */
const reserved = new Set([
  "query",
  "database",
  "default_format",
  "user",
  "password",
  "quota_key",
  "session_id",
  "session_timeout",
  "session_check",
  "close_session",
  "query_id",
  "compress",
  "decompress",
  "stacktrace",
  "role",
  "buffer_size",
  "wait_end_of_query",
  "client_protocol_version",
  "framing",
]);

/** A request as the endpoint sees it, before its statement is read. */
export type EngineRequest = {
  user: UserOptions;
  queryId: string | undefined;
  database: string | undefined;
  defaultFormat: string | undefined;
  /** The `query` parameter; the body follows it. */
  query: string;
  settings: Map<string, string>;
  parameters: Map<string, string>;
  session: { id: string; timeoutSeconds: number; mustExist: boolean; close: boolean } | undefined;
  waitEndOfQuery: boolean;
  body: Body | undefined;
  get: boolean;
};

const digest = (text: string) => createHash("sha256").update(text).digest();

function authenticationFailed(name: string) {
  return new EngineError(
    516,
    "AUTHENTICATION_FAILED",
    `${name}: Authentication failed: password is incorrect, or there is no user with such name.`,
  );
}

/** Checks passwords in constant time; only their digests are kept. */
export class Users {
  readonly #users: Map<string, { options: UserOptions; digest: Buffer }>;
  readonly #nobody = digest("nobody");

  constructor(users: readonly UserOptions[]) {
    this.#users = new Map(users.map((user) => [user.name, { options: user, digest: digest(user.password) }]));
  }

  authenticate(name: string, password: string): UserOptions {
    const known = this.#users.get(name);
    const equal = timingSafeEqual(digest(password), known?.digest ?? this.#nobody);
    if (!known || !equal) throw authenticationFailed(name);
    return known.options;
  }
}

const one = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

function credentials(request: IncomingMessage, params: URLSearchParams): { name: string; password: string } {
  const headerUser = one(request.headers["x-clickhouse-user"]);
  const headerKey = one(request.headers["x-clickhouse-key"]);
  const authorization = request.headers.authorization;
  const fromUrl = params.has("user") || params.has("password");
  if (headerUser !== undefined || headerKey !== undefined) {
    if (authorization || fromUrl) {
      throw new EngineError(
        516,
        "AUTHENTICATION_FAILED",
        "Invalid authentication: it is not allowed to use X-ClickHouse HTTP headers and other authentication methods simultaneously",
      );
    }
    return { name: headerUser ?? "default", password: headerKey ?? "" };
  }
  if (authorization) {
    const [scheme = "", value = ""] = authorization.split(" ", 2);
    if (scheme.toLowerCase() !== "basic") {
      throw new EngineError(
        516,
        "AUTHENTICATION_FAILED",
        `Invalid authentication: '${scheme}' HTTP Authorization scheme is not supported`,
      );
    }
    if (fromUrl) {
      throw new EngineError(
        516,
        "AUTHENTICATION_FAILED",
        "Invalid authentication: it is not allowed to use Authorization HTTP header and authentication via parameters simultaneously",
      );
    }
    const text = Buffer.from(value, "base64").toString();
    const colon = text.indexOf(":");
    return colon < 0 ? { name: text, password: "" } : { name: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  return { name: params.get("user") ?? "default", password: params.get("password") ?? "" };
}

const multipartLimit = 16 * 1024 * 1024;

/** Parameters of a multipart body count like those of the URL; a real server reads long queries and parameters so. */
async function multipart(request: IncomingMessage, params: URLSearchParams): Promise<void> {
  const { head, ended } = await new Body(request).head(multipartLimit);
  if (!ended) throw new EngineError(229, "QUERY_IS_TOO_LARGE", "The multipart body is too large");
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(head), {
      headers: { "content-type": request.headers["content-type"] ?? "" },
    }).formData();
  } catch {
    throw new EngineError(36, "BAD_ARGUMENTS", "The multipart body cannot be read");
  }
  for (const [name, value] of form) {
    if (typeof value !== "string") {
      throw new EngineError(48, "NOT_IMPLEMENTED", `External tables in a multipart body are not supported (${name})`);
    }
    params.append(name, value);
  }
}

function sessionOf(params: URLSearchParams): EngineRequest["session"] {
  const id = params.get("session_id");
  if (!id) return undefined;
  const timeout = Number(params.get("session_timeout") ?? "60");
  if (!Number.isInteger(timeout) || timeout < 0 || timeout > 3600) {
    throw new EngineError(
      374,
      "INVALID_SESSION_TIMEOUT",
      `Session timeout '${params.get("session_timeout")}' is larger than 3600. Maximum session timeout could be modified in configuration file.`,
    );
  }
  return {
    id,
    timeoutSeconds: timeout,
    mustExist: params.get("session_check") === "1",
    close: params.get("close_session") === "1",
  };
}

/**
 * Reads everything but the body's data.
 * @throws EngineError 516 for wrong credentials, and others for parameters that cannot be served.
 */
export async function readRequest(request: IncomingMessage, url: URL, users: Users): Promise<EngineRequest> {
  const params = url.searchParams;
  const { name, password } = credentials(request, params);
  const user = users.authenticate(name, password);
  if (params.get("compress") === "1" || params.get("decompress") === "1") {
    throw new EngineError(
      48,
      "NOT_IMPLEMENTED",
      "ClickHouse's own block compression (compress=1, decompress=1) is not available here: use Content-Encoding, or enable_http_compression=1 with Accept-Encoding",
    );
  }
  let body: Body | undefined;
  if (request.method === "POST") {
    if ((request.headers["content-type"] ?? "").startsWith("multipart/form-data")) await multipart(request, params);
    else body = new Body(request);
  }
  if (params.has("role")) {
    throw new EngineError(
      512,
      "SET_NON_GRANTED_ROLE",
      `Role ${params.get("role")} should be granted to set as a current`,
    );
  }
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [key, value] of params) {
    if (key.startsWith("param_")) parameters.set(key.slice("param_".length), value);
    else if (!reserved.has(key)) settings.set(key, value);
  }
  return {
    user,
    queryId: params.get("query_id") || undefined,
    database: params.get("database") ?? one(request.headers["x-clickhouse-database"]),
    defaultFormat: params.get("default_format") ?? one(request.headers["x-clickhouse-format"]),
    query: params.getAll("query").join(""),
    settings,
    parameters,
    session: sessionOf(params),
    waitEndOfQuery: params.get("wait_end_of_query") === "1" || settings.get("http_wait_end_of_query") === "1",
    body,
    get: request.method !== "POST",
  };
}
