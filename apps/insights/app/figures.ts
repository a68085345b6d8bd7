/** Members of the semantic layer that each figure is read from; none where a figure is read from the records of the console. */
export const figureMembers = {
  share: [
    "branch_ranking.members_in_top",
    "branch_ranking.members_ranked",
    "branch_ranking.share_num",
    "branch_ranking.share_den",
  ],
  rank: ["branch_ranking.rank", "branch_ranking.of_n"],
  missing: ["branch_ranking.members_missing"],
  ranked: ["branch_ranking.members_ranked", "branch_ranking.members_evaluated"],
  evaluated: ["branch_ranking.members_evaluated"],
  rate: ["branch_ranking.members_ranked", "branch_ranking.members_evaluated"],
  inTop: ["branch_ranking.members_in_top"],
  branches: ["branch_ranking.org_id", "branch_ranking.of_n"],
  kindShare: ["branch_ranking.members_in_top", "branch_ranking.members_ranked"],
  moved: ["branch_ranking.rank"],
  indicators: ["evaluation_report.indicator_code"],
  score: ["evaluation_report.score_num", "evaluation_report.score_den"],
  place: ["evaluation_report.rank", "evaluation_report.of_n"],
  meetings: ["attendance.meeting_id", "attendance.is_expected"],
  expected: ["attendance.expected", "attendance.is_expected"],
  present: ["attendance.present", "attendance.is_present"],
  attendance: ["attendance.present", "attendance.expected"],
  members: ["wall_overview.numerator"],
  orgs: [],
  held: ["wall_overview.numerator"],
  came: ["wall_overview.numerator", "wall_overview.denominator"],
  duties: ["wall_overview.numerator", "wall_overview.denominator"],
} as const satisfies Record<string, readonly string[]>;

export type Figure = keyof typeof figureMembers;

export const isFigure = (name: string): name is Figure => Object.hasOwn(figureMembers, name);

/** The open number: which figure, of whom. Kept in the address (`number=share.12`), so that a link keeps it open. */
export type OpenNumber = { figure: Figure; subject: string };

export const numberKey = ({ figure, subject }: OpenNumber): string => `${figure}.${subject}`;

/** @returns null for anything but a figure that exists and a subject of letters, digits, `-` and `~` */
export function readNumber(search: URLSearchParams): OpenNumber | null {
  const [figure = "", subject = ""] = (search.get("number") ?? "").split(".", 2);
  return isFigure(figure) && /^[\w~-]{1,90}$/.test(subject) ? { figure, subject } : null;
}
