import { createFront } from "./front.ts";
import { readJson, type StackStatus } from "./state.ts";

/** The front as a process of its own: its one argument says everything it needs, none of it secret. */
export type FrontArguments = {
  port: number;
  host: string;
  opsPort: number;
  insightsPort: number;
  publicUrl: string;
  trustedProxy?: string;
  statusFile: string;
};

const given = JSON.parse(process.argv[2] ?? "{}") as FrontArguments;
const server = createFront({ ...given, status: () => readJson<StackStatus>(given.statusFile) });
server.listen(given.port, given.host);

process.once("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  // Open event streams would otherwise hold the stop for ever.
  setTimeout(() => server.closeAllConnections(), 1_500).unref();
});
