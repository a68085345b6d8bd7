/** What a public view asks of a caller. A view that is not here cannot be queried. */
export type ViewRule = {
  permission: string;
  /** Member that names the organisation a row belongs to. */
  org: string;
  /** Rows of evaluation runs: sealed ones only while their report is published, previews only for those who generate. */
  runs: boolean;
  /** Rows of single people, which their own person may read with this permission. */
  own?: { permission: string; member: string };
  /** Counts only: rows of people are never given, small counts are for others to hide. */
  wall?: boolean;
};

export const views = {
  branch_ranking: { permission: "ranking.read", org: "org_id", runs: true },
  evaluation_report: {
    permission: "report.read",
    org: "group_org_id",
    runs: true,
    own: { permission: "report.read_own", member: "subject_id" },
  },
  meetings: { permission: "meeting.read", org: "org_id", runs: false },
  meeting_months: { permission: "meeting.read", org: "org_id", runs: false },
  attendance: { permission: "meeting.read", org: "org_id", runs: false },
  obligations: { permission: "obligation.read", org: "org_id", runs: false },
  wall_overview: { permission: "cockpit.read", org: "org_id", runs: false, wall: true },
} as const satisfies Record<string, ViewRule>;

export type ViewName = keyof typeof views;

export const ruleOf = (name: string): ViewRule | undefined =>
  Object.hasOwn(views, name) ? views[name as ViewName] : undefined;

/** Permission to see runs that are not published yet. */
export const previewPermission = "evaluation.generate";
