import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const names = [
  "POSTGRES_ADMIN_PASSWORD",
  "POSTGRES_OWNER_PASSWORD",
  "POSTGRES_APP_PASSWORD",
  "POSTGRES_STREAM_PASSWORD",
  "POSTGRES_REPORT_PASSWORD",
  "CLICKHOUSE_LANDING_PASSWORD",
  "CLICKHOUSE_DBT_PASSWORD",
  "CLICKHOUSE_CUBE_PASSWORD",
  "CLICKHOUSE_SEAL_PASSWORD",
  "CUBE_API_SECRET",
  "AUTH_SECRET",
  "DATA_KEY",
  "BLIND_INDEX_KEY",
  "SIGN_IN_CODE_KEY",
  "STREAM_CONTROL_KEY",
] as const;

export type SecretName = (typeof names)[number];
export type Secrets = Record<SecretName, string>;

/**
 * Reads the secrets of this installation; what is missing is made (32 random bytes) and kept, readable by its owner only.
 * A secret given as a setting wins and is not written down.
 * @param dataExist whether encrypted data lie there already: then a lost file is an error, never replaced in silence
 * @throws Error when the file is lost or cannot be read as what it was.
 */
export function ensureSecrets(file: string, given: Record<string, string>, dataExist: boolean): Secrets {
  const kept = readKept(file, dataExist);
  const secrets = { ...kept };
  for (const name of names) secrets[name] ??= randomBytes(32).toString("base64url");
  if (Object.keys(secrets).length !== Object.keys(kept).length) {
    mkdirSync(dirname(file), { recursive: true });
    const partial = `${file}.part`;
    writeFileSync(partial, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(partial, file);
  }
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  const answer = secrets as Secrets;
  for (const name of names) answer[name] = given[name] ?? answer[name];
  return answer;
}

function readKept(file: string, dataExist: boolean): Partial<Secrets> {
  if (!existsSync(file)) {
    if (!dataExist) return {};
    throw new Error(
      `密钥文件不见了 (lost): ${file}。数据库里的个人信息只有用它才能解密。请从备份恢复此文件；确定不要数据时运行 npm run reset。`,
    );
  }
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partial<Secrets>;
  } catch (cause) {
    throw new Error(`密钥文件已损坏 (damaged): ${file}。请从备份恢复此文件。`, { cause });
  }
}
