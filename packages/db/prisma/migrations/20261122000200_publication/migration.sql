-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
-- Whole tables only. STORAGE PLAIN: a value stored out of line would be missing from the log when its row changes elsewhere.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'xianfeng_cdc') THEN
    CREATE PUBLICATION xianfeng_cdc WITH (publish_via_partition_root = true);
  END IF;
END $$;

-- A row of the warehouse is found by its key alone, so a key never changes.
CREATE OR REPLACE FUNCTION forbid_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the primary key of % cannot be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- tenant
ALTER TABLE "tenant"
  ALTER COLUMN "code" SET STORAGE PLAIN;
ALTER TABLE "tenant" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "tenant" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "tenant" TO xf_stream;

-- party_org
ALTER TABLE "party_org"
  ALTER COLUMN "kind" SET STORAGE PLAIN,
  ALTER COLUMN "code" SET STORAGE PLAIN,
  ALTER COLUMN "short_name" SET STORAGE PLAIN,
  ALTER COLUMN "full_name" SET STORAGE PLAIN,
  ALTER COLUMN "category" SET STORAGE PLAIN;
ALTER TABLE "party_org" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "party_org" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "party_org" TO xf_stream;

-- org_version
ALTER TABLE "org_version"
  ALTER COLUMN "full_name" SET STORAGE PLAIN,
  ALTER COLUMN "kind" SET STORAGE PLAIN;
ALTER TABLE "org_version" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "org_version" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "org_version" TO xf_stream;

-- org_succession
ALTER TABLE "org_succession"
  ALTER COLUMN "kind" SET STORAGE PLAIN;
ALTER TABLE "org_succession" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "org_succession" FOR EACH ROW
  WHEN (OLD."from_org_id" IS DISTINCT FROM NEW."from_org_id" OR OLD."to_org_id" IS DISTINCT FROM NEW."to_org_id" OR OLD."kind" IS DISTINCT FROM NEW."kind" OR OLD."on_date" IS DISTINCT FROM NEW."on_date") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "org_succession" TO xf_stream;

-- person
ALTER TABLE "person"
  ALTER COLUMN "sex" SET STORAGE PLAIN,
  ALTER COLUMN "ethnicity" SET STORAGE PLAIN,
  ALTER COLUMN "education" SET STORAGE PLAIN;
ALTER TABLE "person" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "person" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "person" TO xf_stream;

-- membership
ALTER TABLE "membership"
  ALTER COLUMN "kind" SET STORAGE PLAIN,
  ALTER COLUMN "cause_kind" SET STORAGE PLAIN,
  ALTER COLUMN "cause_id" SET STORAGE PLAIN;
ALTER TABLE "membership" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "membership" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "membership" TO xf_stream;

-- person_status
ALTER TABLE "person_status"
  ALTER COLUMN "identity" SET STORAGE PLAIN;
ALTER TABLE "person_status" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "person_status" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "person_status" TO xf_stream;

-- post
ALTER TABLE "post"
  ALTER COLUMN "kind" SET STORAGE PLAIN;
ALTER TABLE "post" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "post" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "post" TO xf_stream;

-- meeting
ALTER TABLE "meeting"
  ALTER COLUMN "kind" SET STORAGE PLAIN,
  ALTER COLUMN "audience" SET STORAGE PLAIN,
  ALTER COLUMN "state" SET STORAGE PLAIN;
ALTER TABLE "meeting" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "meeting" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "meeting" TO xf_stream;

-- attendance
ALTER TABLE "attendance"
  ALTER COLUMN "identity_then" SET STORAGE PLAIN,
  ALTER COLUMN "state" SET STORAGE PLAIN,
  ALTER COLUMN "source" SET STORAGE PLAIN;
ALTER TABLE "attendance" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "attendance" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "attendance" TO xf_stream;

-- rule_parameter
ALTER TABLE "rule_parameter"
  ALTER COLUMN "key" SET STORAGE PLAIN,
  ALTER COLUMN "value" SET STORAGE PLAIN,
  ALTER COLUMN "severity" SET STORAGE PLAIN,
  ALTER COLUMN "document" SET STORAGE PLAIN,
  ALTER COLUMN "article" SET STORAGE PLAIN;
ALTER TABLE "rule_parameter" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "rule_parameter" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "rule_parameter" TO xf_stream;

-- obligation
ALTER TABLE "obligation"
  ALTER COLUMN "duty_key" SET STORAGE PLAIN,
  ALTER COLUMN "subject_kind" SET STORAGE PLAIN,
  ALTER COLUMN "subject_id" SET STORAGE PLAIN,
  ALTER COLUMN "period_key" SET STORAGE PLAIN,
  ALTER COLUMN "state" SET STORAGE PLAIN,
  ALTER COLUMN "fulfilled_by_kind" SET STORAGE PLAIN,
  ALTER COLUMN "fulfilled_by_id" SET STORAGE PLAIN;
