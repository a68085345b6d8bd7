import type { OrgName } from "../domain.ts";

/** One roll-up of records in a month: of an organisation's own, or of all that the reader may see. */
export type WallRow = {
  orgId: number | null;
  month: string;
  measure: string;
  category: string;
  num: number | null;
  den: number | null;
};

/** A count on the wall: 1–4 people are not shown. */
export type WallCount = number | "hidden";

export type Wall = {
  month: string;
  quarter: string[];
  months: string[];
  members: { total: WallCount; full: WallCount; probationary: WallCount };
  orgs: { total: number; committees: number; generalBranches: number; branches: number };
  meetings: { month: number; quarter: number; byKind: { kind: string; month: number; quarter: number }[] };
  attendance: { num: number; den: number } | null;
  attendanceByMonth: { month: string; num: number; den: number }[];
  duties: { unit: string; month: string; total: number; inTime: number; overdue: number }[];
  units: { id: string; name: string; category: string }[];
};

const small = 5;
const hide = (value: number): WallCount => (value > 0 && value < small ? "hidden" : value);

const kinds = ["member_meeting", "branch_committee_meeting", "group_meeting", "party_lesson", "theme_day"];
const order = ["staff", "graduate", "undergraduate", "mixed", "retired"];

/** Months of the year, and those of the quarter in which `today` lies. */
export function calendarOf(today: string): { month: string; quarter: string[]; months: string[] } {
  const year = today.slice(0, 4);
  const months = Array.from({ length: 12 }, (_, index) => `${year}-${String(index + 1).padStart(2, "0")}`);
  const first = Math.floor((Number(today.slice(5, 7)) - 1) / 3) * 3;
  return { month: today.slice(0, 7), quarter: months.slice(first, first + 3), months };
}

/**
 * The figures of the wall from the monthly roll-ups. Those that are added up to each other come from one reading.
 * A part of the members that is too small is hidden together with the other one: the total would give it away.
 */
export function prepareWall(rows: readonly WallRow[], names: Record<number, OrgName>, today: string): Wall {
  const { month, quarter, months } = calendarOf(today);
  const sum = (keep: (row: WallRow) => boolean, part: "num" | "den" = "num") =>
    rows.filter(keep).reduce((total, row) => total + (row[part] ?? 0), 0);
  const held = (within: readonly string[], kind?: string) =>
    sum(
      (row) =>
        row.measure === "meetings_held" && within.includes(row.month) && (kind === undefined || row.category === kind),
    );
  const members = (identity: string) =>
    sum((row) => row.measure === "members" && row.month === month && row.category === identity);
  const attended = (within: readonly string[]) => {
    const keep = (row: WallRow) => row.measure === "attendance" && within.includes(row.month);
    return { num: sum(keep), den: sum(keep, "den") };
  };
  const [full, probationary] = [members("full_member"), members("probationary_member")];
  const partHidden = [full, probationary].some((part) => hide(part) === "hidden");
  const quarterly = attended(quarter);
  const orgs = Object.entries(names);
  const ofKind = (...wanted: string[]) => orgs.filter(([, org]) => wanted.includes(org.kind)).length;
  const branchKinds = ["branch", "joint_branch", "temporary_branch", "floating_branch"];
  return {
    month,
    quarter,
    months,
    members: {
      total: hide(full + probationary),
      full: partHidden ? "hidden" : full,
      probationary: partHidden ? "hidden" : probationary,
    },
    orgs: {
      total: orgs.length,
      committees: ofKind("committee"),
      generalBranches: ofKind("general_branch"),
      branches: ofKind(...branchKinds),
    },
    meetings: {
      month: held([month]),
      quarter: held(quarter),
      byKind: kinds.map((kind) => ({ kind, month: held([month], kind), quarter: held(quarter, kind) })),
    },
    attendance: quarterly.den > 0 ? quarterly : null,
    attendanceByMonth: months.map((one) => ({ month: one, ...attended([one]) })),
    duties: dutiesOf(rows, months),
    units: orgs
      .filter(([, org]) => branchKinds.includes(org.kind))
      .map(([id, org]) => ({ id, name: org.shortName, category: org.category }))
      .sort((a, b) => order.indexOf(a.category) - order.indexOf(b.category) || a.name.localeCompare(b.name, "zh-CN")),
  };
}

function dutiesOf(rows: readonly WallRow[], months: readonly string[]): Wall["duties"] {
  const counts = new Map<string, Wall["duties"][number]>();
  for (const row of rows) {
    if (row.measure !== "duties" || row.orgId === null || !months.includes(row.month)) continue;
    const key = `${row.orgId} ${row.month}`;
    const count = counts.get(key) ?? { unit: String(row.orgId), month: row.month, total: 0, inTime: 0, overdue: 0 };
    counts.set(key, { ...count, total: count.total + (row.den ?? 0), inTime: count.inTime + (row.num ?? 0) });
  }
  return [...counts.values()];
}
