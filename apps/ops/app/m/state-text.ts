"use client";

import { timeAt } from "@xianfeng/trpc/calendar";
import type { AttendanceState, MeetingKind, Phase } from "@xianfeng/trpc/meeting";
import { useWords } from "@xianfeng/ui/messages";
import { phoneWords } from "./words.ts";

/** A meeting of one's own as the phone gets it. */
export type OwnCard = {
  id: string;
  kind: MeetingKind;
  title: string;
  place: string;
  startsAt: Date;
  endsAt: Date;
  checkInOpensAt: Date;
  lateAfter: Date;
  checkOutRequired: boolean;
  phase: Phase;
  state: AttendanceState;
  checkedInAt: Date | null;
  checkedOutAt: Date | null;
  action: "sign_in" | "sign_out" | "leave" | "none";
  mayTakeLeave: boolean;
};

/** Where one stands with a meeting, in a few words. */
export function useStateText(): (meeting: OwnCard) => string {
  const words = useWords(phoneWords).state;
  return (meeting) => {
    if (meeting.phase === "void") return words.void;
    if (meeting.checkedOutAt) return words.signedOut(timeAt(meeting.checkedOutAt));
    if (meeting.action === "sign_out") return words.signOut;
    if (meeting.state === "on_time")
      return meeting.checkedInAt ? words.present(timeAt(meeting.checkedInAt)) : words.entered;
    if (meeting.state === "late") return meeting.checkedInAt ? words.late(timeAt(meeting.checkedInAt)) : words.entered;
    if (meeting.state === "leave") return words.leave;
    if (meeting.state === "absent") return words.absent;
    if (meeting.phase === "not_started") return words.opens(timeAt(meeting.checkInOpensAt));
    return meeting.phase === "signing_in" ? words.open : meeting.phase === "closed" ? words.closed : words.over;
  };
}
