import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65535);
const secret = z.string().min(24, "at least 24 characters");
const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.replace(":", "")),
      `a URL beginning with ${protocols.map((p) => `${p}://`).join(" or ")}`,
    );

/** Who a setting is for: `user` ones are documented in `.env.example`; `derived` ones are made by the stack at start. */
type Setting = { schema: z.ZodType; by: "user" | "derived"; about: string; example?: string };

/**
 * Every setting of every process, in one place. `.env.example` and the table in docs/operations.md are printed from it.
 * A default port may be moved to the next free one; a port set by the user may not.
 */
export const settings = {
  PORT: {
    schema: port.default(8800),
    by: "user",
    about: "Port of the one address in front of both apps",
    example: "8800",
  },
  HOST: {
    schema: z.string().min(1).default("127.0.0.1"),
    by: "user",
    about: "Address on which the one address listens; 0.0.0.0 opens it to the network",
    example: "127.0.0.1",
  },
  POSTGRES_PORT: { schema: port.default(8801), by: "user", about: "Port of the embedded PostgreSQL", example: "8801" },
  ENGINE_PORT: {
    schema: port.default(8802),
    by: "user",
    about: "Port of the embedded ClickHouse endpoint",
    example: "8802",
  },
  CUBE_PORT: { schema: port.default(8803), by: "user", about: "Port of Cube", example: "8803" },
  OPS_PORT: {
    schema: port.default(8804),
    by: "user",
    about: "Port of the operational app behind the address",
    example: "8804",
  },
  INSIGHTS_PORT: {
    schema: port.default(8805),
    by: "user",
    about: "Port of the analytics app behind the address",
    example: "8805",
  },
  STREAM_PORT: {
    // 0 takes any free one: several streams beside each other, as in tests.
    schema: port.or(z.coerce.number().pipe(z.literal(0))).default(8806),
    by: "user",
    about: "Port of the stream's health page",
    example: "8806",
  },
  MAIL_PORT: {
    schema: port.default(8807),
    by: "user",
    about: "Port of the mail sender's health page",
    example: "8807",
  },
  WAREHOUSE_PORT: {
    schema: port.default(8808),
    by: "user",
    about: "Port of the health page of what keeps the marts fresh",
    example: "8808",
  },
  STATE_DIR: {
    schema: z.string().min(1).default(".xianfeng"),
    by: "user",
    about: "Folder for data, logs and secrets",
    example: ".xianfeng",
  },
  PUBLIC_URL: {
    schema: url("http", "https").optional(),
    by: "user",
    about: "Address that people type, when it is not http://localhost:PORT",
    example: "https://dangjian.example.edu.cn",
  },
  TRUSTED_PROXY: {
    schema: z.union([z.ipv4(), z.ipv6()]).optional(),
    by: "user",
    about: "IP address of a reverse proxy in front, whose X-Forwarded-For is believed",
    example: "10.0.0.5",
  },
  DATABASE_URL: {
    schema: url("postgres", "postgresql").optional(),
    by: "user",
    about: "A real PostgreSQL 18 (owner of the database, wal_level=logical) instead of the embedded one",
    example: "postgresql://owner:password@db:5432/xianfeng",
  },
  CLICKHOUSE_URL: {
    schema: url("http", "https").optional(),
    by: "user",
    about: "A real ClickHouse server instead of the embedded engine",
    example: "http://clickhouse:8123",
  },
  CUBE_API_URL: {
    schema: url("http", "https").optional(),
    by: "user",
    about: "A running Cube instead of the one started here",
    example: "http://cube:4000/cubejs-api/v1",
  },
  RESEND_API_KEY: {
    schema: z.string().min(8, "at least 8 characters").optional(),
    by: "user",
    about: "Key of the mail service Resend; without it notices stay in the app and no mail goes out",
    example: "re_…",
  },
  MAIL_FROM: {
    schema: z
      .string()
      .regex(/^(?:[^<>\p{Cc}]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u, "name@domain or Name <name@domain>")
      .optional(),
    by: "user",
    about: "Sender of the mails, at a domain that Resend has verified; needed with RESEND_API_KEY",
    example: "先锋 <notice@example.edu.cn>",
  },
  RESEND_URL: {
    schema: url("http", "https").default("https://api.resend.com"),
    by: "user",
    about: "Another address that speaks Resend's interface, such as a relay in the own network",
    example: "https://api.resend.com",
  },
  CHROMIUM_PATH: {
    schema: z.string().min(1).optional(),
    by: "user",
    about: "A Chromium for the browser tests instead of the packaged one",
    example: "/usr/bin/chromium",
  },
  LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    by: "user",
    about: "How much is logged",
    example: "info",
  },
  SEED_SCENARIO: {
    schema: z.enum(["demo", "empty"]).default("demo"),
    by: "user",
    about: "What the first start puts into an empty database",
    example: "demo",
  },

  APP_DATABASE_URL: {
    schema: url("postgres", "postgresql"),
    by: "derived",
    about: "PostgreSQL as the role of both apps (row security applies)",
  },
  STREAM_DATABASE_URL: {
    schema: url("postgres", "postgresql"),
    by: "derived",
    about: "PostgreSQL as the replication role",
  },
  OWNER_DATABASE_URL: {
    schema: url("postgres", "postgresql"),
    by: "derived",
    about: "PostgreSQL as the owner, for migrations and seeds",
  },
  CLICKHOUSE_HTTP_URL: { schema: url("http", "https"), by: "derived", about: "Where ClickHouse answers" },
  CLICKHOUSE_LANDING_PASSWORD: { schema: secret, by: "derived", about: "Password of the user that writes `raw`" },
  CLICKHOUSE_DBT_PASSWORD: { schema: secret, by: "derived", about: "Password of the user that deploys the warehouse" },
  CLICKHOUSE_CUBE_PASSWORD: { schema: secret, by: "derived", about: "Password of the read-only user of Cube" },
  CLICKHOUSE_SEAL_PASSWORD: {
    schema: secret,
    by: "derived",
    about: "Password of the read-only user that copies a run into PostgreSQL",
  },
  CUBE_URL: {
    schema: url("http", "https"),
    by: "derived",
    about: "Where Cube's REST interface answers, including its base path",
  },
  CUBE_API_SECRET: { schema: secret, by: "derived", about: "Signs the 60-second tokens for Cube" },
  AUTH_SECRET: { schema: secret, by: "derived", about: "Signs session cookies" },
  DATA_KEY: { schema: secret, by: "derived", about: "Master key of the personal fields" },
  BLIND_INDEX_KEY: { schema: secret, by: "derived", about: "Keyed hash by which an ID number is looked up" },
  SIGN_IN_CODE_KEY: { schema: secret, by: "derived", about: "Signs the rotating code of a meeting" },
  STREAM_CONTROL_KEY: {
    schema: secret.optional(),
    by: "derived",
    about: "Whoever knows it may have the stream put rows in again or copy tables anew",
  },
  APP_URL: { schema: url("http", "https"), by: "derived", about: "The one address" },
  STREAM_HEALTH_URL: {
    schema: url("http", "https"),
    by: "derived",
    about: "Where the stream answers /healthz and /readyz",
  },
  WAREHOUSE_HEALTH_URL: {
    schema: url("http", "https"),
    by: "derived",
    about: "Where what keeps the marts fresh answers, and says when they are newer",
  },
  MAIL_HEALTH_URL: {
    schema: url("http", "https").optional(),
    by: "derived",
    about: "Where the mail sender answers",
  },
  CUBE_HEALTH_URL: { schema: url("http", "https").optional(), by: "derived", about: "Where Cube answers /readyz" },
  INSIGHTS_HEALTH_URL: {
    schema: url("http", "https").optional(),
    by: "derived",
    about: "Where the analytics app answers /readyz",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type Settings = { [Name in SettingName]: z.output<(typeof settings)[Name]["schema"]> };
