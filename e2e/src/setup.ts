import type { TestProject } from "vitest/node";
import { Platform } from "./platform.ts";

declare module "vitest" {
  interface ProvidedContext {
    stateDir: string;
  }
}

/** Starts one platform for all test files, or takes the running one whose state folder XF_E2E_STATE names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.XF_E2E_STATE;
  const platform = running ? Platform.at(running) : await new Platform().start();
  project.provide("stateDir", platform.stateDir);
  return async () => {
    if (!running) await platform[Symbol.asyncDispose]();
  };
}
