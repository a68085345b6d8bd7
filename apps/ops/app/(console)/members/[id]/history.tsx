"use client";

import { domainWords, instantText, memberWords, useWords } from "@xianfeng/ui/messages";
import { Segmented } from "antd";
import { useState } from "react";
import { Panel } from "@/components/panel.tsx";
import { useToday } from "@/lib/identity.tsx";
import { erasureWords } from "../../erasures/words.ts";
import type { MemberData } from "./member.tsx";

type Entry = {
  key: string;
  at: Date;
  title: string;
  by: string;
  lines: string[];
  struck: string | null;
  corrected: boolean;
};

/** What was recorded when: valid time and recorded time apart; what is no longer believed stays, struck through. */
export function History({ facts, trail }: Pick<MemberData, "facts" | "trail">) {
  const {
    detail: words,
    reveal: { reasons },
  } = useWords(memberWords);
  const domain = useWords(domainWords);
  const today = useToday();
  const [show, setShow] = useState<"all" | "corrections">("all");
  const erasure = useWords(erasureWords);
  const reasonOf = (reason: string | null) => (reason ? (reasons[reason] ?? erasure.reasons[reason] ?? reason) : "");
  const whatOf = (fact: MemberData["facts"][number]) =>
    fact.kind === "status" ? (domain.identity[fact.what] ?? fact.what) : fact.what;
  const entries: Entry[] = [
    ...facts.map((fact) => ({
      key: fact.id,
      at: fact.recordedAt,
      title: whatOf(fact),
      by: "",
      lines: [words.valid(fact.validFrom, fact.validTo), words.recorded(instantText(fact.recordedAt, today))],
      struck: fact.supersededAt ? words.superseded(instantText(fact.supersededAt, today)) : null,
      corrected: fact.supersededAt !== null,
    })),
    ...trail.map((event) => ({
      key: event.id,
      at: event.at,
      title: words.actions[event.action] ?? event.action,
      by: event.by ?? "",
      lines: [event.fields.map((field) => words.fields[field] ?? field).join("、"), reasonOf(event.reason)].filter(
        Boolean,
      ),
      struck: null,
      corrected: event.action === "member.correct_status",
    })),
  ].sort((one, other) => other.at.getTime() - one.at.getTime());
  const shown = show === "all" ? entries : entries.filter((entry) => entry.corrected);
  return (
    <Panel
      title={words.history}
      extra={
        <Segmented
          size="small"
          value={show}
          onChange={setShow}
          options={[
            { value: "all", label: `${words.all} ${entries.length}` },
            {
              value: "corrections",
              label: `${words.corrections} ${entries.filter((entry) => entry.corrected).length}`,
            },
          ]}
        />
      }
    >
      {shown.length === 0 ? (
        <p className="member-none">{words.noHistory}</p>
      ) : (
        <ol className="member-history">
          {shown.map((entry) => (
            <li key={entry.key} className={entry.corrected ? "is-corrected" : undefined}>
              <p>
                {entry.struck ? <del>{entry.title}</del> : <b>{entry.title}</b>}
                <time>{instantText(entry.at, today)}</time>
              </p>
              {entry.lines.map((line) => (
                <small key={line}>{line}</small>
              ))}
              {entry.struck ? <small>{entry.struck}</small> : null}
              {entry.by ? <small>{entry.by}</small> : null}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
