import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Files written by one run of a command, so that a run that is refused leaves nothing behind. */
export class Journal {
  readonly #before = new Map<string, string | undefined>();

  write(path: string, content: string): void {
    if (!this.#before.has(path)) this.#before.set(path, existsSync(path) ? readFileSync(path, "utf8") : undefined);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  remove(path: string): void {
    if (!this.#before.has(path)) this.#before.set(path, readFileSync(path, "utf8"));
    rmSync(path);
  }

  /** Paths that hold something else than before. */
  changed(): string[] {
    return [...this.#before]
      .filter(([path, before]) => (existsSync(path) ? readFileSync(path, "utf8") : undefined) !== before)
      .map(([path]) => path);
  }

  /** Puts everything back as it was. */
  undo(): void {
    for (const [path, before] of this.#before) {
      if (before !== undefined) writeFileSync(path, before);
      else rmSync(path.endsWith("/migration.sql") ? dirname(path) : path, { recursive: true, force: true });
    }
  }
}
