"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { MeetingForm } from "@xianfeng/trpc/meeting";
import { Icon, type IconName } from "@xianfeng/ui/icon";
import { domainWords, useWords } from "@xianfeng/ui/messages";
import { useEffect, useState } from "react";
import { Panel } from "@/components/panel.tsx";
import { Failed, Loading } from "@/components/states.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Draft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

/** The form as it stands, half a second after the last key; the last good one while something is wrong with it. */
function usePreview(draft: Draft) {
  const good = Object.keys(draft.problems).length === 0;
  const [fields, setFields] = useState<MeetingForm>(draft.base);
  useEffect(() => {
    if (!good) return;
    const timer = setTimeout(() => setFields(draft.form), 500);
    return () => clearTimeout(timer);
  }, [draft.form, good]);
  return useQuery({
    ...useTRPC().meeting.preview.queryOptions({ id: draft.id, orgId: draft.orgId, fields }),
    placeholderData: keepPreviousData,
  });
}

/** Who will come: the count with its parts, exceptions by name. */
export function AudienceCard({ draft }: { draft: Draft }) {
  const words = useWords(meetingPageWords).form;
  const identity = useWords(domainWords).identity;
  const preview = usePreview(draft);
  const [open, setOpen] = useState(false);
  const expected = preview.data?.expected ?? [];
  const counted = expected.filter((person) => person.counted);
  const guests = expected.filter((person) => !person.counted);
  const full = counted.filter((person) => person.identity === "full_member");
  const silent = full.filter((person) => !person.mayVote);
  const groups = [...Map.groupBy(counted, (person) => person.groupName ?? words.noGroup)];
  return (
    <Panel
      title={words.who}
      extra={
        expected.length > 0 ? (
          <button type="button" className="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? words.hideList : words.showList}
          </button>
        ) : null
      }
    >
      {preview.error && !preview.data ? (
        <Failed what={words.who} error={preview.error} onRetry={() => preview.refetch()} />
      ) : !preview.data ? (
        <Loading rows={4} />
      ) : (
        <div className="panel-body">
          <p className="mt-big">
            <b>{counted.length}</b> {words.whoCount}{" "}
            <small>
              {[
                full.length > 0 ? words.full(full.length) : "",
                full.length < counted.length ? words.probationary(counted.length - full.length) : "",
              ]
                .filter(Boolean)
                .join("，")}
            </small>
          </p>
          {counted.length > 0 ? (
            <div className="mt-stack" aria-hidden="true">
              <i style={{ flexGrow: full.length }} />
              <i style={{ flexGrow: counted.length - full.length }} />
            </div>
          ) : null}
          <ul className="mt-parts">
            {groups.map(([group, people]) => (
              <li key={group}>
                {group}
                {open ? <em>{people.map(({ name }) => name).join("、")}</em> : null}
                <span>{people.length}</span>
              </li>
            ))}
            {guests.length > 0 ? (
              <li>
                {words.guests}
                <em>{guests.map((person) => `${person.name}（${identity[person.identity] ?? ""}）`).join("、")}</em>
                <span>{guests.length}</span>
              </li>
            ) : null}
            {silent.length > 0 ? (
              <li>
                {words.noVote}
                <em>{silent.map(({ name }) => name).join("、")}</em>
                <span>{silent.length}</span>
              </li>
            ) : null}
          </ul>
        </div>
      )}
    </Panel>
  );
}

const levels: Record<"ok" | "note" | "warn" | "block", { icon: IconName; tone: string }> = {
  ok: { icon: "check", tone: "mt-rule-ok" },
  note: { icon: "info", tone: "mt-rule-note" },
  warn: { icon: "warning", tone: "mt-rule-warn" },
  block: { icon: "warning", tone: "mt-rule-block" },
};

/** What the rules say about the form as it stands, each with its clause. What blocks comes first. */
export function RulesCard({ draft }: { draft: Draft }) {
  const words = useWords(meetingPageWords).form;
  const preview = usePreview(draft);
  return (
    <Panel title={words.rules}>
      {!preview.data ? (
        <Loading rows={3} />
      ) : (
        <ul className="mt-rules">
          {preview.data.checks.map((check) => (
            <li key={check.id} className={levels[check.level].tone}>
              <Icon name={levels[check.level].icon} />
              <div>
                {check.text}
                {check.clause ? <p>{check.clause}</p> : null}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
