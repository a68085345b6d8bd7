import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServerBuild } from "react-router";
import { createListener } from "./server/http/listener.ts";
import { errorPlace } from "./server/log.ts";
import { createServices } from "./server/services.ts";
import { readInsightsSettings } from "./server/settings.ts";

const settings = readInsightsSettings();
const services = createServices(settings);
const folder = join(import.meta.dirname, "build");
const build = (await import(pathToFileURL(join(folder, "server", "index.js")).href)) as ServerBuild;
const { listener, close } = createListener({ services, build, clientFolder: join(folder, "client") });

const server = createServer(listener);
// Longer than the front keeps an idle connection, so that both never close and reuse it at the same moment.
server.keepAliveTimeout = 75_000;
server.headersTimeout = 20_000;
server.listen(settings.INSIGHTS_PORT, "127.0.0.1", () =>
  services.log("info", "listening", { port: settings.INSIGHTS_PORT }),
);

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  close();
  server.closeIdleConnections();
  server.close();
  setTimeout(() => server.closeAllConnections(), 5_000).unref();
  await services.close();
};
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
process.on("unhandledRejection", (error) => services.log("error", "unhandled", errorPlace(error)));
