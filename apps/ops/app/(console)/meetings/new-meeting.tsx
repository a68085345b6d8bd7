"use client";

import { timeAt } from "@xianfeng/trpc/calendar";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { useEffect, useState } from "react";
import { Empty } from "@/components/states.tsx";
import { forgetDraft, type KeptDraft, keptDrafts } from "./draft-state.ts";
import { type FormStart, MeetingFormPage } from "./meeting-form.tsx";
import { meetingPageWords } from "./words.ts";

/** A new meeting; a browser that was closed before its first save offers that one again, to its author only (FA31). */
export function NewMeeting({ start, branches }: { start: FormStart; branches: { id: number; name: string }[] }) {
  const words = useWords(meetingPageWords);
  const [kept, setKept] = useState<KeptDraft | null>(null);
  const [chosen, setChosen] = useState(start);
  useEffect(() => {
    const found = keptDrafts(window.localStorage, start.principalId).filter(
      (each) => each.version === 0 && each.orgId === start.orgId && each.id !== start.id,
    );
    setKept(found.sort((one, other) => other.at - one.at)[0] ?? null);
  }, [start]);
  return (
    <>
      {kept ? (
        <p className="mt-note" role="status">
          <Icon name="info" />
          <span>
            {words.form.restore(String(kept.changes.title || words.untitled), timeAt(new Date(kept.at)))}
            <button
              type="button"
              className="link-button"
              onClick={() => {
                setChosen({ ...start, id: kept.id, typed: kept.changes, sources: {} });
                setKept(null);
              }}
            >
              {words.form.restoreDo}
            </button>
            <button
              type="button"
              className="link-button"
              onClick={() => {
                forgetDraft(window.localStorage, start.principalId, kept.id);
                setKept(null);
              }}
            >
              {words.form.restoreNot}
            </button>
          </span>
        </p>
      ) : null}
      <MeetingFormPage key={chosen.id} start={chosen} branches={branches} />
    </>
  );
}

export function NoBranch() {
  const words = useWords(meetingPageWords).form;
  return (
    <section className="panel">
      <Empty title={words.noBranch} how={words.noBranchHow} />
    </section>
  );
}
