import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Operation } from "@xianfeng/service/stream-page";
import { derivedSettings, environmentFor, type Plan, told } from "./environment.ts";
import { dim, green, pad, say, yellow } from "./print.ts";
import { runningPlan } from "./running.ts";
import { loadCheckout, root } from "./settings.ts";
import { type StreamPage, StreamRefused, streamPage } from "./stream-page.ts";

/** Prints what ClickHouse refused, by table and reason; never values. 0 when there is nothing. */
export async function letters(args: string[]): Promise<number> {
  const plan = planOrSay();
  if (!plan) return 1;
  const found = await streamPage(plan).letters();
  if (args.includes("--json")) say(JSON.stringify(found, null, 2));
  else if (found.length === 0) say(green("没有被拒绝的行 (nothing is set aside)"));
  for (const { table, reason, code, count, first, last, keys, emptied } of args.includes("--json") ? [] : found) {
    say(`${pad(table, 24)} ${count} 行 (rows)  ${reason}${code ? ` (${code})` : ""}`);
    say(
      dim(
        `    ${first} … ${last}  ${keys.length > 0 ? `编号 (keys) ${keys.join("; ")}${count > keys.length ? " …" : ""}` : ""}`,
      ),
    );
    if (emptied > 0)
      say(yellow(`    其中 ${emptied} 行的内容已过30天清除，请 npm run resync -- ${table} (contents gone: resync)`));
  }
  if (found.length > 0 && !args.includes("--json"))
    say("处理 (mend): 类型已放宽用 npm run replay；值已在业务端改正用 npm run repair；可加表名 (a table may be named)");
  return found.length > 0 ? 1 : 0;
}

/** Puts set-aside rows in again, as they were (`replay`) or as they are now (`repair`). 0 when none is left. */
export async function mend(kind: "replay" | "repair", args: string[]): Promise<number> {
  const plan = planOrSay();
  if (!plan) return 1;
  const page = streamPage(plan);
  const { landed, left } = await follow(page, await begin(page, kind, args[0]));
  say(`${green("✓")} 已写入 (landed) ${landed} 行，还剩 (left) ${left} 行`);
  if (left > 0) say("    npm run letters 查看剩下的原因 (shows why)");
  return left > 0 ? 1 : 0;
}

/** Copies one table anew beside the present one and exchanges it; compares both sides afterwards. */
export async function resync([table]: string[]): Promise<number> {
  if (!table) {
    say("用法 (usage): npm run resync <table>，例如 (e.g.) npm run resync attendance");
    return 2;
  }
  const plan = planOrSay();
  if (!plan) return 1;
  const page = streamPage(plan);
  await follow(page, await begin(page, "resync", table));
  return reconcile(plan, ["--table", table]);
}

/** A new warehouse beside the present one: every landing table copied anew and exchanged, then every mart computed anew. */
export async function rebuild(): Promise<number> {
  const plan = planOrSay();
  if (!plan) return 1;
  const page = streamPage(plan);
  const { endedAt } = await follow(page, await begin(page, "rebuild"));
  await martsSince(plan, Date.parse(endedAt ?? ""));
  return reconcile(plan, []);
}

function planOrSay(): Plan | undefined {
  const running = runningPlan(loadCheckout());
  if (!running) say("系统没有在运行，请先 npm start (not running)");
  return running?.plan;
}

const begin = (page: StreamPage, kind: Operation["kind"], table?: string) =>
  page.begin({ id: randomUUID(), kind, table });

const phases: Record<string, string> = {
  waiting_for_writers: "等正在进行的事务结束 (waiting for open transactions)",
  copying: "复制 (copying)",
  catching_up: "追平 (catching up)",
  exchanging: "换上新表 (exchanging)",
  landing: "写入 (landing)",
};

/** Prints how it goes until it has ended. @throws StreamRefused when it failed, or the stream was restarted meanwhile */
async function follow(page: StreamPage, { id }: Operation): Promise<Operation> {
  let said = "";
  for (let silent = 0; ; ) {
    const operation = await page.operations().then(
      (list) => list.find((one) => one.id === id) ?? "forgotten",
      () => undefined,
    );
    if (operation === "forgotten")
      throw new StreamRefused("数据流中途重启了，旧表照常使用，请再次运行 (the stream was restarted: run it again)");
    silent = operation ? 0 : silent + 1;
    if (silent > 60) throw new StreamRefused("数据流一分钟没有回答，旧表照常使用 (no answer for a minute)");
    const line = operation ? lineOf(operation) : said;
    if (line !== said) say(line);
    said = line;
    if (operation?.state === "done") return operation;
    if (operation?.state === "failed")
      throw new StreamRefused(`没有完成，旧表照常使用 (failed, the present tables stay): ${operation.error}`);
    await pause(operation ? 500 : 1_000);
  }
}

function lineOf({ state, phase, interrupted, tables, landed, left }: Operation): string {
  const again = interrupted > 0 ? `，第${interrupted + 1}次 (attempt)` : "";
  if (state === "waiting") return `排队 (waiting)${again}`;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const about = tables.reduce((sum, table) => sum + Math.max(table.about, table.rows), 0);
  const whole = tables.filter((table) => table.isWhole).length;
  const now = tables.find((table) => !table.isWhole && table.rows > 0)?.table;
  const copied =
    tables.length > 0
      ? `：${rows} / 约 (of about) ${about} 行，${whole}/${tables.length} 张表${now ? ` ${now}` : ""}`
      : "";
  const mended = landed + left > 0 ? `：${landed} 行，还剩 (left) ${left}` : "";
  return `${state === "done" ? "完成 (done)" : (phases[phase ?? ""] ?? "开始 (begins)")}${again}${copied}${mended}`;
}

type Marts = { beganAt?: string; trouble?: string; working?: { done: string[]; of: number } };

const patienceMs = 60_000;

/** Waits until every mart has been computed in a round that began after a moment, milliseconds since 1970. */
async function martsSince({ ports }: Plan, moment: number): Promise<void> {
  const shown = new Set<string>();
  for (let wellAt = Date.now(); ; ) {
    const marts = await fetch(`http://127.0.0.1:${ports.WAREHOUSE_PORT}/healthz`, {
      signal: AbortSignal.timeout(5_000),
    })
      .then((answer) => answer.json() as Promise<Marts>)
      .catch(() => undefined);
    if (marts?.beganAt && Date.parse(marts.beganAt) > moment) return say("数据集市已重新计算 (marts computed anew)");
    if (marts && marts.trouble === undefined) wellAt = Date.now();
    if (Date.now() - wellAt > patienceMs)
      throw new StreamRefused(
        `落地表已经换新；数据集市${marts ? `刷新失败：${marts.trouble?.slice(0, 200)}` : "没有回答"}。它会自动重试 (the marts do not follow yet): npm run logs warehouse`,
      );
    const line = `计算数据集市 (computing the marts) ${marts?.working ? `${marts.working.done.length}/${marts.working.of}` : "…"}`;
    if (!shown.has(line)) say(line);
    shown.add(line);
    await pause(300);
  }
}

/** Compares both sides with the stream's own program; its exit code. */
export function reconcile(plan: Plan, args: string[]): Promise<number> {
  const child = spawn(process.execPath, [join(root, "packages/stream/src/cli.ts"), "reconcile", ...args], {
    env: environmentFor(derivedSettings(plan), told.stream),
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
