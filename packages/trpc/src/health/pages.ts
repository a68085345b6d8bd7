import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { controlHeader } from "@xianfeng/service/stream-page";
import { z } from "zod";
import type { PartLook, Platform } from "../kernel/index.ts";

export type PlatformAddresses = {
  stream?: string | undefined;
  warehouse?: string | undefined;
  cube?: string | undefined;
  insights?: string | undefined;
  mail?: string | undefined;
  /** Key of the stream's `/letters` and `/operations`. */
  controlKey?: string | undefined;
  stateDir: string;
};

/** A part that takes longer than this to speak about itself is as good as silent to those who wait for the page. */
const patienceMs = 1_500;

const disk = z.object({ freeBytes: z.number(), totalBytes: z.number() });
const instant = z.iso.datetime().transform((text) => new Date(text));

const streamAnswer = z
  .object({
    state: z.string(),
    ready: z.boolean(),
    reason: z.string().optional(),
    message: z.string().optional(),
    dependencies: z.object({ clickhouse: z.object({ state: z.string() }) }),
    asOf: instant.optional(),
    copying: z.array(z.string()),
    paused: z.boolean(),
    rowsPerSecond: z.number(),
    readings: z.object({
      stream: z.object({
        lagBytes: z.number(),
        lagSeconds: z.number().optional(),
        setAside: z.number(),
        slot: z.string().optional(),
        slotSafeBytes: z.number().optional(),
        slotLimitBytes: z.number().optional(),
        slotKeptBytes: z.number().optional(),
      }),
      engineDisk: disk.optional(),
    }),
  })
  .transform(({ dependencies, readings, ...rest }) => ({
    ...rest,
    clickhouse: { up: dependencies.clickhouse.state === "up" },
    readings: readings.stream,
    engineDisk: readings.engineDisk,
  }));

const martsAnswer = z
  .object({
    asOfMs: z.number().optional(),
    refreshedAt: instant.optional(),
    behindSince: instant.optional(),
    trouble: z.string().optional(),
    working: z.object({ done: z.array(z.string()), of: z.number() }).optional(),
    tables: z.record(z.string(), z.object({ ms: z.number(), parts: z.number().optional() })).default({}),
  })
  .transform(({ tables, ...rest }) => ({
    ...rest,
    tables: Object.entries(tables).map(([name, times]) => ({ name, ...times })),
  }));

const mailAnswer = z.object({ configured: z.boolean(), problem: z.string().nullable() });
const historyAnswer = z.object({
  samples: z.array(z.object({ at: z.number(), lagSeconds: z.number().optional() })),
});

const letterAnswer = z.object({
  letters: z.array(
    z.object({
      table: z.string(),
      code: z.number(),
      reason: z.string(),
      count: z.number(),
      emptied: z.number(),
      first: instant,
      last: instant,
      keys: z.array(z.string()),
    }),
  ),
});

const operation = z.object({
  id: z.string(),
  kind: z.enum(["replay", "repair", "resync", "rebuild"]),
  table: z.string().optional(),
  state: z.enum(["waiting", "running", "done", "failed"]),
  phase: z.string().optional(),
  askedAt: instant,
  endedAt: instant.optional(),
  tables: z.array(z.object({ table: z.string(), rows: z.number(), about: z.number(), isWhole: z.boolean() })),
  landed: z.number(),
  left: z.number(),
});

const records = {
  backup: z.object({ at: instant, file: z.string(), tables: z.number(), rows: z.number() }),
  audit: z.object({ at: instant, fits: z.boolean() }),
  reconcile: z.object({ at: instant, equal: z.boolean(), tables: z.number() }),
};
const stackStatus = z.object({ parts: z.array(z.object({ name: z.string(), restarts: z.number() })) });

/** Reads the loopback pages of the other processes, and what the commands of a person wrote into the state folder. */
export function createPlatform(addresses: PlatformAddresses): Platform {
  const since = Date.now();
  const answered = new Map<string, number>();

  async function ask<Answer>(part: string, address: string | undefined, path: string, schema: z.ZodType<Answer>) {
    if (!address) return null;
    try {
      const response = await fetch(new URL(path, address), { signal: AbortSignal.timeout(patienceMs) });
      const answer = schema.parse(await response.json());
      answered.set(part, Date.now());
      return answer;
    } catch {
      return null;
    }
  }

  const ready = async (part: string, address: string | undefined) => {
    if (!address) return null;
    try {
      const response = await fetch(new URL("/readyz", address), { signal: AbortSignal.timeout(patienceMs) });
      await response.body?.cancel();
      answered.set(part, Date.now());
      return { ready: response.ok };
    } catch {
      return null;
    }
  };

  async function control<Answer>(path: string, schema: z.ZodType<Answer>, body?: object): Promise<Answer> {
    if (!addresses.stream || !addresses.controlKey) throw new Error("the stream's page is not known here");
    const response = await fetch(new URL(path, addresses.stream), {
      method: body ? "POST" : "GET",
      headers: { [controlHeader]: addresses.controlKey },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`the stream answered ${response.status}`);
    return schema.parse(await response.json());
  }

  const record = async <Found>(name: string, schema: z.ZodType<Found>, folder = "stamps"): Promise<Found | null> => {
    try {
      return schema.parse(JSON.parse(await readFile(join(addresses.stateDir, folder, `${name}.json`), "utf8")));
    } catch {
      return null;
    }
  };

  return {
    async look() {
      const [stream, history, warehouse, cube, insights, mail, stack, dataDisk, backup, audit, reconcile] =
        await Promise.all([
          ask("stream", addresses.stream, "/healthz", streamAnswer),
          ask("history", addresses.stream, "/history", historyAnswer),
          ask("warehouse", addresses.warehouse, "/healthz", martsAnswer),
          ready("cube", addresses.cube),
          ready("insights", addresses.insights),
          ask("mail", addresses.mail, "/healthz", mailAnswer),
          record("status", stackStatus, "run"),
          diskOf(addresses.stateDir),
          record("backup", records.backup),
          record("audit", records.audit),
          record("reconcile", records.reconcile),
        ]);
      const part = <Answer>(name: string, answer: Answer | null): PartLook<Answer> => ({
        answer,
        answered: answered.get(name) ?? null,
        restarts: stack?.parts.find((one) => one.name === name)?.restarts ?? 0,
      });
      return {
        since,
        stream: part("stream", stream),
        warehouse: part("warehouse", warehouse),
        cube: part("cube", cube),
        insights: part("insights", insights),
        mail: part("mail", mail),
        history: history?.samples ?? [],
        dataDisk,
        records: { backup, audit, reconcile },
      };
    },
    letters: async () => (await control("/letters", letterAnswer)).letters,
    operations: async () => (await control("/operations", z.object({ operations: z.array(operation) }))).operations,
    begin: (asked) => control("/operations", operation, asked),
  };
}

async function diskOf(folder: string) {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}
