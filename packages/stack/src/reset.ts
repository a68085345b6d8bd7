import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { removeElsewhere } from "./postgres.ts";
import { say } from "./print.ts";
import { loadCheckout } from "./settings.ts";
import { pathsIn } from "./state.ts";
import { stopStack } from "./stop.ts";

/** Stops, and deletes the state folder with everything in it. Servers given by address are never touched. */
export async function reset(args: string[]): Promise<number> {
  const { stateDir, settings } = loadCheckout();
  const paths = pathsIn(stateDir);
  if (!existsSync(paths.marker)) {
    say(`没有数据可删除 (nothing of this system in): ${stateDir}`);
    return 0;
  }
  if (!args.includes("--yes") && !(await agreed(stateDir))) {
    say("未作任何更改 (nothing changed)。不询问直接删除: npm run reset -- --yes");
    return 1;
  }
  if (!(await stopStack(paths))) return 1;
  removeElsewhere(paths.postgres);
  for (const name of readdirSync(stateDir)) rmSync(join(stateDir, name), { recursive: true, force: true });
  try {
    rmdirSync(stateDir);
  } catch {
    // A mounted volume stays, empty.
  }
  say(`已删除 (deleted): ${stateDir}`);
  if (settings.DATABASE_URL || settings.CLICKHOUSE_URL)
    say("DATABASE_URL / CLICKHOUSE_URL 指向的服务器没有改动 (the servers given by address were not touched)");
  return 0;
}

async function agreed(stateDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await ask.question(
      `将停止系统并删除 ${stateDir} 中的全部数据和密钥，无法恢复。输入 yes 继续 (type yes): `,
    );
    return answer.trim() === "yes";
  } finally {
    ask.close();
  }
}
