import type { PlatformLook } from "../kernel/index.ts";

/**
 * ok: works; busy: works and has something to catch up with; late: shows old numbers; stopped: says itself that something is wrong;
 * silent: does not answer; off: is not used here.
 */
export type PartState = "ok" | "busy" | "late" | "stopped" | "silent" | "off";
export const partNames = ["postgres", "stream", "raw", "marts", "cube", "insights", "ops", "mail"] as const;
export type PartName = (typeof partNames)[number];
export type Part = { name: PartName; state: PartState; answered: Date | null; restarts: number };

const lateSeconds = 30;

/** The way of a record as parts, in its order, and beside it the two that serve people without it. */
export function partsOf(look: PlatformLook, now: Date): Part[] {
  const at = (answered: number | null) => (answered === null ? null : new Date(answered));
  const { stream, warehouse, cube, insights, mail } = look;
  const streamState = streamStateOf(look);
  const behind = warehouse.answer?.behindSince ? (now.getTime() - warehouse.answer.behindSince.getTime()) / 1000 : 0;
  const martState: PartState = !warehouse.answer
    ? "silent"
    : warehouse.answer.trouble !== undefined
      ? "stopped"
      : !warehouse.answer.refreshedAt
        ? "busy"
        : behind > lateSeconds || streamState === "silent" || streamState === "stopped" || streamState === "late"
          ? "late"
          : "ok";
  const simple = (answer: { ready: boolean } | null): PartState =>
    answer ? (answer.ready ? "ok" : "stopped") : "silent";
  const shown = (state: PartState): PartState => (state === "ok" && martState !== "ok" ? "late" : state);
  const rawState: PartState = !stream.answer ? "silent" : stream.answer.clickhouse.up ? "ok" : "stopped";
  return [
    { name: "postgres", state: "ok", answered: now, restarts: 0 },
    { name: "stream", state: streamState, answered: at(stream.answered), restarts: stream.restarts },
    // Nobody else here talks to ClickHouse: what is known of it is what the stream says.
    { name: "raw", state: rawState, answered: at(stream.answered), restarts: 0 },
    { name: "marts", state: martState, answered: at(warehouse.answered), restarts: warehouse.restarts },
    { name: "cube", state: simple(cube.answer), answered: at(cube.answered), restarts: cube.restarts },
    {
      name: "insights",
      state: shown(simple(insights.answer)),
      answered: at(insights.answered),
      restarts: insights.restarts,
    },
    { name: "ops", state: "ok", answered: now, restarts: 0 },
    {
      name: "mail",
      state: !mail.answer
        ? "silent"
        : !mail.answer.configured
          ? "off"
          : mail.answer.problem === null
            ? "ok"
            : "stopped",
      answered: at(mail.answered),
      restarts: mail.restarts,
    },
  ];
}

function streamStateOf({ stream: { answer } }: PlatformLook): PartState {
  if (!answer) return "silent";
  if (answer.state === "stopped" || answer.state === "retrying" || answer.state === "ended") return "stopped";
  if (answer.state !== "streaming" || answer.copying.length > 0) return "busy";
  // It works and waits; what does not is said of the landing tables.
  if (!answer.clickhouse.up) return "late";
  return (answer.readings.lagSeconds ?? 0) > lateSeconds ? "late" : "ok";
}
