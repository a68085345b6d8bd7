"use client";

import { asOf } from "@xianfeng/ui/format";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { App, Button } from "antd";
import { useSyncExternalStore } from "react";
import { useToday } from "@/lib/identity.tsx";
import { commandIn, dataUntil, findingsOf } from "./findings.ts";
import type { HealthData } from "./health.tsx";
import { healthWords, type Words } from "./words.ts";

/** The one thing to know first: what is wrong, what to do about it and whom it concerns; or that all is well. */
export function Hero({ health }: { health: HealthData }) {
  const words = useWords(healthWords);
  const today = useToday();
  const findings = findingsOf(health, words);
  const [first] = findings;
  const until = dataUntil(health);
  if (!first)
    return (
      <section className="hl-hero hl-calm" aria-live="polite">
        <div>
          <h2>
            <i />
            {words.calm}
          </h2>
          <p>{until ? words.calmUntil(asOf(until.toISOString(), today)) : null}</p>
        </div>
      </section>
    );
  return (
    <section className={`hl-hero hl-${first.level}`} aria-live="polite">
      <div>
        <h2>
          <i />
          {first.text}
        </h2>
        <h3>{words.next}</h3>
        <ol>
          {findings.map((finding, at) => (
            <li key={finding.key} className={finding.level === "broken" ? "hl-on" : undefined}>
              <b>{at + 1}</b>
              <div>
                {findings.length > 1 ? finding.text : null}
                <small>{finding.mend}</small>
              </div>
              <CopyCommand command={commandIn(finding.mend)} />
            </li>
          ))}
        </ol>
      </div>
      <div>
        <h3>{words.impact}</h3>
        <Impact health={health} words={words} today={today} />
      </div>
    </section>
  );
}

const never = () => () => undefined;
/** On a page that came over plain http from elsewhere browsers have none; the server has none either. */
const hasClipboard = () => Boolean(navigator.clipboard);

function CopyCommand({ command }: { command: string | undefined }) {
  const words = useWords(healthWords);
  const { message } = App.useApp();
  const mayCopy = useSyncExternalStore(never, hasClipboard, () => false);
  if (!command || !mayCopy) return null;
  const copy = () => navigator.clipboard.writeText(command).then(() => message.success(words.copied));
  return (
    <Button size="small" type="link" title={command} onClick={() => void copy()}>
      {words.copy}
    </Button>
  );
}

function Impact({ health, words, today }: { health: HealthData; words: Words; today: string }) {
  const isBad = (...names: string[]) =>
    health.parts.some(({ name, state }) => names.includes(name) && !["ok", "off", "busy"].includes(state));
  const until = dataUntil(health);
  const late = isBad("stream", "raw", "marts");
  const lines = [
    ...words.works.map((text) => ({ text, good: true })),
    ...(late
      ? [
          { text: until ? words.oldNumbers(asOf(until.toISOString(), today)) : words.oldNumbersUnknown, good: false },
          { text: words.reportsWait, good: false },
        ]
      : []),
    ...(health.parts.some(
      ({ name, state }) => ["cube", "insights"].includes(name) && ["silent", "stopped"].includes(state),
    )
      ? [{ text: words.pageAway, good: false }]
      : []),
    ...((health.stream?.readings.setAside ?? 0) > 0 ? [{ text: words.missingRows, good: false }] : []),
  ];
  return (
    <ul className="hl-impact">
      {lines.map(({ text, good }) => (
        <li key={text} className={good ? undefined : "hl-late"}>
          <Icon name={good ? "check" : "clock"} size={15} />
          {text}
        </li>
      ))}
    </ul>
  );
}
