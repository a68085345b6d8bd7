import { envExample, SettingError } from "@xianfeng/env";
import { settingsTable } from "./settings.ts";

const usage = `用法 (usage): npm start | npm stop | npm run status|logs|doctor|backup|restore|letters|replay|repair|resync|rebuild|recover|audit:verify|reset

  start                 启动并守护整个系统 (start and watch everything)
  stop                  停止 (stop)
  status [--json]       各部分状态 (state of each part)
  logs [name] [-f]      日志 (logs; -f follows)
  doctor                检查并给出处理办法 (check, and say how to mend)
  backup [file]         备份，系统可以照常运行 (back up, also while running; needs BACKUP_PASSPHRASE or --without-keys)
  restore <file> [--yes]  从备份恢复，须先停止系统 (restore; the platform must be stopped)
  restore --forget      删除上次恢复时换下的数据库 (delete what the last restore replaced)
  letters [--json]      分析端拒绝的行 (rows that ClickHouse refused)
  replay [table]        把它们原样再写一次 (try them again as they were)
  repair [table]        按业务库现在的值重写 (read them again from PostgreSQL)
  resync <table>        重新复制一张表，期间照常使用 (copy one table anew while everything flows)
  rebuild               重建整个数据仓库，期间照常使用 (a new warehouse beside the present one)
  recover               复制槽失效后重新复制全部数据 (copy every table again after a lost slot)
  audit:verify          核对操作记录的封条 (check the seals of the trail)
  erase:clean           删除个人信息之后清理数据库文件 (after an erasure: clean the files of the databases)
  reset [--yes]         停止并删除全部数据 (stop and delete all data)
`;

/** Each command answers its exit code; modules load only when asked for, so that `status` stays quick. */
const commands: Record<string, (args: string[]) => Promise<number> | number> = {
  start: async () => (await import("./start.ts")).start(),
  stop: async () => (await import("./stop.ts")).stop(),
  status: async (args) => (await import("./status.ts")).status(args),
  logs: async (args) => (await import("./logs.ts")).logs(args),
  doctor: async (args) => (await import("./doctor.ts")).doctor(args),
  reset: async (args) => (await import("./reset.ts")).reset(args),
  backup: async (args) => (await import("./backup.ts")).backup(args),
  restore: async (args) => (await import("./restore.ts")).restore(args),
  letters: async (args) => (await import("./operate.ts")).letters(args),
  replay: async (args) => (await import("./operate.ts")).mend("replay", args),
  repair: async (args) => (await import("./operate.ts")).mend("repair", args),
  resync: async (args) => (await import("./operate.ts")).resync(args),
  rebuild: async () => (await import("./operate.ts")).rebuild(),
  recover: async () => (await import("./recover.ts")).recover(),
  "audit:verify": async (args) => (await import("./audit.ts")).verifyAudit(args),
  "erase:clean": async (args) => (await import("./erase-clean.ts")).eraseClean(args),
  "env-example": () => print(envExample()),
  "settings-table": () => print(settingsTable()),
  "clickhouse-users": async () => print((await import("./clickhouse-users.ts")).clickhouseUsers()),
};

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command) {
  process.stderr.write(usage);
  process.exit(2);
}
try {
  process.exit(await command(args));
} catch (error) {
  const expected = error instanceof SettingError || !(error instanceof TypeError || error instanceof RangeError);
  process.stderr.write(`${expected ? (error as Error).message : (error as Error).stack}\n`);
  process.exit(1);
}
