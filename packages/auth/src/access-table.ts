/**
 * Who may what, written by hand a second time: nothing here is used at run time. Tests hold the registry of permissions, the initial roles,
 * every procedure, route, query, export, topic and Cube view against it, so that a change of any of them has to be made twice.
 * Something new without a row here is refused by the tests.
 */
import type { Permission, RoleCode } from "./permissions.ts";

/** Where an organisation stands, seen from the one at which a role is held. */
export const relations = [
  "own",
  "child",
  "grandchild",
  "great_grandchild",
  "parent",
  "grandparent",
  "great_grandparent",
  "sibling",
  "nephew",
  "uncle",
  "cousin",
  "other_committee",
  "other_tenant",
] as const;
export type OrgRelation = (typeof relations)[number];

/** own = that organisation; child = the next level; tree = own and, when the role says "below", everything below; self = own person; tenant = no organisation. */
export type Reach = "own" | "child" | "tree" | "self" | "tenant";

const below = ["own", "child", "grandchild", "great_grandchild"] as const;

/** Relations that a reach covers, for a role held with and without "everything below". */
export const reaches: Record<Reach, { alone: readonly OrgRelation[]; below: readonly OrgRelation[] }> = {
  own: { alone: ["own"], below: ["own"] },
  child: { alone: ["child"], below: ["child"] },
  tree: { alone: ["own"], below },
  self: { alone: [], below: [] },
  tenant: { alone: [], below: [] },
};

type Row = Partial<Record<Permission, Reach>>;

const reading: Row = {
  "workbench.read": "tree",
  "org.read": "tree",
  "member.read": "tree",
  "meeting.read": "tree",
  "obligation.read": "tree",
  "ranking.read": "tree",
  "report.read": "tree",
};
const branchWork: Row = {
  "member.create": "tree",
  "member.edit": "tree",
  "member.reveal": "tree",
  "erasure.request": "tree",
  "meeting.edit": "own",
  "meeting.publish": "own",
  "meeting.record": "own",
  "meeting.void": "own",
};

/** What each role may, and how far. What does not stand here is refused. */
export const access: Record<RoleCode, Row> = {
  committee_admin: {
    ...reading,
    "org.create": "child",
    "org.edit": "tree",
    "member.create": "tree",
    "member.edit": "tree",
    "member.reveal": "tree",
    "erasure.request": "tree",
    "erasure.decide": "tree",
    "evaluation.read": "tree",
    "evaluation.import": "tree",
    "evaluation.generate": "tree",
    "evaluation.publish": "tree",
    "evaluation.retract": "tree",
    "cockpit.read": "tree",
  },
  general_branch_admin: { ...reading, "cockpit.read": "tree" },
  branch_secretary: { ...reading, ...branchWork },
  branch_admin: { ...reading, ...branchWork },
  member: { "me.read": "self", "me.edit": "self", "report.read_own": "self" },
  screen: { "cockpit.read": "tree" },
  system_admin: {
    "system.read": "tenant",
    "system.mend": "tenant",
    "outbox.read": "tenant",
    "outbox.retry": "tenant",
    "account.manage": "tenant",
  },
};

/** Permissions that show or change records of people: never together with the administration of accounts. */
export const personal: readonly Permission[] = [
  "member.read",
  "member.create",
  "member.edit",
  "member.reveal",
  "erasure.request",
  "erasure.decide",
  "meeting.read",
  "meeting.edit",
  "meeting.record",
  "ranking.read",
  "report.read",
  "evaluation.read",
  "evaluation.import",
];

