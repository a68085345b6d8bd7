export type Disk = { freeBytes: number; totalBytes: number };

/** What was read of the running platform. What nobody could read is left out, and judged by nobody. */
export type Readings = {
  stream?: {
    /** Log that has not landed yet. */
    lagBytes: number;
    /** Since the stream last knew that nothing was missing. */
    lagSeconds?: number;
    /** Rows that ClickHouse refused; missing when the stream could not be asked. */
    setAside?: number;
    /** `wal_status` of the slot. */
    slot?: string;
    /** Log that may still be written before the slot is lost; missing when there is no limit. */
    slotSafeBytes?: number;
    /** `max_slot_wal_keep_size`; missing when there is no limit. */
    slotLimitBytes?: number;
    /** Log that PostgreSQL keeps for the slot. */
    slotKeptBytes?: number;
  };
  engineDisk?: Disk;
  dataDisk?: Disk;
  marts?: { behindSeconds: number; trouble?: string };
  /** How long the oldest mail that could go out has been waiting for it. */
  mail?: { overdueSeconds: number };
  /** Seconds since the last backup; null when none was ever made. */
  backup?: { ageSeconds: number | null };
  /** Age of the oldest event of the trail that is not sealed. */
  sealing?: { waitingSeconds: number };
};

export type AlarmCode =
  | "slot_lost"
  | "slot_safe"
  | "slot_kept"
  | "lag_bytes"
  | "lag_seconds"
  | "set_aside"
  | "data_disk"
  | "engine_disk"
  | "marts_failing"
  | "marts_behind"
  | "mail_stuck"
  | "backup_old"
  | "sealing_behind";

/** warning: look at it today; broken: something is lost or wrong soon. `text` says what is, `mend` what to do. */
export type Alarm = {
  code: AlarmCode;
  level: "warning" | "broken";
  text: string;
  mend: string;
  en: string;
};

type Threshold = { value: number; unit: "bytes" | "seconds" | "share" | "rows"; why: string };

const KiB = 1024;
const MiB = KiB ** 2;
const GiB = KiB ** 3;
const hour = 3_600;

/** All bounds, with the reason for each. */
export const thresholds = {
  slotSafeShare: {
    value: 0.25,
    unit: "share",
    why: "PostgreSQL goes from reserved to lost without a state in between: the room left is the only early sign",
  },
  slotKeptShare: {
    value: 0.5,
    unit: "share",
    why: "half of what may be kept is kept: the stream does not confirm, although the slot is not in danger yet",
  },
  slotKeptBytes: { value: 5 * GiB, unit: "bytes", why: "without a limit the log fills the disk of the database" },
  lagBytes: {
    value: 256 * MiB,
    unit: "bytes",
    why: "more than an import of a million rows leaves behind for a minute",
  },
  lagSeconds: { value: 30, unit: "seconds", why: "from here on pages say in amber that their numbers are old" },
  lagSecondsBroken: { value: 300, unit: "seconds", why: "nobody who has just signed in to a meeting waits so long" },
  setAside: { value: 1, unit: "rows", why: "every number below it is wrong by this row" },
  diskShare: { value: 0.1, unit: "share", why: "merges of ClickHouse and a restore need room beside what is there" },
  diskBytes: { value: 5 * GiB, unit: "bytes", why: "a few days of growth of a college, with a restore" },
  diskBytesBroken: { value: GiB, unit: "bytes", why: "the engines stop writing soon" },
  martsBehindSeconds: {
    value: 60,
    unit: "seconds",
    why: "a round takes seconds; a whole computation of a large history a minute",
  },
  martsBehindBroken: { value: 600, unit: "seconds", why: "reports would be made of old numbers" },
  mailOverdueSeconds: {
    value: 900,
    unit: "seconds",
    why: "the second attempt comes after five minutes, so three have failed or nobody sends",
  },
  backupAgeSeconds: { value: 26 * hour, unit: "seconds", why: "once a day, and two hours for the backup itself" },
  backupAgeBroken: { value: 7 * 24 * hour, unit: "seconds", why: "a week of work would be lost" },
  sealingSeconds: { value: 900, unit: "seconds", why: "sealing runs every five minutes over what is two minutes old" },
  sealingBroken: { value: hour, unit: "seconds", why: "audit:verify calls it overdue from here on" },
} as const satisfies Record<string, Threshold>;

const limit = (name: keyof typeof thresholds): number => thresholds[name].value;

