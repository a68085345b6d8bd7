import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Alarm, type AlarmCode, alarmsOf, bytes } from "@xianfeng/service/alarms";
import { Client } from "pg";
import { migrationDrift } from "./drift.ts";
import { commonEnvironment, derivedSettings, environmentFor, type Plan, told } from "./environment.ts";
import { holderOf, isFree } from "./ports.ts";
import { green, red, say, yellow } from "./print.ts";
import { readingsOf } from "./readings.ts";
import { diskOf, writeRecord } from "./records.ts";
import { runningPlan } from "./running.ts";
import { loadCheckout, root } from "./settings.ts";
import { pathsIn, type StackStatus } from "./state.ts";

/** One thing that was looked at. `mend` says what to do, for everything that is not good. */
export type Finding = { about: string; level: "good" | "warning" | "broken"; text: string; mend?: string };

const good = (about: string, text: string): Finding => ({ about, level: "good", text });
const warning = (about: string, text: string, mend: string): Finding => ({ about, level: "warning", text, mend });
const broken = (about: string, text: string, mend: string): Finding => ({ about, level: "broken", text, mend });

/** Checks the installation and what runs; 1 when something is broken. */
export async function doctor(args: string[]): Promise<number> {
  const checkout = loadCheckout();
  const paths = pathsIn(checkout.stateDir);
  const running = runningPlan(checkout);

  const findings: Finding[] = [await versions(), ...disk(existsSync(paths.stateDir) ? paths.stateDir : root)];
  for (const name of checkout.unknown)
    findings.push(
      warning(".env", `${name} 不是本系统的设置 (unknown setting)`, "对照 .env.example 改正名称或删除此行"),
    );
  if (!running) {
    findings.push(...(await freePorts(checkout)));
    const text = "系统没有在运行，数据检查已跳过 (not running)";
    findings.push(warning("运行 running", text, "npm start，然后再次 npm run doctor"));
  } else {
    findings.push(secretsFile(paths.secrets), ...parts(running.status));
    for (const check of [migrations, slot, freshness, alarms, rows, mails])
      findings.push(...(await check(running.plan).catch(failed)));
  }

  if (args.includes("--json")) say(JSON.stringify(findings, null, 2));
  else print(findings);
  return findings.some((finding) => finding.level === "broken") ? 1 : 0;
}

const failed = (error: Error): Finding[] => [
  broken("检查 check", error.message.split("\n")[0] ?? "", "查看 npm run status，服务恢复后再次检查"),
];

function print(findings: Finding[]): void {
  const mark = { good: green("✓"), warning: yellow("!"), broken: red("✗") };
  for (const { about, level, text, mend } of findings) {
    say(`${mark[level]} ${about}: ${text}`);
    if (mend) say(`    处理 (mend): ${mend}`);
  }
}

/** Output of a program, or undefined when it cannot run or fails. */
function ask(command: string, args: string[], env: Record<string, string> = commonEnvironment(), timeout = 30_000) {
  return new Promise<{ ok: boolean; text: string }>((resolve) => {
    execFile(command, args, { env, cwd: root, timeout }, (error, stdout, stderr) =>
      resolve({ ok: !error, text: (stdout || stderr || error?.message || "").trim() }),
    );
  });
}

async function versions(): Promise<Finding> {
  const dbt = await ask(join(root, ".tools/venv/bin/python"), [
    "-c",
    "import sys; from importlib.metadata import version as v; print('Python', sys.version.split()[0], '· dbt', v('dbt-core'), '· dbt-clickhouse', v('dbt-clickhouse'))",
  ]);
  const about = "版本 versions";
  if (!dbt.ok)
    return broken(
      about,
      "Python 环境不完整 (the Python environment is not whole)",
      "删除 .tools/venv 后运行 npm start，会重新安装",
    );
  return good(about, `Node ${process.versions.node} · ${dbt.text}`);
}

function disk(folder: string): Finding[] {
  const dataDisk = diskOf(folder);
  const found = alarmsOf({ dataDisk }).map(findingOf);
  return found.length > 0 ? found : [good("磁盘 disk", `${folder} 可用 (free) ${bytes(dataDisk.freeBytes)}`)];
}

