import { kindOf, stateOf, type WholeMeeting } from "./meeting.load.ts";
import type { MeetingSubject } from "./meeting.machine.ts";
import type { Audience } from "./meeting.rules.ts";

/** The meeting as the guards see it. Who comes is counted by the caller where it matters. */
export const subjectOf = (
  meeting: WholeMeeting,
  counted: { people: number | null; strangers: number; hasGroup: boolean } = {
    people: null,
    strangers: 0,
    hasGroup: meeting.groupId !== null,
  },
): MeetingSubject => ({
  state: stateOf(meeting),
  kind: kindOf(meeting),
  audience: meeting.audience as Audience,
  title: meeting.body?.title ?? "",
  place: meeting.body?.place ?? "",
  startsAt: meeting.startsAt,
  endsAt: meeting.endsAt,
  ...counted,
});