/** What is alarming in these readings, the worst first. Pure: the one place where `doctor`, the page and the metrics get it from. */
export function alarmsOf(readings: Readings): Alarm[] {
  const { stream, engineDisk, dataDisk } = readings;
  const found = [
    ...(stream ? streamAlarms(stream) : []),
    dataDisk && diskAlarm("data_disk", "数据目录所在磁盘", dataDisk),
    engineDisk && diskAlarm("engine_disk", "分析引擎所在磁盘", engineDisk),
    ...otherAlarms(readings),
  ].filter((alarm) => alarm !== undefined);
  return [...found.filter(({ level }) => level === "broken"), ...found.filter(({ level }) => level === "warning")];
}

function streamAlarms(stream: NonNullable<Readings["stream"]>): (Alarm | undefined)[] {
  const { lagBytes, lagSeconds, setAside } = stream;
  return [
    slotAlarm(stream),
    keptAlarm(stream),
    lagBytes > limit("lagBytes")
      ? {
          code: "lag_bytes",
          level: "warning",
          text: `还有 ${bytes(lagBytes)} 变更没有进入分析端`,
          mend: "大批量导入后会自行消化；十分钟后仍在增长时查看 npm run logs stream",
          en: `${bytes(lagBytes)} of changes have not landed yet`,
        }
      : undefined,
    lagSeconds !== undefined && lagSeconds > limit("lagSeconds")
      ? {
          code: "lag_seconds",
          level: lagSeconds > limit("lagSecondsBroken") ? "broken" : "warning",
          text: `分析端的数据落后 ${duration(lagSeconds)}`,
          mend: "业务照常，变更不会丢失。查看“数据流”一行的说明；没有说明时查看 npm run logs stream",
          en: `the analytics side is ${Math.round(lagSeconds)} seconds behind`,
        }
      : undefined,
    setAside !== undefined && setAside >= limit("setAside")
      ? {
          code: "set_aside",
          level: "warning",
          text: `有 ${setAside} 行没有写入分析端，另行存放`,
          mend: "在“系统状态”页查看原因：类型已放宽的按“重放”，值已在业务端改正的按“修复”；或 npm run letters",
          en: `${setAside} rows that ClickHouse refused are set aside`,
        }
      : undefined,
  ];
}

function slotAlarm({ slot, slotSafeBytes, slotLimitBytes }: NonNullable<Readings["stream"]>): Alarm | undefined {
  if (slot === "lost" || slot === "missing")
    return {
      code: "slot_lost",
      level: "broken",
      text: "复制槽已失效，期间的变更缺失",
      mend: "npm run recover，重新复制全部数据；旧数据在此期间照常可看",
      en: "the replication slot is lost: npm run recover copies every table again",
    };
  if (slotSafeBytes === undefined || !slotLimitBytes) return undefined;
  if (slotSafeBytes > slotLimitBytes * limit("slotSafeShare")) return undefined;
  const left = bytes(Math.max(0, slotSafeBytes));
  return {
    code: "slot_safe",
    level: "broken",
    text: `再写入 ${left} 日志，复制槽就会失效`,
    mend: "尽快恢复数据流（npm run logs stream）；来不及时调大 max_slot_wal_keep_size",
    en: `PostgreSQL will drop the slot after ${left} more of log. Let the stream catch up, or raise max_slot_wal_keep_size.`,
  };
}

function keptAlarm({ slotKeptBytes, slotLimitBytes }: NonNullable<Readings["stream"]>): Alarm | undefined {
  const bound = slotLimitBytes ? slotLimitBytes * limit("slotKeptShare") : limit("slotKeptBytes");
  if (slotKeptBytes === undefined || slotKeptBytes <= bound) return undefined;
  return {
    code: "slot_kept",
    level: "warning",
    text: `业务数据库为数据流保留了 ${bytes(slotKeptBytes)} 日志`,
    mend: "检查数据流是否在确认（npm run logs stream），以及是否有长时间没有结束的事务",
    en: `PostgreSQL keeps ${bytes(slotKeptBytes)} of log for the slot`,
  };
}

