import type { EngineOptions } from "./options.ts";
import { type Serving, serveEngine, stopProcess } from "./server.ts";

/* The program of `startEngine`: options come from the parent, and the parent's end is its own. */

let serving: Serving | undefined;

const stop = () => stopProcess(serving);

process.once("message", async (options: EngineOptions) => {
  try {
    serving = await serveEngine(options);
    process.send?.({ port: serving.port });
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? error.message : String(error) }, () => process.exit(1));
  }
});
process.on("disconnect", stop);
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
