import { join } from "node:path";
import { httpProbe } from "../../src/probes.ts";
import type { ServiceSpec } from "../../src/supervisor.ts";

export type FakePart = { name: string; port: number; dependsOn?: string[]; options?: string[]; stopTimeoutMs?: number };

/** A service whose process is `child.ts`. */
export function fakeSpec(
  { name, port, dependsOn = [], options = [], stopTimeoutMs }: FakePart,
  journal: string,
): ServiceSpec {
  return {
    kind: "service",
    name,
    title: name,
    dependsOn,
    launch: () => ({
      command: process.execPath,
      args: [join(import.meta.dirname, "child.ts"), String(port), journal, name, ...options],
      cwd: "/",
      env: { ONLY: "this" },
    }),
    probe: httpProbe(`http://127.0.0.1:${port}/readyz`),
    stopTimeoutMs,
  };
}
