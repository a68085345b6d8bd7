import { randomUUID } from "node:crypto";
import type { procedures } from "@xianfeng/auth/access-table";
import { today } from "../fixture.ts";
import type { Place, World } from "./world.ts";

/**
 * What a call is about, which decides where it must answer and where it must say "not found":
 * nothing = lists and own pages, kept to the reach by themselves; org, person, meeting, draft = a record of one organisation;
 * under = something new below an organisation;
 * period = a period or run that a branch in reach belongs to; committee = a period or run whose own committee is in reach;
 * mine = a record of the caller's own person; batch = an upload of the caller's own;
 * tenant = a record of the tenant as a whole.
 */
export type About =
  | "nothing"
  | "org"
  | "under"
  | "person"
  | "meeting"
  | "draft"
  | "period"
  | "committee"
  | "mine"
  | "batch"
  | "tenant";

/** One record of a place, or ids that belong to nobody. */
export type Target = {
  place: Place | null;
  orgId: number;
  personId: string;
  statusId: string;
  messageId: string;
  meetingId: string;
  draftId: string;
  periodId: string;
  indicatorId: string;
  liveId: string;
  previewId: string;
  sealedId: string;
  batchId: string;
};

export type Call = { about: About; input?: (target: Target) => unknown };

const day = "2026-11-01";
const seenAt = new Date("2026-11-01T00:00:00Z");
const meetingForm = {
  kind: "member_meeting",
  title: "题目",
  heldOn: today,
  startTime: "15:00",
  endTime: "16:00",
  place: "地点",
  hostId: null,
  recorderId: null,
  audience: "all_members",
  groupId: null,
  chosenPersonIds: [],
  agenda: "",
  checkInLead: 20,
  lateAfter: 10,
  checkOutRequired: false,
  minutes: "",
};
const cells = { studentNo: "A1", name: "某", branch: "", value: "90" };
const person = (id: string) => ({ id, version: 1 });

