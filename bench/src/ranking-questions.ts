/** One tenant, one committee: the root of the tree. */
export const tenantId = 1;
export const committee = 1;
export const runId = "00000000-0000-7000-8000-00000000000a";
/** The days that are evaluated: all there are. */
export const period = { startsOn: "2024-01-01", endsOn: "2026-12-31" };

/** The same asked of Cube and of PostgreSQL. Both answer with rows of the same columns, `columns`. */
export type Question = {
  name: string;
  view: "branch_ranking" | "attendance" | "meeting_months";
  permission: string;
  columns: readonly string[];
  /** Of Cube. `months`: seven months in a row, YYYY-MM; the last one is the first that is left out. */
  filters: (months: readonly string[]) => object[];
  sql: string;
  /** Whether the SQL takes the first and the last of the months. */
  takesMonths: boolean;
};

const present = `count(*) FILTER (WHERE a.should_attend AND a.state IN ('on_time', 'late'))`;
const expected = `count(*) FILTER (WHERE a.should_attend)`;
const facts = `FROM attendance a JOIN meeting m ON m.id = a.meeting_id WHERE m.tenant_id = ${tenantId} AND m.state = 'closed' AND m.voided_at IS NULL`;
const byBranch = (within: string) =>
  `SELECT m.org_id, ${expected} AS expected, ${present} AS present ${facts} ${within} GROUP BY m.org_id`;
const within = "AND m.held_on >= $1 AND m.held_on < $2";
const inMonths = (view: string) => (months: readonly string[]) => [
  { member: `${view}.month`, operator: "equals", values: months.slice(0, 6) },
];

// The rule of the ranking, as short as SQL allows: attendance rate of each member, rank in the college, members in the top fifth (ties
// in), branches by their share of them.
const ranking = `
  WITH rate AS (
    SELECT s.org_id, a.person_id, ${present}::numeric / nullif(${expected}, 0) AS rate
    FROM membership s JOIN person_status i ON i.person_id = s.person_id AND i.identity IN ('full_member', 'probationary_member')
    JOIN attendance a ON a.person_id = s.person_id JOIN meeting m ON m.id = a.meeting_id
    WHERE s.tenant_id = ${tenantId} AND s.kind = 'direct' AND m.state = 'closed' AND m.voided_at IS NULL
      AND m.held_on BETWEEN '${period.startsOn}' AND '${period.endsOn}'
    GROUP BY s.org_id, a.person_id),
  placed AS (
    SELECT org_id, rank() OVER (ORDER BY rate DESC) <= ceil(0.2 * count(*) OVER ()) AS is_top FROM rate WHERE rate IS NOT NULL),
  branch AS (SELECT org_id, count(*) FILTER (WHERE is_top) AS top, count(*) AS n FROM placed GROUP BY org_id)
  SELECT org_id, top AS members_in_top, n AS members_ranked, rank() OVER (ORDER BY top::numeric / n DESC) AS rank FROM branch`;

const attendance = { permission: "meeting.read", columns: ["org_id", "expected", "present"] };

export const questions: readonly Question[] = [
  {
    name: "the ranking of the branches by the rule, over all rows",
    view: "branch_ranking",
    permission: "ranking.read",
    columns: ["org_id", "members_in_top", "members_ranked", "rank"],
    filters: () => [
      { member: "branch_ranking.run_id", operator: "equals", values: [runId] },
      { member: "branch_ranking.indicator_code", operator: "equals", values: ["overall"] },
    ],
    sql: ranking,
    takesMonths: false,
  },
  {
    name: "attendance of the branches over all rows, from the roll-up by month",
    view: "meeting_months",
    ...attendance,
    filters: () => [],
    sql: byBranch(""),
    takesMonths: false,
  },
  {
    name: "attendance of the branches in one half-year (a sixth of the rows), from the roll-up",
    view: "meeting_months",
    ...attendance,
    filters: inMonths("meeting_months"),
    sql: byBranch(within),
    takesMonths: true,
  },
  {
    name: "attendance of the branches over all rows, added up from them",
    view: "attendance",
    ...attendance,
    filters: () => [],
    sql: byBranch(""),
    takesMonths: false,
  },
  {
    name: "attendance of the branches in one half-year, added up from the rows",
    view: "attendance",
    ...attendance,
    filters: inMonths("attendance"),
    sql: byBranch(within),
    takesMonths: true,
  },
  {
    name: "the roll-up by month on both sides (a materialised view in PostgreSQL)",
    view: "meeting_months",
    ...attendance,
    filters: () => [],
    sql: `SELECT org_id, sum(expected) AS expected, sum(present) AS present FROM bench_roll_up WHERE tenant_id = ${tenantId} GROUP BY org_id`,
    takesMonths: false,
  },
];

/** The roll-up as PostgreSQL would store it. */
export const rollUp = [
  `CREATE MATERIALIZED VIEW bench_roll_up AS SELECT m.tenant_id, m.org_id, m.kind, to_char(m.held_on, 'YYYY-MM') AS month,
     ${expected} AS expected, ${present} AS present ${facts} GROUP BY 1, 2, 3, 4`,
  "CREATE INDEX ON bench_roll_up (tenant_id, org_id) INCLUDE (expected, present)",
  "VACUUM (ANALYZE) bench_roll_up",
];
