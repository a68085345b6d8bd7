"use client";

import { useMutation } from "@tanstack/react-query";
import { useWords } from "@xianfeng/ui/messages";
import { Input } from "antd";
import { useMemo } from "react";
import { Panel } from "@/components/panel.tsx";
import { useTRPC } from "@/lib/trpc.tsx";
import type { Detail } from "./meeting-detail.tsx";
import { Conflicts, SaveState } from "./save-state.tsx";
import { useDraft } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

/** The minutes: written by those who keep the meeting, saved while they type; read by everybody who may see it. */
export function MinutesPanel({ meeting, principalId }: { meeting: Detail; principalId: string }) {
  const words = useWords(meetingPageWords).detail;
  if (meeting.changeable.includes("minutes")) return <MinutesEditor meeting={meeting} principalId={principalId} />;
  return (
    <Panel title={words.minutes}>
      <p className="mt-minutes-text">{meeting.form.minutes || <span className="mt-none">{words.minutesNone}</span>}</p>
    </Panel>
  );
}

function MinutesEditor({ meeting, principalId }: { meeting: Detail; principalId: string }) {
  const words = useWords(meetingPageWords).detail;
  const trpc = useTRPC();
  const start = useMutation({ ...trpc.meeting.start.mutationOptions(), networkMode: "always" });
  const save = useMutation({ ...trpc.meeting.save.mutationOptions(), networkMode: "always" });
  const send = useMemo(
    () => ({ start: start.mutateAsync, save: save.mutateAsync }),
    [start.mutateAsync, save.mutateAsync],
  );
  const draft = useDraft(
    { id: meeting.id, orgId: meeting.orgId, version: meeting.version, form: meeting.form, principalId, auto: true },
    send,
  );
  return (
    <Panel title={words.minutes} extra={<SaveState draft={draft} />}>
      <div className="panel-body">
        <Conflicts draft={draft} show={(_, value) => String(value ?? "") || "—"} />
        <Input.TextArea
          aria-label={words.minutes}
          autoSize={{ minRows: 5, maxRows: 30 }}
          placeholder={words.minutesHint}
          value={draft.form.minutes}
          onChange={(event) => draft.edit({ minutes: event.target.value })}
        />
        {draft.problems.minutes ? <p className="mt-bad">{draft.problems.minutes}</p> : null}
      </div>
    </Panel>
  );
}