async function freePorts({ settings }: ReturnType<typeof loadCheckout>): Promise<Finding[]> {
  const names = [
    "PORT",
    "POSTGRES_PORT",
    "ENGINE_PORT",
    "CUBE_PORT",
    "OPS_PORT",
    "INSIGHTS_PORT",
    "STREAM_PORT",
    "WAREHOUSE_PORT",
    "MAIL_PORT",
  ] as const;
  const findings: Finding[] = [];
  for (const name of names) {
    if (await isFree(settings[name])) continue;
    const text = `${name} ${settings[name]} 被占用 (in use by) ${holderOf(settings[name])}`;
    findings.push(warning("端口 ports", text, "默认端口会自动改用下一个空闲端口；自己设置的端口请更换"));
  }
  return findings.length > 0 ? findings : [good("端口 ports", "默认端口都空闲 (all free)")];
}

function secretsFile(file: string): Finding {
  const { mode } = statSync(file);
  if ((mode & 0o077) === 0) return good("密钥 secrets", "只有本账号可读 (readable by this account only)");
  return broken("密钥 secrets", `${file} 对其他账号可读 (readable by others)`, `chmod 600 ${file}`);
}

function parts(status: StackStatus): Finding[] {
  const findings = status.parts
    .filter((part) => part.state !== "ready" && part.state !== "done")
    .map((part) => {
      const text = `${part.title}: ${part.state}${part.detail ? ` ${part.detail}` : ""}`;
      const mend = `npm run logs ${part.name}`;
      return part.state === "waiting" || part.state === "starting"
        ? warning("进程 processes", text, mend)
        : broken("进程 processes", text, mend);
    });
  const restarted = status.parts.filter((part) => part.restarts > 0);
  for (const part of restarted)
    findings.push(
      warning("进程 processes", `${part.title} 重启过 (restarted) ${part.restarts} 次`, `npm run logs ${part.name}`),
    );
  return findings.length > 0 ? findings : [good("进程 processes", "全部就绪，没有重启 (all ready, no restarts)")];
}

async function migrations(plan: Plan): Promise<Finding[]> {
  const about = "数据库结构 schema";
  const drift = await migrationDrift(
    derivedSettings(plan).OWNER_DATABASE_URL ?? "",
    join(root, "packages/db/prisma/migrations"),
  );
  const findings: Finding[] = [];
  if (drift.pending.length > 0)
    findings.push(
      broken(about, `未应用的迁移 (not applied): ${drift.pending.join(", ")}`, "npm stop，然后 npm start，会自动应用"),
    );
  if (drift.failed.length > 0)
    findings.push(
      broken(
        about,
        `没有完成的迁移 (unfinished): ${drift.failed.join(", ")}`,
        "npm run logs migrate 查看原因，改正后重新启动",
      ),
    );
  if (drift.changed.length > 0)
    findings.push(
      broken(
        about,
        `应用后又被修改的迁移 (changed after being applied): ${drift.changed.join(", ")}`,
        "恢复原文件，另写一个新的迁移",
      ),
    );
  if (drift.unknown.length > 0)
    findings.push(
      broken(about, `数据库比程序新 (database is newer): ${drift.unknown.join(", ")}`, "换用与数据库一致或更新的版本"),
    );
  return findings.length > 0 ? findings : [good(about, "与程序一致 (equal to the checkout)")];
}

type Slot = { name: string; active: boolean; status: string; lag: string };

