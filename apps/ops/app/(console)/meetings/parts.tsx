"use client";

import { type AttendanceState, meetingWords, type Phase } from "@xianfeng/trpc/meeting";
import { shellWords, useLanguage, useWords } from "@xianfeng/ui/messages";
import type { ComponentProps } from "react";
import { Mark } from "@/components/panel.tsx";
import { domainOf } from "@/components/states.tsx";
import { codeOf } from "@/lib/trpc.tsx";

type Tone = ComponentProps<typeof Mark>["tone"];

/** Names of the codes of this slice in the reader's language. */
export const useMeetingCodes = () => meetingWords[useLanguage()];

const phaseTone: Record<Phase, Tone> = {
  draft: "off",
  not_started: "off",
  signing_in: "run",
  to_close: "warn",
  closed: "ok",
  void: "err",
};

/** State by shape and word. */
export const PhaseMark = ({ phase }: { phase: Phase }) => (
  <Mark tone={phaseTone[phase]}>{useMeetingCodes().phase[phase]}</Mark>
);

const attendanceTone: Record<AttendanceState, Tone> = {
  pending: "off",
  on_time: "ok",
  late: "warn",
  leave: "off",
  absent: "err",
};

export const AttendanceMark = ({ state }: { state: AttendanceState }) => (
  <Mark tone={attendanceTone[state]}>{useMeetingCodes().attendance[state]}</Mark>
);

/** Present of expected with a short bar; nothing before the audience is frozen. */
export function PresentBar({ present, expected }: { present: number | null; expected: number | null }) {
  if (present === null || expected === null || expected === 0) return <span className="mt-none">—</span>;
  return (
    <span className="mt-present">
      <u>
        <i style={{ width: `${(present / expected) * 100}%` }} />
      </u>
      {present}
      <em> / {expected}</em>
    </span>
  );
}

/** Words for a failed call: the server's own for a refusal, else what to do and the number to tell. */
export function useCallWords(): (error: unknown) => string {
  const words = useWords(shellWords);
  return (error) => domainOf(error) ?? words.failedHow(codeOf(error));
}
