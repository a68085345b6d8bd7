import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { finalQueryResult, finalQueryResultMulti } from "./transform.ts";

/** The one version whose calls are known. Another one may want other functions, or the same ones otherwise. */
export const knownVersion = "1.7.43";

type NativeModule = Record<string, unknown> & { NativeInstance: { prototype: Record<string, unknown> } };
export type NativePackage = { folder: string; version: string };

const requireHere = createRequire(import.meta.url);
/** Resolves modules as Cube's own packages do. */
export const requireFromCube = createRequire(requireHere.resolve("@cubejs-backend/server"));

/** Where the native package of this installation lies. */
export function findNative(): NativePackage {
  const folder = join(dirname(requireFromCube.resolve("@cubejs-backend/native")), "../..");
  const { version } = requireHere(join(folder, "package.json")) as { version: string };
  return { folder, version };
}

/**
 * Supplies the functions that a REST server wants from `@cubejs-backend/native` where its binary is missing (no package registry has it).
 * Steps aside where the binary exists. Must run before any package of Cube is loaded.
 * @throws Error when the installed version is not the known one
 */
export function supplyNative({ folder, version }: NativePackage = findNative()): "binary" | "stand-in" {
  if (existsSync(join(folder, "index.node")) || existsSync(join(folder, "native/index.node"))) return "binary";
  if (version !== knownVersion) {
    throw new Error(
      `@cubejs-backend/native ${version} is not known to the stand-in (${knownVersion} is). ` +
        "Compare its functions, extend the tests in cube/test, then change knownVersion.",
    );
  }
  const native = requireFromCube("@cubejs-backend/native") as NativeModule;
  Object.assign(native, {
    isFallbackBuild: () => true,
    setupLogger: () => undefined,
    resetLogger: () => undefined,
    redactSqlLiterals: (sql: string) => sql.replaceAll(/'(?:[^'\\]|''|\\.)*'/gs, "'redacted'"),
    registerInterface: async () => ({}),
    shutdownInterface: async () => undefined,
    getFinalQueryResult: finalQueryResult,
    getFinalQueryResultMulti: finalQueryResultMulti,
  });
  // Made for every compilation, used by Jinja models only, of which there are none.
  native.NativeInstance.prototype.newJinjaEngine = () => ({ loadTemplate: noJinja, renderTemplate: noJinja });
  return "stand-in";
}

function noJinja(): never {
  throw new Error("Jinja templates need the native binary of Cube");
}