/** How each procedure is asked about one record. A procedure that is missing here fails the test that lists them. */
export const calls: Record<keyof typeof procedures, Call> = {
  "evaluation.periods": { about: "nothing" },
  "evaluation.run": { about: "period", input: ({ liveId }) => ({ runId: liveId }) },
  "evaluation.generate": { about: "committee", input: ({ periodId }) => ({ periodId }) },
  "evaluation.previewReady": { about: "committee", input: ({ previewId }) => ({ runId: previewId }) },
  "evaluation.discard": { about: "committee", input: ({ previewId }) => ({ runId: previewId }) },
  "evaluation.publish": { about: "committee", input: ({ previewId }) => ({ runId: previewId }) },
  "evaluation.retract": { about: "committee", input: ({ sealedId }) => ({ runId: sealedId, reason: "试" }) },
  "evaluation.reportHead": { about: "period", input: ({ sealedId }) => ({ runId: sealedId }) },
  "evaluation.sealedReport": { about: "period", input: ({ sealedId }) => ({ runId: sealedId }) },
  "evaluation.ownReports": { about: "nothing" },
  "evaluation.overview": { about: "nothing" },
  "evaluation.entries": {
    about: "committee",
    input: ({ periodId, indicatorId }) => ({ periodId, indicatorId, size: 100 }),
  },
  "evaluation.importTemplate": { about: "nothing" },
  "evaluation.importCheck": {
    about: "committee",
    input: ({ periodId, indicatorId }) => ({
      batchId: randomUUID(),
      periodId,
      indicatorId,
      fileName: "x.xlsx",
      file: "UEsDBA==",
    }),
  },
  "evaluation.importSummary": { about: "batch", input: ({ batchId }) => ({ batchId }) },
  "evaluation.importRows": { about: "batch", input: ({ batchId }) => ({ batchId }) },
  "evaluation.importFix": { about: "batch", input: ({ batchId }) => ({ rowId: batchId, cells }) },
  "evaluation.importConfirm": { about: "batch", input: ({ batchId, personId }) => ({ rowId: batchId, personId }) },
  "evaluation.importFaulty": { about: "batch", input: ({ batchId }) => ({ batchId }) },
  "evaluation.importDiscard": { about: "batch", input: ({ batchId }) => ({ batchId }) },
  "evaluation.importApply": { about: "batch", input: ({ batchId }) => ({ batchId }) },
  "health.get": { about: "nothing" },
  "health.letters": { about: "nothing" },
  "health.replay": { about: "nothing", input: () => ({ id: randomUUID(), table: "meeting" }) },
  "health.repair": { about: "nothing", input: () => ({ id: randomUUID(), table: "meeting" }) },
  "erasure.about": { about: "person", input: ({ personId }) => ({ id: personId }) },
  "erasure.request": { about: "person", input: ({ personId }) => ({ id: personId, reason: "purpose_over" }) },
  "erasure.withdraw": { about: "person", input: ({ personId }) => ({ id: personId }) },
  "erasure.list": { about: "nothing", input: () => ({ size: 100 }) },
  "erasure.carryOut": { about: "person", input: ({ personId }) => ({ id: personId, name: "某" }) },
  "erasure.refuse": { about: "person", input: ({ personId }) => ({ id: personId }) },
  "me.profile": { about: "nothing" },
  "me.reveals": { about: "nothing" },
  "me.mail": { about: "nothing" },
  "me.changeMail": { about: "nothing", input: () => ({ mail: "" }) },
  "me.mailPreference": { about: "nothing", input: () => ({ enabled: true, quietHours: true }) },
  "meeting.list": { about: "nothing", input: () => ({ size: 100 }) },
  "meeting.duties": { about: "org", input: ({ orgId }) => ({ orgId }) },
  "meeting.branches": { about: "nothing" },
  "meeting.get": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId }) },
  "meeting.attendance": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId }) },
  "meeting.trail": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId }) },
  "meeting.broughtIn": { about: "org", input: ({ orgId }) => ({ orgId, kind: "member_meeting" }) },
  "meeting.people": { about: "org", input: ({ orgId }) => ({ orgId, day: today }) },
  "meeting.preview": { about: "org", input: ({ orgId }) => ({ id: randomUUID(), orgId, fields: meetingForm }) },
  "meeting.start": { about: "org", input: ({ orgId }) => ({ id: randomUUID(), orgId, fields: {} }) },
  "meeting.save": {
    about: "draft",
    input: ({ draftId }) => ({ id: draftId, version: 1, changes: { agenda: "x" }, base: { agenda: "" } }),
  },
  "meeting.remove": { about: "draft", input: ({ draftId }) => ({ id: draftId }) },
  "meeting.publish": { about: "draft", input: ({ draftId }) => ({ id: draftId, version: 1 }) },
  "meeting.close": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId }) },
  "meeting.void": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId, reason: "试" }) },
  "meeting.code": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId, purpose: "in" }) },
  "meeting.live": { about: "meeting", input: ({ meetingId }) => ({ id: meetingId }) },
  "meeting.record": {
    about: "meeting",
    input: ({ meetingId, personId }) => ({ id: meetingId, personIds: [personId], state: "on_time" }),
  },
  "meeting.correct": {
    about: "meeting",
    input: ({ meetingId, personId }) => ({ id: meetingId, personId, state: "late", reason: "试" }),
  },
  "myMeeting.home": { about: "nothing" },
  "myMeeting.get": { about: "mine", input: ({ meetingId }) => ({ id: meetingId }) },
  "myMeeting.history": { about: "nothing", input: () => ({}) },
  "myMeeting.notices": { about: "nothing" },
  "myMeeting.readNotices": { about: "nothing", input: ({ batchId }) => ({ ids: [batchId] }) },
  "myMeeting.check": { about: "mine", input: ({ meetingId }) => ({ id: meetingId, ticket: "x" }) },
  "myMeeting.checkOffline": {
    about: "mine",
    input: ({ meetingId }) => ({ id: meetingId, code: "in.x", scannedAt: seenAt }),
  },
  "myMeeting.undo": { about: "mine", input: ({ meetingId }) => ({ id: meetingId }) },
  "myMeeting.leave": { about: "mine", input: ({ meetingId }) => ({ id: meetingId, reason: "试" }) },
  "myMeeting.cancelLeave": { about: "mine", input: ({ meetingId }) => ({ id: meetingId }) },
  "member.list": { about: "nothing", input: ({ orgId }) => ({ size: 100, orgId }) },
  "member.counts": { about: "nothing", input: ({ orgId }) => ({ orgId }) },
  "member.detail": { about: "person", input: ({ personId }) => ({ id: personId }) },
  "member.labels": { about: "nothing", input: ({ personId }) => ({ ids: [personId] }) },
  "member.create": {
    about: "org",
    input: ({ orgId }) => ({
      id: randomUUID(),
      name: "新同志",
      ethnicity: "汉族",
      education: "本科",
      studentNo: "Z000001",
      idNumber: "990000199503079970",
      phone: "",
      orgId,
      identity: "full_member",
      from: day,
      joinedOn: day,
      convertedOn: null,
    }),
  },
  "member.edit": {
    about: "person",
    input: ({ personId }) => ({
      ...person(personId),
      name: "某",
      ethnicity: "",
      education: "",
      studentNo: "",
      phone: null,
    }),
  },
  "member.transfer": {
    about: "person",
    input: ({ personId, orgId }) => ({ ...person(personId), toOrgId: orgId, on: day, reason: "" }),
  },
  "member.correctStatus": {
    about: "person",
    input: ({ personId, statusId }) => ({
      ...person(personId),
      statusId,
      identity: "full_member",
      validFrom: day,
      reason: "试",
    }),
  },
  "member.reveal": {
    about: "person",
    input: ({ personId }) => ({ id: personId, field: "phone", reason: "report", note: "" }),
  },
  "message.list": { about: "nothing", input: () => ({ size: 100 }) },
  "message.counts": { about: "nothing", input: () => ({}) },
  "message.retry": { about: "tenant", input: ({ messageId }) => ({ id: messageId }) },
  "org.tree": { about: "nothing", input: () => ({}) },
  "org.detail": { about: "org", input: ({ orgId }) => ({ id: orgId }) },
  "org.moveTargets": { about: "org", input: ({ orgId }) => ({ id: orgId }) },
  "org.mergePreview": { about: "org", input: ({ orgId }) => ({ fromId: orgId, toId: orgId }) },
  "org.create": {
    about: "under",
    input: ({ orgId }) => ({
      parentId: orgId,
      kind: "branch",
      category: "staff",
      code: "N1",
      shortName: "新",
      fullName: "新",
      openedOn: day,
    }),
  },
  "org.rename": {
    about: "org",
    input: ({ orgId }) => ({ id: orgId, on: day, seenAt, shortName: "新", fullName: "新" }),
  },
  "org.move": { about: "org", input: ({ orgId }) => ({ id: orgId, on: day, seenAt, parentId: orgId }) },
  "org.merge": { about: "org", input: ({ orgId }) => ({ fromId: orgId, toId: orgId, on: day, reason: "试", seenAt }) },
  "workbench.get": { about: "nothing" },
  "workbench.dutyGrid": { about: "org", input: ({ orgId }) => ({ orgId }) },
};

