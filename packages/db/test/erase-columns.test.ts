import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@xianfeng/stack/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/migrate.ts";

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.owner);
  client = new pg.Client({ connectionString: database.owner });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

/** Columns that can hold what somebody typed or what names somebody: an erasure deletes the row or empties the column. */
const erased: Record<string, string> = {
  attendance_note: "reason",
  audit_event: "reason",
  auth_account: "id account_id provider_id user_id access_token refresh_token id_token scope password",
  auth_session: "id token ip_address user_agent user_id",
  auth_user: "id name email image username display_username",
  auth_verification: "identifier value",
  call_count: "who",
  evaluation_report: "reason note",
  import_batch: "file_name parameters",
  import_row: "cells problems",
  meeting_body: "title place agenda minutes void_reason",
  message_preference: "channel",
  outbox_message: "subject body href last_error provider_id",
  person: "sex ethnicity education",
  person_private:
    "name pinyin initials student_no id_number_enc id_number_hmac id_number_mask phone_enc phone_mask data_key_id mail_enc mail_mask",
  principal: "user_id display_name",
  reveal_log: "note",
  sanction: "kind",
  sign_in_wait: "username",
  todo: "title detail",
};

/** Columns that hold codes, ids, digests and names of organisations: nothing of a person. */
const impersonal: Record<string, string> = {
  attendance: "identity_then state source",
  attendance_note: "kind state_before state_after",
  audit_event: "action subject_kind subject_id clause fields request_id",
  audit_redaction: "rows_digest",
  audit_seal: "previous rows_digest digest",
  auth_verification: "id",
  call_count: "what",
  erasure: "state reason counts",
  evaluation_report: "state",
  evaluation_result: "population_kind subject_kind subject_id indicator_code",
  evaluation_run: "state close_lsn digest",
  evaluation_value: "subject_kind subject_id indicator_code",
  import_batch: "kind state file_hash",
  import_row: "state",
  indicator: "code title source",
  meeting: "kind audience state",
  membership: "kind cause_kind cause_id",
  obligation: "duty_key subject_kind subject_id period_key state fulfilled_by_kind fulfilled_by_id",
  org_succession: "kind",
  org_version: "full_name kind",
  outbox_message: "dedupe_key channel state kind",
  party_group: "name",
  party_org: "kind code short_name full_name category",
  party_org_path: "path",
  person_status: "identity",
  post: "kind",
  principal: "kind",
  reveal_log: "field reason",
  role: "code title",
  role_permission: "permission",
  rule_parameter: "key value severity document article",
  scheme_item: "direction missing",
  scheme_version: "code formula_key tie",
  tenant: "code",
  todo: "dedupe_key kind subject_kind subject_id assignee_role href",
};

const listed = (table: Record<string, string>) =>
  Object.entries(table).flatMap(([name, columns]) => columns.split(" ").map((column) => `${name}.${column}`));

test("ERA11: every column that can hold words is either emptied by an erasure or known to hold nothing of a person", async () => {
  const { rows } = await client.query<{ column: string }>(
    `select c.relname || '.' || a.attname as "column" from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
       and t.typlen = -1 and t.typname not in ('numeric', '_uuid') and c.relname <> '_prisma_migrations'`,
  );
  const there = rows.map((row) => row.column).sort();
  expect(there).toEqual([...listed(erased), ...listed(impersonal)].sort());
});

test("ERA12: the clean-up writes every table anew that an erasure empties", () => {
  const cleaned = readFileSync(join(import.meta.dirname, "../../stack/src/erase-postgres.ts"), "utf8");
  for (const table of Object.keys(erased)) expect(cleaned).toContain(`"${table}"`);
});
