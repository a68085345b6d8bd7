// Where the tools lie, and how a program is run with them.
import { spawn } from "node:child_process";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const nodeVersion = "24.21.0";
export const pnpmVersion = "12.21.0";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const tools = join(root, ".tools");

/** What went wrong, in words for the person at the keyboard. */
export class StepError extends Error {}

export const say = (text) => process.stdout.write(`${text}\n`);

/** Which Node 24 to use: the one that runs us, if new enough; else the one in .tools, which may have to be fetched. */
export const ownIsNewEnough = Number(process.versions.node.split(".")[0]) >= 24;
export const nodePackage = `node-${process.platform}-${process.arch}`;
export const nodeFolder = ownIsNewEnough ? dirname(process.execPath) : join(tools, "node_modules", nodePackage, "bin");
export const node = ownIsNewEnough ? process.execPath : join(nodeFolder, "node");
export const venvPython = join(tools, "venv", "bin", "python");

// What npm tells its scripts would mislead a nested npm or pnpm; a registry or proxy given by a person must stay.
const ofOuterNpm =
  /^(npm_(?!config_)|npm_config_(.*prefix|global.*|dry_run|omit|workspaces?)$|NODE_OPTIONS$|INIT_CWD$)/i;

/** The environment of the tools. */
function toolEnvironment(more = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !ofOuterNpm.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: [nodeFolder, join(tools, "venv", "bin"), join(root, "node_modules", ".bin"), process.env.PATH].join(
      delimiter,
    ),
    CI: "1",
    NO_UPDATE_NOTIFIER: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    CHECKPOINT_DISABLE: "1",
    DO_NOT_TRACK: "1",
    ...more,
  };
}

/**
 * Runs a program to its end. While it works, a line every ten seconds says so and shows its last words; its whole output
 * is shown only when it fails.
 */
export function run(command, args, { cwd = root, env = {}, minutes = 10 } = {}) {
  return new Promise((resolve, refuse) => {
    const child = spawn(command, args, {
      cwd,
      env: toolEnvironment(env),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        output = (output + chunk).slice(-200_000);
      });
    const began = Date.now();
    const lastWords = () => output.trimEnd().split("\n").at(-1)?.trim().slice(0, 100) ?? "";
    const progress = setInterval(() => {
      say(`      … ${Math.round((Date.now() - began) / 1000)} s  ${lastWords()}`);
    }, 10_000);
    const endGroup = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    };
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup();
    }, minutes * 60_000);
    const stop = () => {
      endGroup();
      process.exit(130);
    };
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, stop);
    const over = () => {
      clearInterval(progress);
      clearTimeout(limit);
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(name, stop);
    };
    child.on("error", (error) => {
      over();
      refuse(new StepError(`${command}: ${error.message}`));
    });
    child.on("close", (code) => {
      over();
      if (code === 0) return resolve(output);
      const why = late ? `超过 ${minutes} 分钟，已中止 (took too long)` : `失败 (failed, exit ${code})`;
      refuse(
        new StepError(
          `${basename(command)} ${args.slice(0, 4).join(" ")} ${why}\n${output.trimEnd().split("\n").slice(-40).join("\n")}`,
        ),
      );
    });
  });
}
