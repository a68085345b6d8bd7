import { procedure, router } from "../kernel/index.ts";
import { correctAttendance, liveView, recordAttendance, signInCode } from "./attendance.record.ts";
import { cancelLeave, checkByTicket, checkOffline, takeLeave, undoCheckIn } from "./attendance.self.ts";
import { broughtIn } from "./meeting.brought-in.ts";
import { removeDraft, saveMeeting, startDraft } from "./meeting.draft.ts";
import { dutyTiles, listMeetings, writableBranches } from "./meeting.list.ts";
import { ownHistory, ownMeeting, ownNotices, phoneHome, readNotices } from "./meeting.own.ts";
import { attendanceTable, meetingDetail, meetingTrail, peopleOn, previewDraft } from "./meeting.read.ts";
import * as schema from "./meeting.schema.ts";
import { closeMeeting, publishMeeting, voidMeeting } from "./meeting.service.ts";

/** Meetings in the console. */
export const meetingRouter = router({
  list: procedure("meeting.read")
    .input(schema.listInput)
    .query(({ ctx, input }) => listMeetings(ctx, input)),
  duties: procedure("meeting.read")
    .input(schema.dutyInput)
    .query(({ ctx, input }) => dutyTiles(ctx, input.orgId)),
  branches: procedure("meeting.edit").query(({ ctx }) => writableBranches(ctx)),
  get: procedure("meeting.read")
    .input(schema.idInput)
    .query(({ ctx, input }) => meetingDetail(ctx, input.id)),
  attendance: procedure("meeting.read")
    .input(schema.idInput)
    .query(({ ctx, input }) => attendanceTable(ctx, input.id)),
  trail: procedure("meeting.read")
    .input(schema.idInput)
    .query(({ ctx, input }) => meetingTrail(ctx, input.id)),
  broughtIn: procedure("meeting.edit")
    .input(schema.newInput)
    .query(({ ctx, input }) => broughtIn(ctx, input)),
  people: procedure("meeting.edit")
    .input(schema.peopleInput)
    .query(({ ctx, input }) => peopleOn(ctx, input)),
  preview: procedure("meeting.edit")
    .input(schema.previewInput)
    .query(({ ctx, input }) => previewDraft(ctx, input)),
  start: procedure("meeting.edit")
    .input(schema.startInput)
    .mutation(({ ctx, input }) => startDraft(ctx, input)),
  save: procedure("meeting.edit")
    .input(schema.saveInput)
    .mutation(({ ctx, input }) => saveMeeting(ctx, input)),
  remove: procedure("meeting.edit")
    .input(schema.idInput)
    .mutation(({ ctx, input }) => removeDraft(ctx, input.id)),
  publish: procedure("meeting.publish")
    .input(schema.publishInput)
    .mutation(({ ctx, input }) => publishMeeting(ctx, input)),
  close: procedure("meeting.record")
    .input(schema.idInput)
    .mutation(({ ctx, input }) => closeMeeting(ctx, input.id)),
  void: procedure("meeting.void")
    .input(schema.reasonInput)
    .mutation(({ ctx, input }) => voidMeeting(ctx, input)),
  code: procedure("meeting.record")
    .input(schema.codeInput)
    .query(({ ctx, input }) => signInCode(ctx, input)),
  live: procedure("meeting.record")
    .input(schema.idInput)
    .query(({ ctx, input }) => liveView(ctx, input.id)),
  record: procedure("meeting.record")
    .input(schema.recordInput)
    .mutation(({ ctx, input }) => recordAttendance(ctx, input)),
  correct: procedure("meeting.record")
    .input(schema.correctInput)
    .mutation(({ ctx, input }) => correctAttendance(ctx, input)),
});

/** A member's own meetings, on the phone. */
export const myMeetingRouter = router({
  home: procedure("me.read").query(({ ctx }) => phoneHome(ctx)),
  get: procedure("me.read")
    .input(schema.idInput)
    .query(({ ctx, input }) => ownMeeting(ctx, input.id)),
  history: procedure("me.read")
    .input(schema.historyInput)
    .query(({ ctx, input }) => ownHistory(ctx, input)),
  notices: procedure("me.read").query(({ ctx }) => ownNotices(ctx)),
  readNotices: procedure("me.edit")
    .input(schema.noticeInput)
    .mutation(({ ctx, input }) => readNotices(ctx, input.ids)),
  check: procedure("me.edit")
    .input(schema.checkInput)
    .mutation(({ ctx, input }) => checkByTicket(ctx, input)),
  checkOffline: procedure("me.edit")
    .input(schema.offlineInput)
    .mutation(({ ctx, input }) => checkOffline(ctx, input)),
  undo: procedure("me.edit")
    .input(schema.idInput)
    .mutation(({ ctx, input }) => undoCheckIn(ctx, input.id)),
  leave: procedure("me.edit")
    .input(schema.reasonInput)
    .mutation(({ ctx, input }) => takeLeave(ctx, input)),
  cancelLeave: procedure("me.edit")
    .input(schema.idInput)
    .mutation(({ ctx, input }) => cancelLeave(ctx, input.id)),
});
