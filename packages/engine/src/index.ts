import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type EngineOptions, withDefaults } from "./options.ts";

export {
  type EngineOptions,
  fullRights,
  type PlatformPasswords,
  platformDatabases,
  platformUsers,
  systemTables,
  temporaryTables,
  type UserLimits,
  type UserOptions,
} from "./options.ts";

export type RunningEngine = {
  port: number;
  url: string;
  pid: number;
  /** Stops it as SIGTERM does and waits for the end. */
  close(): Promise<void>;
};

/**
 * Starts an engine in a process of its own (the engine is bound to one folder per process) and waits until it serves.
 * It ends with this process, however this process ends.
 * @throws Error with the engine's own text when it cannot start, e.g. when the folder is in use.
 */
export function startEngine(
  given: Pick<EngineOptions, "dataPath" | "users"> & Partial<EngineOptions>,
): Promise<RunningEngine> {
  const options = withDefaults(given);
  const child = fork(fileURLToPath(new URL("./child.ts", import.meta.url)), [], {
    env: { ...process.env, UV_THREADPOOL_SIZE: "128", NODE_OPTIONS: "" },
    execArgv: [],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (part: Buffer) => {
    said = (said + part.toString()).slice(-8192);
    process.stderr.write(part);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => {
      reject(new Error(`The engine did not start (${signal ?? code}): ${said}`));
    });
    child.once("error", reject);
    child.on("message", (message: { port?: number; failure?: string }) => {
      if (message.failure) reject(new Error(message.failure));
      if (message.port === undefined) return;
      resolve({
        port: message.port,
        url: `http://${options.host}:${message.port}`,
        pid: child.pid ?? 0,
        close: async () => {
          if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
          await ended;
        },
      });
    });
    child.send(options);
  });
}