ALTER TABLE "obligation" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "obligation" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "obligation" TO xf_stream;

-- indicator
ALTER TABLE "indicator"
  ALTER COLUMN "code" SET STORAGE PLAIN,
  ALTER COLUMN "title" SET STORAGE PLAIN,
  ALTER COLUMN "source" SET STORAGE PLAIN;
ALTER TABLE "indicator" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "indicator" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "indicator" TO xf_stream;

-- scheme_version
ALTER TABLE "scheme_version"
  ALTER COLUMN "code" SET STORAGE PLAIN,
  ALTER COLUMN "formula_key" SET STORAGE PLAIN,
  ALTER COLUMN "tie" SET STORAGE PLAIN;
ALTER TABLE "scheme_version" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "scheme_version" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "scheme_version" TO xf_stream;

-- scheme_item
ALTER TABLE "scheme_item"
  ALTER COLUMN "direction" SET STORAGE PLAIN,
  ALTER COLUMN "missing" SET STORAGE PLAIN;
ALTER TABLE "scheme_item" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "scheme_item" FOR EACH ROW
  WHEN (OLD."scheme_version_id" IS DISTINCT FROM NEW."scheme_version_id" OR OLD."indicator_id" IS DISTINCT FROM NEW."indicator_id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "scheme_item" TO xf_stream;

-- evaluation_period
ALTER TABLE "evaluation_period" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "evaluation_period" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "evaluation_period" TO xf_stream;

-- evaluation_branch
ALTER TABLE "evaluation_branch" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "evaluation_branch" FOR EACH ROW
  WHEN (OLD."period_id" IS DISTINCT FROM NEW."period_id" OR OLD."org_id" IS DISTINCT FROM NEW."org_id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "evaluation_branch" TO xf_stream;

-- evaluation_entry
ALTER TABLE "evaluation_entry" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "evaluation_entry" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "evaluation_entry" TO xf_stream;

-- evaluation_run
ALTER TABLE "evaluation_run"
  ALTER COLUMN "state" SET STORAGE PLAIN,
  ALTER COLUMN "close_lsn" SET STORAGE PLAIN,
  ALTER COLUMN "digest" SET STORAGE PLAIN;
ALTER TABLE "evaluation_run" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "evaluation_run" FOR EACH ROW
  WHEN (OLD."id" IS DISTINCT FROM NEW."id") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "evaluation_run" TO xf_stream;

-- evaluation_value
ALTER TABLE "evaluation_value"
  ALTER COLUMN "subject_kind" SET STORAGE PLAIN,
  ALTER COLUMN "subject_id" SET STORAGE PLAIN,
  ALTER COLUMN "indicator_code" SET STORAGE PLAIN;
ALTER TABLE "evaluation_value" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "evaluation_value" FOR EACH ROW
  WHEN (OLD."run_id" IS DISTINCT FROM NEW."run_id" OR OLD."subject_kind" IS DISTINCT FROM NEW."subject_kind" OR OLD."subject_id" IS DISTINCT FROM NEW."subject_id" OR OLD."indicator_code" IS DISTINCT FROM NEW."indicator_code") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "evaluation_value" TO xf_stream;

-- evaluation_result
ALTER TABLE "evaluation_result"
  ALTER COLUMN "population_kind" SET STORAGE PLAIN,
  ALTER COLUMN "subject_kind" SET STORAGE PLAIN,
  ALTER COLUMN "subject_id" SET STORAGE PLAIN,
  ALTER COLUMN "indicator_code" SET STORAGE PLAIN;
ALTER TABLE "evaluation_result" REPLICA IDENTITY DEFAULT;
CREATE OR REPLACE TRIGGER key_is_fixed BEFORE UPDATE ON "evaluation_result" FOR EACH ROW
  WHEN (OLD."run_id" IS DISTINCT FROM NEW."run_id" OR OLD."population_kind" IS DISTINCT FROM NEW."population_kind" OR OLD."population_org_id" IS DISTINCT FROM NEW."population_org_id" OR OLD."subject_kind" IS DISTINCT FROM NEW."subject_kind" OR OLD."subject_id" IS DISTINCT FROM NEW."subject_id" OR OLD."indicator_code" IS DISTINCT FROM NEW."indicator_code") EXECUTE FUNCTION forbid_key_change();
GRANT SELECT ON "evaluation_result" TO xf_stream;

ALTER PUBLICATION xianfeng_cdc SET TABLE
  "tenant",
  "party_org",
  "org_version",
  "org_succession",
  "person",
  "membership",
  "person_status",
  "post",
  "meeting",
  "attendance",
  "rule_parameter",
  "obligation",
  "indicator",
  "scheme_version",
  "scheme_item",
  "evaluation_period",
  "evaluation_branch",
  "evaluation_entry",
  "evaluation_run",
  "evaluation_value",
  "evaluation_result";