/** Every procedure with its one permission. */
export const procedures: Record<string, Permission> = {
  "evaluation.periods": "ranking.read",
  "evaluation.run": "ranking.read",
  "evaluation.generate": "evaluation.generate",
  "evaluation.previewReady": "evaluation.generate",
  "evaluation.discard": "evaluation.generate",
  "evaluation.publish": "evaluation.publish",
  "evaluation.retract": "evaluation.retract",
  "evaluation.reportHead": "report.read",
  "evaluation.sealedReport": "report.read",
  "evaluation.ownReports": "report.read_own",
  "evaluation.overview": "evaluation.read",
  "evaluation.entries": "evaluation.read",
  "evaluation.importTemplate": "evaluation.import",
  "evaluation.importCheck": "evaluation.import",
  "evaluation.importSummary": "evaluation.import",
  "evaluation.importRows": "evaluation.import",
  "evaluation.importFix": "evaluation.import",
  "evaluation.importConfirm": "evaluation.import",
  "evaluation.importFaulty": "evaluation.import",
  "evaluation.importDiscard": "evaluation.import",
  "evaluation.importApply": "evaluation.import",
  "health.get": "system.read",
  "health.letters": "system.read",
  "health.replay": "system.mend",
  "health.repair": "system.mend",
  "erasure.about": "erasure.request",
  "erasure.request": "erasure.request",
  "erasure.withdraw": "erasure.request",
  "erasure.list": "erasure.decide",
  "erasure.carryOut": "erasure.decide",
  "erasure.refuse": "erasure.decide",
  "me.profile": "me.read",
  "me.reveals": "me.read",
  "me.mail": "me.read",
  "me.changeMail": "me.edit",
  "me.mailPreference": "me.edit",
  "meeting.list": "meeting.read",
  "meeting.duties": "meeting.read",
  "meeting.branches": "meeting.edit",
  "meeting.get": "meeting.read",
  "meeting.attendance": "meeting.read",
  "meeting.trail": "meeting.read",
  "meeting.broughtIn": "meeting.edit",
  "meeting.people": "meeting.edit",
  "meeting.preview": "meeting.edit",
  "meeting.start": "meeting.edit",
  "meeting.save": "meeting.edit",
  "meeting.remove": "meeting.edit",
  "meeting.publish": "meeting.publish",
  "meeting.close": "meeting.record",
  "meeting.void": "meeting.void",
  "meeting.code": "meeting.record",
  "meeting.live": "meeting.record",
  "meeting.record": "meeting.record",
  "meeting.correct": "meeting.record",
  "myMeeting.home": "me.read",
  "myMeeting.get": "me.read",
  "myMeeting.history": "me.read",
  "myMeeting.notices": "me.read",
  "myMeeting.readNotices": "me.edit",
  "myMeeting.check": "me.edit",
  "myMeeting.checkOffline": "me.edit",
  "myMeeting.undo": "me.edit",
  "myMeeting.leave": "me.edit",
  "myMeeting.cancelLeave": "me.edit",
  "member.list": "member.read",
  "member.counts": "member.read",
  "member.detail": "member.read",
  "member.labels": "member.read",
  "member.create": "member.create",
  "member.edit": "member.edit",
  "member.transfer": "member.edit",
  "member.correctStatus": "member.edit",
  "member.reveal": "member.reveal",
  "message.list": "outbox.read",
  "message.counts": "outbox.read",
  "message.retry": "outbox.retry",
  "org.tree": "org.read",
  "org.detail": "org.read",
  "org.moveTargets": "org.edit",
  "org.mergePreview": "org.edit",
  "org.create": "org.create",
  "org.rename": "org.edit",
  "org.move": "org.edit",
  "org.merge": "org.edit",
  "workbench.get": "workbench.read",
  "workbench.dutyGrid": "obligation.read",
};

/** public = answers without a session; session = needs one, and what it shows comes through procedures; otherwise the permission it asks itself. */
export type Door = "public" | "session" | Permission;

