import type { PortMove } from "./ports.ts";
import type { Checkout } from "./settings.ts";
import { type Paths, readJson } from "./state.ts";
import type { PartState, PartStatus } from "./supervisor.ts";

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

const coloured = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);
export const dim = paint(2);

const words: Record<PartState, string> = {
  waiting: "等待 waiting",
  starting: "启动中 starting",
  ready: "就绪 ready",
  done: "完成 done",
  unready: "未就绪 not ready",
  restarting: "重启中 restarting",
  failing: "反复失败 failing",
  stopping: "停止中 stopping",
  stopped: "已停止 stopped",
};

/** A state in both languages, coloured on a terminal. */
export function stateWord(state: PartState): string {
  if (state === "ready" || state === "done") return green(words[state]);
  if (state === "failing") return red(words[state]);
  return state === "unready" || state === "restarting" ? yellow(words[state]) : dim(words[state]);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** Pads by what is seen: a Chinese character takes two columns, a colour code none. */
export function pad(text: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one
  const seen = [...text.replace(/\u001b\[\d+m/g, "")].reduce(
    (sum, char) => sum + (/[\u2e80-\uffef]/.test(char) ? 2 : 1),
    0,
  );
  return text + " ".repeat(Math.max(0, width - seen));
}

/** One line for a change that a person wants to see. */
export function printPart(part: PartStatus, sinceStartMs: number): void {
  if (part.state === "waiting" || part.state === "stopping" || part.state === "stopped") return;
  const why = part.detail ? `  ${part.detail.split("\n")[0]}` : "";
  say(`${dim(seconds(sinceStartMs).padStart(8))}  ${pad(part.title, 24)} ${stateWord(part.state)}${why}`);
  if (part.state === "failing") for (const line of part.lastLines ?? []) say(`          ${dim("|")} ${line}`);
}

export function printMoves(moves: PortMove[]): void {
  for (const { name, wanted, got, holder } of moves)
    say(yellow(`端口 ${wanted}（${name}）已被占用，改用 ${got} (port in use by ${holder}; using ${got})`));
}

type Account = { username: string; name: string; title: string; password: string };

/** Where to go and who to be, when everything has settled. */
export function printAddress(about: {
  url: string;
  checkout: Checkout;
  paths: Paths;
  parts: PartStatus[];
  tookMs: number;
}): void {
  const { url, checkout, paths, parts, tookMs } = about;
  const failing = parts.filter((part) => part.state === "failing");
  say("");
  say(`  ${green("先锋已就绪 (Xianfeng is ready)")}  ${seconds(tookMs)}`);
  say(`  业务端 (operations)   ${url}`);
  say(`  分析端 (insights)     ${url}/insights`);
  const { accounts = [] } = readJson<{ accounts?: Account[] }>(paths.accounts) ?? {};
  if (accounts.length > 0) {
    say("");
    say(`  演示账号 (demo accounts), ${dim(paths.accounts)}`);
    for (const { username, name, title, password } of accounts)
      say(`    ${pad(username, 12)} ${pad(password, 22)} ${pad(name, 10)} ${title}`);
  }
  if (failing.length > 0) {
    say("");
    say(
      red(
        `  未能启动 (not running): ${failing.map((part) => part.title).join("，")}。其余部分可用；详情 npm run doctor`,
      ),
    );
  }
  if (!checkout.settings.DATABASE_URL) {
    say("");
    say(dim("  内置 PostgreSQL 仅供试用和离线小规模使用；正式环境请设置 DATABASE_URL"));
    say(dim("  (The embedded PostgreSQL is for trial and small offline use; production sets DATABASE_URL.)"));
  }
  say("");
  say(dim("  停止 (stop): Ctrl-C 或 npm stop    状态: npm run status    检查: npm run doctor"));
  say("");
}
