"use client";

import { timeAt } from "@xianfeng/trpc/calendar";
import type { MeetingField } from "@xianfeng/trpc/meeting";
import { Icon, type IconName } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { Radio } from "antd";
import { useCallWords, useMeetingCodes } from "./parts.tsx";
import { secondText } from "./time.ts";
import type { Draft, SaveStatus } from "./use-draft.ts";
import { meetingPageWords } from "./words.ts";

const looks: Record<SaveStatus, { icon: IconName; tone: string }> = {
  fresh: { icon: "info", tone: "" },
  clean: { icon: "check", tone: "ok" },
  unsaved: { icon: "edit", tone: "" },
  saving: { icon: "clock", tone: "" },
  failed: { icon: "warning", tone: "err" },
  refused: { icon: "warning", tone: "err" },
  invalid: { icon: "warning", tone: "err" },
  conflict: { icon: "warning", tone: "warn" },
};

/** How far the text is stored, at the title and never in a toast that goes away. */
export function SaveState({ draft, hint }: { draft: Draft; hint?: string }) {
  const words = useWords(meetingPageWords).save;
  const callWords = useCallWords();
  const { icon, tone } = looks[draft.status];
  const text = {
    fresh: words.fresh,
    clean: draft.savedAt ? words.saved(secondText(draft.savedAt)) : "",
    unsaved: words.unsaved,
    saving: words.saving,
    failed: words.failed,
    refused: `${words.blocked}：${draft.problem ? callWords(draft.problem) : ""}`,
    invalid: words.invalid,
    conflict: words.conflict,
  }[draft.status];
  return (
    <p className={`mt-save mt-save-${tone}`} role="status" aria-live="polite">
      {text ? (
        <>
          <Icon name={icon} />
          {text}
        </>
      ) : null}
      {hint ? <small>{hint}</small> : null}
    </p>
  );
}

/** Two people changed the same field: both values, who and when, and the one question which stays. */
export function Conflicts({ draft, show }: { draft: Draft; show: (field: MeetingField, value: unknown) => string }) {
  const words = useWords(meetingPageWords).conflict;
  const codes = useMeetingCodes();
  const first = draft.conflicts[0];
  if (!first) return null;
  return (
    <section className="mt-conflict" role="alert">
      <p>
        <Icon name="warning" />
        <b>{words.head(first.by, first.at ? timeAt(new Date(first.at)) : "")}</b>
        {words.text(draft.conflicts.length)}
      </p>
      <table>
        <thead>
          <tr>
            <th>{words.field}</th>
            <th>{words.mine}</th>
            <th>{words.theirs(first.by)}</th>
            <th>{words.base}</th>
          </tr>
        </thead>
        <tbody>
          {draft.conflicts.map((conflict) => (
            <tr key={conflict.field}>
              <td>{codes.field[conflict.field]}</td>
              <td>
                <Radio checked={false} onChange={() => draft.choose(conflict.field, "mine")}>
                  {show(conflict.field, draft.form[conflict.field])}
                </Radio>
              </td>
              <td>
                <Radio checked={false} onChange={() => draft.choose(conflict.field, "theirs")}>
                  {show(conflict.field, conflict.theirs)}
                  {conflict.at ? <small> {timeAt(new Date(conflict.at))}</small> : null}
                </Radio>
              </td>
              <td className="mt-quiet">{show(conflict.field, conflict.base)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
