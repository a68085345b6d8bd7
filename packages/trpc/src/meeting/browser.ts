/** What the screens may import: rules, words and schemas, nothing that reaches the server. */
export type { Check } from "./meeting.checks.ts";
export type { ConflictDetail, FieldConflict } from "./meeting.draft.ts";
export { emptyFilter, filterOf, type MeetingFilter, pageSizes, paramsOf, queryOf } from "./meeting.filter.ts";
export { type MeetingEvent, type MeetingField, type MeetingState, meetingFields } from "./meeting.machine.ts";
export { meetingWords } from "./meeting.messages.ts";
export { type Phase, phaseOf, phases } from "./meeting.phase.ts";
export {
  type AttendanceState,
  type Audience,
  attendanceStates,
  audiences,
  audiencesOf,
  isPresent,
  longestAgenda,
  longestMinutes,
  longestPlace,
  longestReason,
  longestTitle,
  type MeetingKind,
  meetingKinds,
  timeProblems,
} from "./meeting.rules.ts";
export { fieldShapes, type MeetingForm } from "./meeting.schema.ts";
