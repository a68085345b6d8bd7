import type { HealthData } from "./health.tsx";
import type { Words } from "./words.ts";

export type Finding = { key: string; level: "warning" | "broken"; text: string; mend: string };

/** What the page says first: parts that are silent or have stopped, in the order of a record's way, then the alarms. */
export function findingsOf({ parts, alarms, stream }: HealthData, words: Words): Finding[] {
  const streamIsSilent = parts.some(({ name, state }) => name === "stream" && state === "silent");
  const broken = parts
    .filter(({ state }) => state === "silent" || state === "stopped")
    // What is only known through the stream is not a second finding.
    .filter(({ name }) => !(name === "raw" && streamIsSilent))
    .flatMap(({ name, state }): Finding[] => {
      const text = words.headline[`${name}_${state}`];
      if (!text) return [];
      const own = name === "stream" && state === "stopped" ? stream?.message : undefined;
      return [{ key: name, level: "broken", text, mend: own ?? words.headlineMend[name] ?? "" }];
    });
  return [...broken, ...alarms.map(({ code, level, text, mend }) => ({ key: code, level, text, mend }))].sort(
    (a, b) => Number(b.level === "broken") - Number(a.level === "broken"),
  );
}

/** Commands in a sentence, to be copied; e.g. `npm run doctor`. */
export const commandIn = (text: string): string | undefined => /npm run [a-z:]+( [a-z]+)?/.exec(text)?.[0];

/** Up to when the numbers that people see are complete; null when nobody can tell. */
export function dataUntil({ at, stream, marts, parts }: HealthData): Date | null {
  const lag = stream?.readings.lagSeconds;
  const landed = lag === undefined ? lastAnswer(parts, "stream") : new Date(at.getTime() - lag * 1000);
  const computed = marts ? (marts.refreshedAt ? (marts.behindSince ?? at) : null) : lastAnswer(parts, "marts");
  if (!landed || !computed) return null;
  return new Date(Math.min(landed.getTime(), computed.getTime()));
}

const lastAnswer = (parts: HealthData["parts"], part: string) =>
  parts.find(({ name }) => name === part)?.answered ?? null;
