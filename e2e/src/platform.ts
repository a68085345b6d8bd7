import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivedSettings } from "@xianfeng/stack/environment";
import { loadCheckout, root } from "@xianfeng/stack/settings";
import { pathsIn, readJson, type StackStatus } from "@xianfeng/stack/state";
import { poll } from "./poll.ts";

const cli = join(root, "packages/stack/src/cli.ts");

/** The settings that processes of a running platform were told; tests use them to look behind the screens. */
export type PlatformSettings = ReturnType<typeof derivedSettings>;

/** A whole platform of its own: the same command that people run, in a temporary state folder and on free ports. */
export class Platform {
  readonly stateDir: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(environment: Record<string, string> = {}, stateDir = mkdtempSync(join(tmpdir(), "xianfeng-e2e-"))) {
    this.stateDir = stateDir;
    this.#environment = environment;
  }

  /** The platform that runs in a state folder already. It is looked at, never stopped. */
  static at(stateDir: string): Platform {
    return new Platform({}, stateDir);
  }

  get #paths() {
    return pathsIn(this.stateDir);
  }

  /** What the running platform wrote down about itself. */
  status(): StackStatus {
    const status = readJson<StackStatus>(this.#paths.status);
    if (!status) throw new Error(`no status in ${this.stateDir}\n${this.#output}`);
    return status;
  }

  get url(): string {
    return this.status().url;
  }

  get settings(): PlatformSettings {
    const { ports, url } = this.status();
    const secrets = JSON.parse(readFileSync(this.#paths.secrets, "utf8")) as never;
    const checkout = loadCheckout(root, { ...this.#environment, STATE_DIR: this.stateDir });
    return derivedSettings({ checkout, secrets, ports, paths: this.#paths, url });
  }

  /** Demo accounts by user name, with the password made at seeding. */
  account(username: string): { username: string; password: string } {
    const { accounts } = JSON.parse(readFileSync(this.#paths.accounts, "utf8")) as {
      accounts: { username: string; password: string }[];
    };
    return {
      username,
      password: accounts.find((one) => one.username === username)?.password ?? accounts[0]?.password ?? "",
    };
  }

  part(name: string) {
    const part = this.status().parts.find((one) => one.name === name);
    if (!part) throw new Error(`no part ${name}`);
    return part;
  }

  #spawn(): void {
    const child = spawn(process.execPath, [cli, "start"], {
      cwd: root,
      env: this.#env(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const take = (chunk: Buffer) => {
      this.#output = (this.#output + chunk).slice(-20_000);
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
  }

  #env(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return { PATH, HOME, ...this.#environment, STATE_DIR: this.stateDir };
  }

  /** Runs another command of the platform, as `npm run NAME` does, and waits for its end. */
  command(...args: string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd: root,
      env: this.#env(),
      encoding: "utf8",
      timeout: 300_000,
    });
    return { status, output: stdout + stderr };
  }

  /** Starts and waits until every part answers. */
  async start(): Promise<this> {
    this.#spawn();
    await this.untilReady();
    return this;
  }

  /** Stops the platform, lets `meanwhile` change what lies on disk, and starts it again without waiting. */
  async restart(meanwhile: () => void): Promise<void> {
    await this.stop();
    meanwhile();
    this.#spawn();
  }

  /** @throws with the console's last lines when the platform gives up or takes too long */
  async untilReady(): Promise<void> {
    await poll("the platform to be ready", 420_000, () => {
      if (this.#child?.exitCode != null)
        throw new Error(`the platform ended with ${this.#child.exitCode}\n${this.#output}`);
      const status = readJson<StackStatus>(this.#paths.status);
      if (status?.state === "unhealthy")
        throw new Error(
          `unhealthy: ${JSON.stringify(status.parts.filter((part) => part.state !== "ready"))}\n${this.#output}`,
        );
      return status?.state === "ready" ? true : null;
    });
  }

  /** Stops it in order, whoever started it. */
  async stop(): Promise<void> {
    const { status, output } = this.command("stop");
    if (status !== 0) throw new Error(`stop: ${output}\n${this.#output}`);
  }

  /** Stops and deletes everything of this platform. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
