"use client";

import { useQuery } from "@tanstack/react-query";
import { type MeetingField, meetingFields } from "@xianfeng/trpc/meeting";
import { instantText, useWords } from "@xianfeng/ui/messages";
import { Panel } from "@/components/panel.tsx";
import { Failed, Loading } from "@/components/states.tsx";
import { useToday } from "@/lib/identity.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import { useMeetingCodes } from "./parts.tsx";
import { meetingPageWords } from "./words.ts";

/** Who did what, oldest first. */
export function TrailPanel({ id }: { id: string }) {
  const words = useWords(meetingPageWords);
  const codes = useMeetingCodes();
  const today = useToday();
  const trail = useQuery(useTRPC().meeting.trail.queryOptions({ id }));
  const named = (fields: readonly string[]) =>
    fields
      .filter((field): field is MeetingField => meetingFields.includes(field as MeetingField))
      .map((field) => codes.field[field]);
  return (
    <Panel title={words.detail.trail}>
      {trail.error && !trail.data ? (
        <Failed what={words.detail.trail} error={trail.error} onRetry={() => trail.refetch()} />
      ) : !trail.data ? (
        <Loading rows={4} />
      ) : trail.data.length === 0 ? (
        <p className="panel-body mt-quiet">{words.detail.trailNone}</p>
      ) : (
        <ol className="mt-trail">
          {trail.data.map((line) => (
            <li key={line.id}>
              <div>
                {words.trailAction[line.action] ?? line.action}
                <time dateTime={line.at.toISOString()}>{instantText(line.at, today)}</time>
              </div>
              <p>
                {[[line.by, named(line.fields).join("、")].filter(Boolean).join("："), line.reason]
                  .filter(Boolean)
                  .join("，")}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
