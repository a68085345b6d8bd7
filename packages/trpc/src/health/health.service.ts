/** What a system administrator sees of the platform's state. Numbers of rows and bytes, names of tables and ids; no record of anybody. */
import { type Alarm, alarmsOf, type Readings } from "@xianfeng/service/alarms";
import { audit, type Context, DomainError, type Operation, type Platform, type PlatformLook } from "../kernel/index.ts";
import { type Part, partsOf } from "./health.rules.ts";
import type { MendInput } from "./health.schema.ts";
import { readDatabase } from "./readings.ts";

const away = () =>
  new DomainError(
    "unavailable",
    "数据流没有回答，现在不能处理。恢复后再试，行仍在另行存放",
    "The stream does not answer; nothing was done",
  );

function platformOf(ctx: Context): Platform {
  if (!ctx.platform) throw away();
  return ctx.platform;
}

export type Health = {
  at: Date;
  since: Date;
  parts: Part[];
  alarms: Alarm[];
  postgres: { version: string; connections: number; limit: number };
  /** Null before the stream's first start. */
  slot: Awaited<ReturnType<typeof readDatabase>>["slot"];
  stream: PlatformLook["stream"]["answer"];
  marts: PlatformLook["warehouse"]["answer"];
  history: PlatformLook["history"];
  dataDisk: PlatformLook["dataDisk"];
  records: PlatformLook["records"];
  mail: { overdueSeconds: number };
  sealing: { waitingSeconds: number };
};

/** Every part as it is now, and what is alarming. Parts that do not answer are said to be silent, since when. */
export async function getHealth(ctx: Context): Promise<Health> {
  const [look, own] = await Promise.all([platformOf(ctx).look(), readDatabase(ctx.tx, ctx.scope.tenantId)]);
  const { records, dataDisk } = look;
  const marts = look.warehouse.answer;
  const secondsSince = (instant: Date | undefined) => (instant ? (ctx.now.getTime() - instant.getTime()) / 1000 : 0);
  const readings: Readings = {
    ...(own.slot || look.stream.answer
      ? { stream: { lagBytes: 0, ...look.stream.answer?.readings, ...own.slot } }
      : {}),
    ...(look.stream.answer?.engineDisk ? { engineDisk: look.stream.answer.engineDisk } : {}),
    ...(dataDisk ? { dataDisk } : {}),
    ...(marts
      ? {
          marts: {
            behindSeconds: secondsSince(marts.behindSince),
            ...(marts.trouble === undefined ? {} : { trouble: marts.trouble }),
          },
        }
      : {}),
    backup: { ageSeconds: records.backup ? secondsSince(records.backup.at) : null },
    mail: own.mail,
    sealing: own.sealing,
  };
  return {
    at: ctx.now,
    since: new Date(look.since),
    parts: partsOf(look, ctx.now),
    alarms: alarmsOf(readings),
    postgres: own.postgres,
    slot: own.slot,
    stream: look.stream.answer,
    marts,
    history: look.history,
    dataDisk,
    records,
    mail: own.mail,
    sealing: own.sealing,
  };
}

/** Rows that ClickHouse refused, by table and reason, and what was asked of the stream lately. */
export async function getLetters(ctx: Context) {
  try {
    const platform = platformOf(ctx);
    const [letters, operations] = await Promise.all([platform.letters(), platform.operations()]);
    return { letters, operations };
  } catch {
    throw away();
  }
}

/** Has the stream put rows in again. In the trail with the same transaction: when the stream does not take it on, neither stays. */
export async function mend(ctx: Context, kind: "replay" | "repair", { id, table }: MendInput): Promise<Operation> {
  const platform = platformOf(ctx);
  await audit(ctx, { action: `system.${kind}`, subjectKind: "landing_table", subjectId: table });
  return platform.begin({ id, kind, table }).catch(() => {
    throw away();
  });
}