/** Every address of the operational app: folders below `app`, with the file that answers. */
export const opsDoors: Record<string, Door> = {
  "(console)/erasures/page.tsx": "session",
  "(console)/evaluation/page.tsx": "session",
  "(console)/evaluation/periods/[periodId]/import/page.tsx": "session",
  "(console)/evaluation/periods/[periodId]/page.tsx": "session",
  "(console)/evaluation/reports/[runId]/page.tsx": "session",
  "(console)/evaluation/upload/route.ts": "evaluation.import",
  "(console)/meetings/[id]/edit/page.tsx": "session",
  "(console)/meetings/[id]/page.tsx": "session",
  "(console)/meetings/new/page.tsx": "session",
  "(console)/meetings/page.tsx": "session",
  "(console)/members/[id]/page.tsx": "session",
  "(console)/members/new/page.tsx": "session",
  "(console)/members/page.tsx": "session",
  "(console)/orgs/page.tsx": "session",
  "(console)/page.tsx": "session",
  "(screen)/meetings/[id]/screen/page.tsx": "session",
  "(system)/outbox/page.tsx": "session",
  "(system)/system/health/page.tsx": "session",
  "api/auth/password/route.ts": "session",
  "api/auth/sign-in/route.ts": "public",
  "api/auth/sign-out/route.ts": "public",
  "api/trpc/[trpc]/route.ts": "session",
  "healthz/route.ts": "public",
  "metrics/route.ts": "public",
  "m/me/page.tsx": "session",
  "m/me/seen/page.tsx": "session",
  "m/meetings/[id]/page.tsx": "session",
  "m/meetings/[id]/sign-in/confirm/page.tsx": "session",
  "m/meetings/[id]/sign-in/route.ts": "public",
  "m/meetings/page.tsx": "session",
  "m/notices/page.tsx": "session",
  "m/page.tsx": "session",
  "password/page.tsx": "session",
  "readyz/route.ts": "public",
  "sign-in/page.tsx": "public",
};

/** Pages of the analytics app by route file, its named queries, and what its forms do. */
export const insightsDoors: Record<"pages" | "queries" | "actions", Record<string, Door>> = {
  pages: {
    shell: "session",
    home: "session",
    missing: "session",
    q: "session",
    branch: "meeting.read",
    meeting: "meeting.read",
    cockpit: "cockpit.read",
    ranking: "ranking.read",
    runs: "evaluation.generate",
    reports: "report.read",
    report: "report.read",
    mine: "report.read_own",
    "my-report": "report.read_own",
  },
  queries: {
    "branch-meetings": "meeting.read",
    "branch-people": "report.read",
    "branch-ranking": "ranking.read",
    "meeting-attendance": "meeting.read",
    "preview-people": "evaluation.generate",
    "preview-ranking": "evaluation.generate",
    wall: "cockpit.read",
  },
  actions: {
    generate: "evaluation.generate",
    discard: "evaluation.generate",
    publish: "evaluation.publish",
    retract: "evaluation.retract",
  },
};

/** What can be taken away as a file, with the door that it goes through. */
export const exports: Record<"files" | "queries", readonly string[]> = {
  files: ["evaluation.importTemplate", "evaluation.importFaulty"],
  queries: [
    "branch-meetings",
    "branch-people",
    "branch-ranking",
    "meeting-attendance",
    "preview-people",
    "preview-ranking",
  ],
};

/** Event streams: one of times only, the same for everybody with a session. There are no topics to guess. */
export const topics: Record<string, Door> = { "/insights/events": "session" };

/** Public views of Cube: the one permission of a token, and whether rows of the own person are given under another one. */
export const cubeViews: Record<string, { permission: Permission; own?: Permission; previews?: Permission }> = {
  branch_ranking: { permission: "ranking.read", previews: "evaluation.generate" },
  evaluation_report: {
    permission: "report.read",
    own: "report.read_own",
    previews: "evaluation.generate",
  },
  meetings: { permission: "meeting.read" },
  meeting_months: { permission: "meeting.read" },
  attendance: { permission: "meeting.read" },
  obligations: { permission: "obligation.read" },
  wall_overview: { permission: "cockpit.read" },
};