function diskAlarm(
  code: "data_disk" | "engine_disk",
  name: string,
  { freeBytes, totalBytes }: Disk,
): Alarm | undefined {
  const isLow = freeBytes < limit("diskBytes") || freeBytes < totalBytes * limit("diskShare");
  if (!isLow) return undefined;
  return {
    code,
    level: freeBytes < limit("diskBytesBroken") ? "broken" : "warning",
    text: `${name}只剩 ${bytes(freeBytes)}（共 ${bytes(totalBytes)}）`,
    mend: "清理磁盘，或换用更大的磁盘；旧备份移到别处",
    en: `${code === "data_disk" ? "the disk of the data folder" : "ClickHouse's disk"} has ${bytes(freeBytes)} left`,
  };
}

function otherAlarms({ marts, mail, backup, sealing }: Readings): (Alarm | undefined)[] {
  return [
    marts?.trouble !== undefined
      ? {
          code: "marts_failing",
          level: "broken",
          text: "数据集市刷新失败，显示的是旧数",
          mend: "npm run logs warehouse 查看原因；会自动重试",
          en: "the marts cannot be refreshed",
        }
      : undefined,
    marts && marts.behindSeconds > limit("martsBehindSeconds")
      ? {
          code: "marts_behind",
          level: marts.behindSeconds > limit("martsBehindBroken") ? "broken" : "warning",
          text: `数据集市落后 ${duration(marts.behindSeconds)}`,
          mend: "重新计算大量历史数据时属正常；十分钟后仍未追平时查看 npm run logs warehouse",
          en: `the marts are ${Math.round(marts.behindSeconds)} seconds behind what has landed`,
        }
      : undefined,
    mail && mail.overdueSeconds > limit("mailOverdueSeconds")
      ? {
          code: "mail_stuck",
          level: "warning",
          text: `有邮件到时 ${duration(mail.overdueSeconds)} 仍没有发出`,
          mend: "在“消息发送”里看原因；npm run logs mail",
          en: `a mail has been due for ${Math.round(mail.overdueSeconds)} seconds`,
        }
      : undefined,
    backup && backupAlarm(backup.ageSeconds),
    sealing && sealing.waitingSeconds > limit("sealingSeconds")
      ? {
          code: "sealing_behind",
          level: sealing.waitingSeconds > limit("sealingBroken") ? "broken" : "warning",
          text: `操作记录有 ${duration(sealing.waitingSeconds)} 没有加封`,
          mend: "加封由业务应用每五分钟进行；npm run logs ops 查看原因，然后 npm run audit:verify",
          en: `the audit trail has not been sealed for ${Math.round(sealing.waitingSeconds)} seconds`,
        }
      : undefined,
  ];
}

function backupAlarm(ageSeconds: number | null): Alarm | undefined {
  if (ageSeconds !== null && ageSeconds <= limit("backupAgeSeconds")) return undefined;
  return {
    code: "backup_old",
    level: ageSeconds !== null && ageSeconds > limit("backupAgeBroken") ? "broken" : "warning",
    text: ageSeconds === null ? "还没有做过备份" : `最近一次备份是 ${duration(ageSeconds)} 前`,
    mend: "BACKUP_PASSPHRASE='…' npm run backup，并把文件移到别处；每天一次，可用系统的定时任务",
    en: ageSeconds === null ? "no backup was ever made" : `the last backup is ${Math.round(ageSeconds)} seconds old`,
  };
}

/** Bytes as people read them, e.g. "1.5 GB" (1 GB = 1024³ bytes, as PostgreSQL counts). */
export function bytes(count: number): string {
  const [size, unit] = count >= GiB ? [GiB, "GB"] : count >= MiB ? [MiB, "MB"] : [KiB, "KB"];
  const value = count / size;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** Seconds in words, the two largest units at most. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)}秒`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds < 600 && Math.round(seconds % 60) > 0
      ? `${minutes}分${Math.round(seconds % 60)}秒`
      : `${minutes}分钟`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 > 0 && hours < 10 ? `${hours}小时${minutes % 60}分` : `${hours}小时`;
  return `${Math.floor(hours / 24)}天`;
}

/** Alarms in Prometheus' text format: one line for each code that was judged, 0 quiet, 1 warning, 2 broken. */
export function alarmLines(readings: Readings, judged: readonly AlarmCode[]): string {
  const levels = new Map(alarmsOf(readings).map(({ code, level }) => [code, level === "broken" ? 2 : 1]));
  return [
    "# HELP xianfeng_alarm What needs a person: 0 nothing, 1 warning, 2 broken",
    "# TYPE xianfeng_alarm gauge",
    ...judged.map((code) => `xianfeng_alarm{code="${code}"} ${levels.get(code) ?? 0}`),
    "",
  ].join("\n");
}
