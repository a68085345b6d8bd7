"use client";

import { bytes } from "@xianfeng/trpc/health";
import { asOf, clock, elapsed } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import { Mark, Panel } from "@/components/panel.tsx";
import { useToday } from "@/lib/identity.tsx";
import type { HealthData } from "./health.tsx";
import { healthWords, type Words } from "./words.ts";

type Part = HealthData["parts"][number];

const tones = { ok: "ok", busy: "run", late: "warn", stopped: "err", silent: "err", off: "off" } as const;

/** The way of a record, part by part, and the parts that serve people without it. */
export function PartsTable({ health }: { health: HealthData }) {
  const words = useWords(healthWords);
  const today = useToday();
  const well = health.parts.filter(({ state }) => state === "ok" || state === "off").length;
  return (
    <Panel title={words.parts} hint={words.partsHint(well, health.parts.length)}>
      <table className="list-table hl-parts">
        <thead>
          <tr>
            <th scope="col">{words.columns.part}</th>
            <th scope="col">{words.columns.state}</th>
            <th scope="col">{words.columns.detail}</th>
            <th scope="col">{words.columns.answered}</th>
          </tr>
        </thead>
        <tbody>
          {health.parts.map((part) => {
            const [title, name] = words.names[part.name] ?? [part.name, ""];
            return (
              <tr key={part.name} data-part={part.name} data-state={part.state}>
                <td className="list-name">
                  {title}
                  <small>{name}</small>
                </td>
                <td>
                  <Mark tone={tones[part.state]}>{words.states[part.state]}</Mark>
                </td>
                <td className="hl-detail">{detailOf(part, health, words, today)}</td>
                <td className="hl-time">{part.answered ? asOf(part.answered.toISOString(), today) : words.never}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}

function detailOf(part: Part, health: HealthData, words: Words, today: string): string {
  const restarts = part.restarts > 0 ? words.restarts(part.restarts) : "";
  const join = (...texts: (string | undefined)[]) => [...texts, restarts].filter(Boolean).join("，");
  if (part.state === "silent") {
    if (part.name === "raw") return words.rawUnknown;
    return join(
      part.answered
        ? words.silentSince(asOf(part.answered.toISOString(), today))
        : words.silentAlways(asOf(health.since.toISOString(), today)),
    );
  }
  const { stream, marts, postgres } = health;
  switch (part.name) {
    case "postgres":
      return join(words.version(postgres.version), words.connections(postgres.connections, postgres.limit));
    case "stream":
      return join(...streamDetail(stream, words));
    case "raw":
      return join(
        health.stream?.engineDisk && words.free(bytes(health.stream.engineDisk.freeBytes)),
        stream && stream.readings.setAside > 0 ? words.setAside(stream.readings.setAside) : "",
      );
    case "marts":
      return join(...martsDetail(marts, health.at, words));
    case "ops":
      return words.opsDetail;
    case "mail":
      return part.state === "off" ? words.mailOff : join();
    default:
      return join();
  }
}

function streamDetail(stream: HealthData["stream"], words: Words): string[] {
  if (!stream) return [];
  const { lagBytes, lagSeconds } = stream.readings;
  const isBehind = (lagSeconds ?? 0) >= 1;
  const rate =
    stream.rowsPerSecond >= 0.05 ? words.rows(stream.rowsPerSecond.toFixed(stream.rowsPerSecond < 10 ? 1 : 0)) : "";
  return [
    stream.copying.length > 0 ? words.copying(stream.copying.join("、")) : "",
    isBehind ? words.lag(bytes(lagBytes), elapsed(lagSeconds ?? 0)) : words.noLag,
    rate,
  ];
}

function martsDetail(marts: HealthData["marts"], at: Date, words: Words): string[] {
  if (!marts) return [];
  if (!marts.refreshedAt) return [words.martsFirst];
  const working = marts.working ? words.martsWorking(marts.working.done.length, marts.working.of) : "";
  const behind = marts.behindSince ? (at.getTime() - marts.behindSince.getTime()) / 1000 : 0;
  return behind >= 5
    ? [words.martsBehind(elapsed(behind)), working]
    : [words.martsFresh(clock(marts.refreshedAt.toISOString()))];
}
