import type pg from "pg";

/** The rows that the rule speaks of, as PostgreSQL holds them; days as text. */
export type Rows = {
  runs: {
    id: string;
    org_id: number;
    period_id: string;
    scheme_version_id: string;
    as_of_on: string;
    previous_run_id: string | null;
    state: string;
  }[];
  periods: { id: string; starts_on: string; ends_on: string }[];
  branches: { period_id: string; org_id: number }[];
  schemes: { id: string; top_share_bp: number }[];
  items: { scheme_version_id: string; code: string; source: string; indicator_id: string; weight: number }[];
  people: { id: string; merged_into_id: string | null }[];
  statuses: { person_id: string; identity: string; valid_from: string; valid_to: string | null }[];
  memberships: { person_id: string; org_id: number; valid_from: string; valid_to: string | null }[];
  successions: { from_org_id: number; to_org_id: number; on_date: string }[];
  attendance: { person_id: string; meeting_id: string; state: string; held_on: string }[];
  entries: { id: string; period_id: string; person_id: string; indicator_id: string; value_bp: number }[];
};

const queries: { [Name in keyof Rows]: string } = {
  runs: "SELECT id, org_id, period_id, scheme_version_id, as_of_on::text, previous_run_id, state FROM evaluation_run WHERE tenant_id = $1 AND state IN ('live', 'preview') ORDER BY id",
  periods: "SELECT id, starts_on::text, ends_on::text FROM evaluation_period WHERE tenant_id = $1",
  branches: "SELECT period_id, org_id FROM evaluation_branch WHERE tenant_id = $1",
  schemes: "SELECT id, top_share_bp FROM scheme_version WHERE tenant_id = $1",
  items:
    "SELECT i.scheme_version_id, n.code, n.source, i.indicator_id, i.weight FROM scheme_item i JOIN indicator n ON n.id = i.indicator_id WHERE i.tenant_id = $1",
  people: "SELECT id, merged_into_id FROM person WHERE tenant_id = $1",
  statuses:
    "SELECT person_id, identity, valid_from::text, valid_to::text FROM person_status WHERE tenant_id = $1 AND superseded_at IS NULL",
  memberships:
    "SELECT person_id, org_id, valid_from::text, valid_to::text FROM membership WHERE tenant_id = $1 AND superseded_at IS NULL AND kind = 'direct'",
  successions:
    "SELECT from_org_id, to_org_id, on_date::text FROM org_succession WHERE tenant_id = $1 AND kind = 'merge'",
  attendance: `SELECT a.person_id, a.meeting_id, a.state, m.held_on::text FROM attendance a JOIN meeting m ON m.id = a.meeting_id
    WHERE a.tenant_id = $1 AND a.should_attend AND m.state = 'closed' AND m.voided_at IS NULL
      AND m.kind IN ('member_meeting', 'branch_committee_meeting', 'group_meeting', 'party_lesson', 'theme_day')`,
  entries: "SELECT id, period_id, person_id, indicator_id, value_bp FROM evaluation_entry WHERE tenant_id = $1",
};

/** Reads everything of one tenant in one snapshot. */
export async function readRows(client: pg.Client, tenantId: number): Promise<Rows> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    const rows: Partial<Record<keyof Rows, unknown>> = {};
    for (const [name, sql] of Object.entries(queries))
      rows[name as keyof Rows] = (await client.query(sql, [tenantId])).rows;
    return rows as Rows;
  } finally {
    await client.query("COMMIT");
  }
}
