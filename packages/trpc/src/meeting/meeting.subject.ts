import { formOf, stateOf, type WholeMeeting } from "./meeting.load.ts";
import type { MeetingState, MeetingSubject } from "./meeting.machine.ts";
import { instantsOf } from "./meeting.rules.ts";
import type { MeetingForm } from "./meeting.schema.ts";

/** What only the database knows: who would come, and who was named without belonging here. */
export type Counted = { people: number | null; strangers: number; hasGroup: boolean };

/** A form as the guards see it. */
export const subjectOfForm = (state: MeetingState, form: MeetingForm, counted: Counted): MeetingSubject => {
  const { startsAt, endsAt } = instantsOf(form);
  return {
    state,
    kind: form.kind,
    audience: form.audience,
    title: form.title,
    place: form.place,
    startsAt,
    endsAt,
    ...counted,
  };
};

/** A stored meeting as the guards see it. Who comes is counted by the caller where it matters. */
export const subjectOf = (
  meeting: WholeMeeting,
  counted: Counted = { people: null, strangers: 0, hasGroup: meeting.groupId !== null },
): MeetingSubject => subjectOfForm(stateOf(meeting), formOf(meeting), counted);
