/** What one user of the endpoint may do. Rights are enforced by the engine itself, through a role of this name. */
export type UserOptions = {
  name: string;
  password: string;
  /** GRANT statements without the `TO`, e.g. `SELECT ON marts.*`. Sources (files, URLs, other servers) cannot be granted. */
  grants: readonly string[];
  /** Only reads; only harmless settings of the client are taken. */
  readonly: boolean;
  /** May create views. A view with a definer reads with the rights of all users together. */
  views: boolean;
  defaultDatabase: string;
  /** Databases that the user may name in a query, besides the few tables of `system`; undefined: whatever is granted. */
  databases?: readonly string[];
  limits: UserLimits;
};

export type UserLimits = {
  /** Of one query, in bytes. */
  memory: number;
  /** Of one query, in seconds. */
  seconds: number;
  /** Rows of one answer; more is an error. */
  resultRows: number;
  /** Queries running at the same time; further ones wait. */
  concurrent: number;
};

export type EngineOptions = {
  /** Folder of the data; one process at a time. */
  dataPath: string;
  host: string;
  /** 0 takes a free port. */
  port: number;
  users: readonly UserOptions[];
  /** Created at start, as Atomic, when missing. */
  databases: readonly string[];
  /** Of the whole engine, in bytes. */
  memory: number;
  /** Queries running at the same time over all users. */
  concurrent: number;
};

const GiB = 1024 ** 3;

const tableRights =
  "SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP DATABASE, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, SHOW, CHECK, SYSTEM VIEWS, UNDROP TABLE";

/** Rights over everything inside the given database pattern (`raw`, `dbt_*`). */
export const fullRights = (database: string) => `${tableRights} ON ${database}.*`;

/** Most table functions (`values`, `view`, `generateRandom`) need it; each request has temporary tables of its own. */
export const temporaryTables = ["CREATE TEMPORARY TABLE ON *.*", "CREATE ARBITRARY TEMPORARY TABLE ON *.*"];

/** What a writer's client asks about its own tables; rows of others' tables are hidden by the engine. */
export const systemTables = [
  "SELECT, SHOW ON system.*",
  "SELECT, SHOW ON information_schema.*",
  "SELECT, SHOW ON INFORMATION_SCHEMA.*",
];

export type PlatformPasswords = { landing: string; dbt: string; cube: string; seal: string };

/**
 * The four users of the platform: `landing` writes `raw`, `dbt` builds the warehouse from it,
 * `cube` and `seal` read the marts.
 */
export function platformUsers(passwords: PlatformPasswords): UserOptions[] {
  const reader = (name: "cube" | "seal"): UserOptions => ({
    name,
    password: passwords[name],
    grants: ["SELECT, SHOW ON marts.*"],
    readonly: true,
    views: false,
    defaultDatabase: "marts",
    databases: ["marts"],
    limits: { memory: 1 * GiB, seconds: 120, resultRows: 5_000_000, concurrent: 16 },
  });
  return [
    {
      name: "landing",
      password: passwords.landing,
      // It sees the shape of the staging views, not their rows: a column that one of them names is not taken away from under it.
      grants: [fullRights("raw"), "SHOW ON staging.*", ...systemTables, ...temporaryTables],
      readonly: false,
      views: false,
      defaultDatabase: "raw",
      limits: { memory: 1.5 * GiB, seconds: 600, resultRows: 100_000_000, concurrent: 16 },
    },
    {
      name: "dbt",
      password: passwords.dbt,
      grants: [
        "SELECT, SHOW ON raw.*",
        ...["staging", "intermediate", "marts", "dbt_*"].map(fullRights),
        ...systemTables,
        ...temporaryTables,
      ],
      readonly: false,
      views: true,
      defaultDatabase: "staging",
      limits: { memory: 2 * GiB, seconds: 1800, resultRows: 100_000_000, concurrent: 16 },
    },
    reader("cube"),
    reader("seal"),
  ];
}

export const platformDatabases = ["raw", "staging", "intermediate", "marts"] as const;

/** Everything that has a sensible default filled in. */
export const withDefaults = (
  given: Pick<EngineOptions, "dataPath" | "users"> & Partial<EngineOptions>,
): EngineOptions => ({
  host: "127.0.0.1",
  port: 0,
  databases: platformDatabases,
  memory: 3 * GiB,
  concurrent: 48,
  ...given,
});
