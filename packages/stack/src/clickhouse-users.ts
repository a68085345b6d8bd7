import { createHash } from "node:crypto";
import { ensureSecrets, type Secrets } from "./secrets.ts";
import { loadCheckout } from "./settings.ts";
import { hasData, makeFolders, pathsIn } from "./state.ts";

const sha256 = (password: string) => createHash("sha256").update(password).digest("hex");

/** Statements that an administrator runs once on a real ClickHouse: databases and the four users, passwords as hashes only. */
export function clickhouseUsers(): string {
  const checkout = loadCheckout();
  const paths = pathsIn(checkout.stateDir);
  makeFolders(paths);
  return userStatements(ensureSecrets(paths.secrets, checkout.given, hasData(paths)));
}

export function userStatements(secrets: Secrets): string {
  const user = (name: string, password: string, settings = "") =>
    `CREATE USER OR REPLACE ${name} IDENTIFIED WITH sha256_hash BY '${sha256(password)}'${settings};`;
  // 2 and not 1, because the drivers set formats and time limits with each statement; what may be read, the grants decide.
  const readOnly = " SETTINGS readonly = 2";
  return [
    ...["raw", "staging", "intermediate", "marts"].map((name) => `CREATE DATABASE IF NOT EXISTS ${name};`),
    user("landing", secrets.CLICKHOUSE_LANDING_PASSWORD),
    user("dbt", secrets.CLICKHOUSE_DBT_PASSWORD),
    user("cube", secrets.CLICKHOUSE_CUBE_PASSWORD, readOnly),
    user("seal", secrets.CLICKHOUSE_SEAL_PASSWORD, readOnly),
    "GRANT ALL ON raw.* TO landing;",
    "GRANT SELECT, SHOW ON raw.* TO dbt;",
    ...["staging", "intermediate", "marts"].map((name) => `GRANT ALL ON ${name}.* TO dbt;`),
    "GRANT SELECT ON system.* TO landing, dbt;",
    "GRANT CREATE TEMPORARY TABLE ON *.* TO landing, dbt;",
    "GRANT SELECT, SHOW ON marts.* TO cube, seal;",
  ].join("\n");
}