/** The record of each kind that belongs to a place; where it has none of its own, that of the nearest committee or first branch. */
export function targetOf(world: World, place: Place): Target {
  const evaluation =
    place === "U" ? "K1" : place.startsWith("X") ? "X" : place.includes("K2") || /^[GB]2/.test(place) ? "K2" : "K1";
  const { periodId, indicatorId, live, preview, sealed } = world.evaluations[evaluation];
  const own = world.records[place];
  return {
    place,
    orgId: world.orgs[place],
    personId: own?.people[0] ?? randomUUID(),
    statusId: own?.statusId ?? randomUUID(),
    messageId: world.messages[place.startsWith("X") ? "X" : "U"],
    meetingId: own?.published ?? randomUUID(),
    draftId: own?.draft ?? randomUUID(),
    periodId,
    indicatorId,
    liveId: live,
    previewId: preview,
    sealedId: sealed,
    batchId: randomUUID(),
  };
}

/** Ids of nothing at all. */
export const missing = (): Target => ({
  place: null,
  orgId: 2_000_000_000,
  personId: randomUUID(),
  statusId: randomUUID(),
  messageId: randomUUID(),
  meetingId: randomUUID(),
  draftId: randomUUID(),
  periodId: randomUUID(),
  indicatorId: randomUUID(),
  liveId: randomUUID(),
  previewId: randomUUID(),
  sealedId: randomUUID(),
  batchId: randomUUID(),
});