async function slot(plan: Plan): Promise<Finding[]> {
  const about = "复制槽 slot";
  const client = new Client({ connectionString: derivedSettings(plan).OWNER_DATABASE_URL, query_timeout: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<Slot>(
      `select slot_name as name, active, wal_status as status,
              pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::text as lag
         from pg_replication_slots where database = current_database() and not temporary`,
    );
    if (rows.length === 0) return [broken(about, "没有复制槽，分析端收不到变更 (no slot)", "npm run logs stream")];
    return rows.map((row) => slotFinding(about, row));
  } finally {
    await client.end();
  }
}

const mebibytes = (bytes: string) => `${(Number(bytes) / 1024 ** 2).toFixed(1)} MiB`;

function slotFinding(about: string, { name, active, status, lag }: Slot): Finding {
  if (status === "lost")
    return broken(about, `${name} 已失效，期间的变更缺失 (lost)`, "npm run recover，见 docs/operations.md “Lost slot”");
  if (!active)
    return broken(about, `${name} 没有读取者 (no reader)，积压 (lag) ${mebibytes(lag)}`, "npm run logs stream");
  return good(about, `${name} 积压 (lag) ${mebibytes(lag)}`);
}

type Refreshed = { trouble?: string; refreshedAt?: string; rounds: number };

/** One process keeps the tables behind the marts fresh; what stays behind shows old numbers. */
async function freshness(plan: Plan): Promise<Finding[]> {
  const about = "数据集市 marts";
  const mend = "npm run logs warehouse；改正模型后 npm stop，npm start";
  const answer = await fetch(`http://127.0.0.1:${plan.ports.WAREHOUSE_PORT}/healthz`, {
    signal: AbortSignal.timeout(10_000),
  });
  const { trouble, refreshedAt, rounds } = (await answer.json()) as Refreshed;
  if (trouble) return [broken(about, `刷新失败 (refresh failed): ${trouble.slice(0, 200)}`, mend)];
  if (!refreshedAt)
    return [warning(about, "还没有完成第一次刷新 (not refreshed yet)", `稍候再次检查；一直如此时 ${mend}`)];
  return [good(about, `${rounds} 次，最近一次 ${refreshedAt} (refreshes, the last one)`)];
}

/** Everything with a bound: lag, slot, rows set aside, disks, age of the marts, mails, backup, seals. */
async function alarms(plan: Plan): Promise<Finding[]> {
  const { readings, silent } = await readingsOf(plan);
  const found = alarmsOf(readings).map(findingOf);
  const quiet = silent.map((part) => broken(`${part}`, "没有回答 (does not answer)", `npm run logs ${part}`));
  return [...quiet, ...(found.length > 0 ? found : [good("警戒值 alarms", "都在界限以内 (all within their bounds)")])];
}

const abouts: Record<AlarmCode, string> = {
  slot_lost: "复制槽 slot",
  slot_safe: "复制槽 slot",
  slot_kept: "复制槽 slot",
  lag_bytes: "数据流 stream",
  lag_seconds: "数据流 stream",
  set_aside: "被拒绝的行 letters",
  data_disk: "磁盘 disk",
  engine_disk: "磁盘 disk",
  marts_failing: "数据集市 marts",
  marts_behind: "数据集市 marts",
  mail_stuck: "邮件 mail",
  backup_old: "备份 backup",
  sealing_behind: "操作记录 audit",
};

const findingOf = ({ code, level, text, en, mend }: Alarm): Finding => ({
  about: abouts[code],
  level,
  text: `${text} (${en})`,
  mend,
});

/** PostgreSQL = ClickHouse, compared row by row by the stream's own program. */
async function rows(plan: Plan): Promise<Finding[]> {
  const about = "一致性 rows";
  const program = [join(root, "packages/stream/src/cli.ts"), "reconcile"];
  const { ok, text } = await ask(
    process.execPath,
    program,
    environmentFor(derivedSettings(plan), told.stream),
    600_000,
  );
  const lines = text.split("\n");
  const compared = /^(Equal|Different) at /.exec(lines.at(-1) ?? "");
  if (compared)
    writeRecord(plan.paths.stateDir, "reconcile", { equal: compared[1] === "Equal", tables: tableLines(lines) });
  if (ok) return [good(about, lines.at(-1) ?? "")];
  return [
    broken(
      about,
      lines.slice(-30).join("\n    "),
      "npm run resync -- <表名>，重新复制不一致的表；原因见 npm run logs stream、npm run letters",
    ),
  ];
}

/** One line for each table behind the heading; examples are indented. */
const tableLines = (lines: string[]) => lines.slice(1, -1).filter((line) => !line.startsWith(" ")).length;

/** Whether mails can go out, and whether any of the last day did not. */
async function mails(plan: Plan): Promise<Finding[]> {
  const about = "邮件 mail";
  if (!plan.checkout.settings.RESEND_API_KEY)
    return [good(about, "没有配置邮件服务，通知只在站内 (no mail service; notices stay in the app)")];
  const client = new Client({ connectionString: derivedSettings(plan).OWNER_DATABASE_URL });
  await client.connect();
  try {
    const { rows: found } = await client.query<{ sent: number; failed: number; expired: number }>(
      `select (count(*) filter (where state = 'sent'))::int as sent, (count(*) filter (where state = 'failed'))::int as failed,
              (count(*) filter (where state = 'expired'))::int as expired
         from outbox_message where channel = 'mail' and created_at > now() - interval '1 day'`,
    );
    const { sent = 0, failed = 0, expired = 0 } = found[0] ?? {};
    const text = `一天内 (in a day) 发出 (sent) ${sent}，失败 (failed) ${failed}，过期 (expired) ${expired}`;
    const mend = "以系统管理员登录，在“消息发送”里看原因 (see /outbox)；npm run logs mail";
    return [failed + expired > 0 ? warning(about, text, mend) : good(about, text)];
  } finally {
    await client.end();
  }
}
