import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { Platform } from "../../e2e/src/platform.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** Seconds from the start of the command until something answers through the one address. */
export type Started = { front: number; ops: number; insights: number; ready: number };
export type StartFigures = {
  /** Nothing is there but the built checkout: clusters, tables, demo data and marts are made. */
  cold: Started;
  /** The data are there. */
  warm: { [Name in keyof Started]: Spread };
};

/** Measures the start of the whole platform with demo data in a folder of its own. @param starts how often with data there (default 3) */
export async function benchStart(options: { starts?: number } = {}): Promise<StartFigures> {
  const { starts = 3 } = options;
  const platform = new Platform();
  try {
    const cold = await timeStart(platform);
    const warm: Started[] = [];
    for (let start = 0; start < starts; start += 1) {
      await platform.stop();
      warm.push(await timeStart(platform));
    }
    const of = (name: keyof Started) => spreadOf(warm.map((one) => one[name]));
    return { cold, warm: { front: of("front"), ops: of("ops"), insights: of("insights"), ready: of("ready") } };
  } finally {
    await platform[Symbol.asyncDispose]();
  }
}

async function timeStart(platform: Platform): Promise<Started> {
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  const over = new AbortController();
  const starting = platform.start();
  // Its failure is told below; the questions end with it.
  starting.catch(() => over.abort());
  /** The page of sign-in or a redirect to it: the app itself has answered, not the page that asks for patience. */
  const answers = async (path: string, good: (status: number) => boolean): Promise<number> => {
    while (!over.signal.aborted) {
      const status = await ask(platform, path);
      if (status !== undefined && good(status)) return since();
      await pause(25);
    }
    return Number.NaN;
  };
  const app = (status: number) => status < 500;
  const asked = Promise.all([answers("/healthz", () => true), answers("/", app), answers("/insights", app)]);
  await starting;
  const ready = since();
  const [front, ops, insights] = await asked;
  return { front, ops, insights, ready };
}

async function ask(platform: Platform, path: string): Promise<number | undefined> {
  try {
    const { url, state } = platform.status();
    // What a stopped platform has left behind names an address, too.
    if (state === "stopping") return undefined;
    const answer = await fetch(`${url}${path}`, { redirect: "manual", signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}
