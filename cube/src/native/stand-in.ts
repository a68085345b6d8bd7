import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Columnar, type TransformData, transform } from "./transform.ts";

/** The one version whose calls are known. Another one may want other functions, or the same ones otherwise. */
export const knownVersion = "1.7.43";

type Native = Record<string, unknown> & { NativeInstance: { prototype: Record<string, unknown> } };

const bytes = (value: unknown): ArrayBuffer => {
  const encoded = new TextEncoder().encode(JSON.stringify(value));
  return encoded.buffer.slice(encoded.byteOffset, encoded.byteOffset + encoded.byteLength) as ArrayBuffer;
};

/** Rows as the wrapper serialises them; an empty result has no columns. */
const columnar = (rows: unknown): Columnar => JSON.parse(Buffer.from(rows as Uint8Array).toString("utf8")) as Columnar;

/** One query: the answer's frame with its data in it. */
export const finalQueryResult = (data: TransformData, rows: unknown, frame: object): ArrayBuffer =>
  bytes({ ...frame, data: transform(data, columnar(rows)) });

/** Several queries in one answer. */
export function finalQueryResultMulti(
  data: TransformData[],
  rows: unknown[],
  frame: { results: object[] },
): ArrayBuffer {
  const results = frame.results.map((result, index) => {
    const own = data[index];
    if (!own) throw new Error("a result without its description");
    return { ...result, data: transform(own, columnar(rows[index])) };
  });
  return bytes({ ...frame, results });
}

/**
 * Supplies the functions that the server wants from `@cubejs-backend/native` where its binary is missing (it is not offered by a package registry).
 * Steps aside where the binary exists. @throws when the installed version is not the known one
 */
export function supplyNative(): "binary" | "stand-in" {
  const server = createRequire(createRequire(import.meta.url).resolve("@cubejs-backend/server"));
  const entry = server.resolve("@cubejs-backend/native");
  const folder = join(dirname(entry), "../..");
  if (existsSync(join(folder, "index.node")) || existsSync(join(folder, "native/index.node"))) return "binary";
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  if (version !== knownVersion)
    throw new Error(
      `@cubejs-backend/native ${version} is not known to the stand-in (${knownVersion} is). Compare its functions, extend the tests in cube/test, then change knownVersion.`,
    );
  const native = server("@cubejs-backend/native") as Native;
  Object.assign(native, {
    isFallbackBuild: () => true,
    setupLogger: () => undefined,
    resetLogger: () => undefined,
    redactSqlLiterals: (sql: string) => sql.replace(/'(?:[^'\\]|\\.|'')*'/g, "'redacted'"),
    registerInterface: async () => ({}),
    shutdownInterface: async () => undefined,
    getFinalQueryResult: async (data: TransformData, rows: unknown, frame: object) =>
      finalQueryResult(data, rows, frame),
    getFinalQueryResultMulti: async (data: TransformData[], rows: unknown[], frame: { results: object[] }) =>
      finalQueryResultMulti(data, rows, frame),
  });
  // Asked for when models are compiled; plain YAML and JavaScript models never use it.
  native.NativeInstance.prototype.newJinjaEngine = () => ({});
  return "stand-in";
}
