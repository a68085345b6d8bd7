import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, constants, mkdirSync, openSync, rmSync } from "node:fs";
import { open, unlink, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Body } from "./body.ts";
import { EngineError } from "./errors.ts";

/** A pipe in use: `reader` ends once `writerIsDone` was called and everything written has been read. */
export type OpenPipe = { reader: Socket; writerIsDone(): void };

/** One named pipe: the engine writes an answer into it, the endpoint reads it as it comes. */
export class Pipe {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens the reading end; a reader that does not read holds the engine back. The pipe is also held open for writing:
   * the engine may open it late, several times or never, and would wait for ever for a reader that has already gone.
   */
  open(): OpenPipe {
    const holder = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK);
    const fd = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { reader: new Socket({ fd, readable: true, writable: false }), writerIsDone: () => closeSync(holder) };
  }
}

/** Temporary files of the endpoint, beside the data: pipes for answers, staged bodies of inserts. */
export class Files {
  readonly #folder: string;
  readonly #free: Pipe[] = [];
  readonly #waiting: ((pipe: Pipe) => void)[] = [];

  /** The data folder must be locked by this process already: leftovers in it are removed. */
  constructor(dataPath: string, pipes: number) {
    this.#folder = join(dataPath, "endpoint");
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const paths = Array.from({ length: pipes }, (_, i) => join(this.#folder, `pipe-${i}`));
    execFileSync("mkfifo", ["-m", "600", ...paths]);
    for (const path of paths) this.#free.push(new Pipe(path));
  }

  async takePipe(): Promise<Pipe> {
    return this.#free.pop() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Only when neither end is open any more. */
  returnPipe(pipe: Pipe): void {
    const next = this.#waiting.shift();
    if (next) next(pipe);
    else this.#free.push(pipe);
  }

  path(): string {
    return join(this.#folder, randomUUID());
  }

  async remove(path: string): Promise<void> {
    await unlink(path).catch(() => undefined);
  }

  /**
   * Writes `head` and the rest of the body into a new file. A body that breaks off leaves no file.
   * @throws EngineError 243 when the disk is full
   */
  async stage(head: Buffer, rest: Body | undefined): Promise<string> {
    try {
      return await this.#stage(head, rest);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
      throw new EngineError(243, "NOT_ENOUGH_SPACE", "There is no space left on the disk for the data of this insert");
    }
  }

  async #stage(head: Buffer, rest: Body | undefined): Promise<string> {
    const path = this.path();
    if (!rest) {
      await writeFile(path, head, { mode: 0o600 });
      return path;
    }
    const file = await open(path, "wx", 0o600);
    try {
      await file.write(head);
      for (let part = await rest.next(); part; part = await rest.next()) await file.write(part);
    } catch (error) {
      await this.remove(path);
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
