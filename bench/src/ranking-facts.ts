import type pg from "pg";
import { committee, period, rollUp, runId, tenantId } from "./ranking-questions.ts";

const members = 50;

/**
 * Fills PostgreSQL with one college: a branch for each 10,000 rows, at least 100, 50 members in each, meetings of 50 over three years
 * until there are enough rows, and one evaluation by attendance. Then indexes made for the questions.
 * @returns branches
 */
export async function fill(owner: pg.Client, thousands: number): Promise<number> {
  const branches = Math.max(100, thousands / 10);
  const meetings = (thousands * 1_000) / members;
  // Keys grow with time, as those of the product do.
  const id = (kind: number, from: string) =>
    `('0000${kind}000-0000-7000-8000-' || lpad(to_hex((${from})::bigint), 12, '0'))::uuid`;
  const evaluated = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
  const statements = [
    "SET session_replication_role = replica",
    `INSERT INTO tenant (id, code, tree_version, root_org_id, updated_at) VALUES (${tenantId}, 'bench', 1, ${committee}, now())`,
    `INSERT INTO party_org (id, tenant_id, parent_id, kind, code, short_name, full_name, opened_on, updated_at)
     SELECT 1 + g, ${tenantId}, CASE WHEN g > 0 THEN ${committee} END, CASE WHEN g > 0 THEN 'branch' ELSE 'committee' END, g::text,
       g || '支部', g || '支部', '2010-01-01', now() FROM generate_series(0, ${branches}) g`,
    `INSERT INTO person (id, tenant_id, updated_at) SELECT ${id(1, "g")}, ${tenantId}, now()
     FROM generate_series(0, ${branches * members - 1}) g`,
    `INSERT INTO membership (tenant_id, person_id, org_id, kind, valid_from, updated_at)
     SELECT ${tenantId}, ${id(1, "g")}, 2 + g / ${members}, 'direct', '2020-01-01', now() FROM generate_series(0, ${branches * members - 1}) g`,
    `INSERT INTO person_status (tenant_id, person_id, identity, valid_from, updated_at)
     SELECT ${tenantId}, ${id(1, "g")}, 'full_member', '2020-01-01', now() FROM generate_series(0, ${branches * members - 1}) g`,
    `INSERT INTO meeting (id, tenant_id, org_id, kind, held_on, starts_at, ends_at, check_in_opens_at, late_after, state, closed_at, created_by, updated_at)
     SELECT ${id(2, "g")}, ${tenantId}, 2 + g % ${branches}, 'theme_day', day, day + time '07:00', day + time '08:30',
       day + time '06:40', day + time '07:10', 'closed', day + time '09:00', gen_random_uuid(), now()
     FROM generate_series(0, ${meetings - 1}) g, LATERAL (SELECT date '2024-01-01' + (g * 1096::bigint / ${meetings})::int AS day) d`,
    `INSERT INTO attendance (id, tenant_id, meeting_id, person_id, org_id_then, identity_then, state, source, updated_at)
     SELECT ${id(3, `g * ${members}::bigint + k`)}, ${tenantId}, ${id(2, "g")}, ${id(1, `(g % ${branches}) * ${members} + k`)}, 2 + g % ${branches},
       'full_member', CASE WHEN h < 80 THEN 'on_time' WHEN h < 88 THEN 'late' ELSE 'absent' END, 'code', now()
     FROM generate_series(0, ${meetings - 1}) g, generate_series(0, ${members - 1}) k,
       LATERAL (SELECT abs(hashint8(g * ${members}::bigint + k)) % 100 AS h) r`,
    `INSERT INTO indicator (id, tenant_id, code, title, source, updated_at) VALUES ('${evaluated(1)}', ${tenantId}, 'attendance_rate', '出勤率', 'derived', now())`,
    `INSERT INTO scheme_version (id, tenant_id, code, updated_at) VALUES ('${evaluated(2)}', ${tenantId}, 's', now())`,
    `INSERT INTO scheme_item (scheme_version_id, indicator_id, tenant_id, weight, updated_at) VALUES ('${evaluated(2)}', '${evaluated(1)}', ${tenantId}, 100, now())`,
    `INSERT INTO evaluation_period (id, tenant_id, org_id, year, ordinal, starts_on, ends_on, updated_at)
     VALUES ('${evaluated(3)}', ${tenantId}, ${committee}, 2026, 1, '${period.startsOn}', '${period.endsOn}', now())`,
    `INSERT INTO evaluation_branch (period_id, org_id, tenant_id, updated_at)
     SELECT '${evaluated(3)}', 1 + g, ${tenantId}, now() FROM generate_series(1, ${branches}) g`,
    `INSERT INTO evaluation_run (id, tenant_id, org_id, period_id, scheme_version_id, as_of_on, state, updated_at)
     VALUES ('${runId}', ${tenantId}, ${committee}, '${evaluated(3)}', '${evaluated(2)}', '${period.endsOn}', 'live', now())`,
    "SET session_replication_role = origin",
    "CREATE INDEX bench_attendance ON attendance (meeting_id) INCLUDE (person_id, should_attend, state)",
    "CREATE INDEX bench_meeting ON meeting (tenant_id, held_on) INCLUDE (id, org_id, state, voided_at)",
    ...["attendance", "meeting", "membership", "person_status", "person"].map((table) => `VACUUM (ANALYZE) ${table}`),
    ...rollUp,
  ];
  for (const statement of statements) await owner.query(statement);
  return branches;
}
