-- What the Prisma schema cannot say: roles, row security, exclusion of overlapping dates, checks, append-only tables.

CREATE EXTENSION IF NOT EXISTS btree_gist;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'xf_app') THEN CREATE ROLE xf_app NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'xf_stream') THEN CREATE ROLE xf_stream NOLOGIN REPLICATION BYPASSRLS; END IF;
END $$;

GRANT USAGE ON SCHEMA public TO xf_app, xf_stream;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO xf_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO xf_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO xf_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO xf_app;
REVOKE ALL ON _prisma_migrations FROM xf_app;

-- Sealed and recorded things are written once.
REVOKE UPDATE, DELETE ON evaluation_value, evaluation_result, audit_event, attendance_note, reveal_log FROM xf_app;

-- Row security is the second line: a statement outside a transaction that named its tenant fails instead of seeing nothing.
DO $$
DECLARE t text;
BEGIN
  FOR t IN
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_name NOT LIKE 'auth\_%'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I FOR ALL TO xf_app USING (tenant_id = current_setting(''app.tenant_id'')::int) WITH CHECK (tenant_id = current_setting(''app.tenant_id'')::int)', t);
  END LOOP;
END $$;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenant FOR ALL TO xf_app USING (id = current_setting('app.tenant_id')::int);

-- Two facts of one kind about one subject never overlap; a correction supersedes the old row.
ALTER TABLE membership ADD CONSTRAINT membership_one_direct
  EXCLUDE USING gist (person_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL AND kind = 'direct');
ALTER TABLE person_status ADD CONSTRAINT person_status_one
  EXCLUDE USING gist (person_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL);
ALTER TABLE org_version ADD CONSTRAINT org_version_one
  EXCLUDE USING gist (org_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL);
ALTER TABLE post ADD CONSTRAINT post_one
  EXCLUDE USING gist (person_id WITH =, org_id WITH =, kind WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL);

ALTER TABLE membership ADD CONSTRAINT membership_dates CHECK (valid_to IS NULL OR valid_to > valid_from);
ALTER TABLE person_status ADD CONSTRAINT person_status_dates CHECK (valid_to IS NULL OR valid_to > valid_from);
ALTER TABLE membership ADD CONSTRAINT membership_kind CHECK (kind IN ('direct', 'flow_in', 'part_time'));
ALTER TABLE person_status ADD CONSTRAINT person_status_identity CHECK (identity IN
  ('masses', 'applicant', 'activist', 'development_target', 'probationary_member', 'full_member', 'left'));
ALTER TABLE party_org ADD CONSTRAINT party_org_kind CHECK (kind IN
  ('committee', 'general_branch', 'branch', 'joint_branch', 'temporary_branch', 'floating_branch'));
ALTER TABLE party_org ADD CONSTRAINT party_org_length CHECK (length(full_name) <= 200 AND length(short_name) <= 60 AND length(code) <= 40);
ALTER TABLE org_version ADD CONSTRAINT org_version_length CHECK (length(full_name) <= 200);
ALTER TABLE person ADD CONSTRAINT person_sex CHECK (sex IN ('male', 'female'));
ALTER TABLE person ADD CONSTRAINT person_birth_year CHECK (birth_year BETWEEN 1900 AND 2100);
ALTER TABLE person ADD CONSTRAINT person_not_merged_into_itself CHECK (merged_into_id IS DISTINCT FROM id);

ALTER TABLE meeting ADD CONSTRAINT meeting_kind CHECK (kind IN
  ('member_meeting', 'branch_committee_meeting', 'group_meeting', 'party_lesson', 'theme_day'));
ALTER TABLE meeting ADD CONSTRAINT meeting_state CHECK (state IN ('draft', 'published', 'closed'));
ALTER TABLE meeting ADD CONSTRAINT meeting_audience CHECK (audience IN ('all_members', 'committee', 'group', 'chosen'));
ALTER TABLE meeting ADD CONSTRAINT meeting_times CHECK (ends_at > starts_at AND check_in_opens_at <= starts_at AND late_after >= starts_at);
ALTER TABLE meeting ADD CONSTRAINT meeting_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL));
ALTER TABLE meeting_body ADD CONSTRAINT meeting_body_length CHECK (length(title) <= 120 AND length(place) <= 120 AND length(agenda) <= 5000 AND length(minutes) <= 50000);
ALTER TABLE attendance ADD CONSTRAINT attendance_state CHECK (state IN ('pending', 'on_time', 'late', 'leave', 'absent'));
ALTER TABLE attendance ADD CONSTRAINT attendance_check_out CHECK (checked_out_at IS NULL OR checked_in_at IS NOT NULL);

ALTER TABLE indicator ADD CONSTRAINT indicator_source CHECK (source IN ('derived', 'imported'));
ALTER TABLE scheme_version ADD CONSTRAINT scheme_top_share CHECK (top_share_bp BETWEEN 1 AND 10000);
ALTER TABLE scheme_item ADD CONSTRAINT scheme_item_weight CHECK (weight > 0);
ALTER TABLE evaluation_period ADD CONSTRAINT evaluation_period_dates CHECK (ends_on > starts_on);
ALTER TABLE evaluation_entry ADD CONSTRAINT evaluation_entry_percent CHECK (value_bp BETWEEN 0 AND 10000);
ALTER TABLE evaluation_run ADD CONSTRAINT evaluation_run_state CHECK (state IN ('live', 'waiting', 'preview', 'sealed', 'discarded'));
ALTER TABLE evaluation_value ADD CONSTRAINT evaluation_value_pair CHECK ((value_num IS NULL) = (value_den IS NULL) AND (value_den IS NULL OR value_den > 0));
ALTER TABLE evaluation_report ADD CONSTRAINT evaluation_report_state CHECK (state IN ('published', 'retracted'));

-- One live computation for each period.
CREATE UNIQUE INDEX evaluation_run_live ON evaluation_run (period_id) WHERE state = 'live';
-- A sealed run stays as it is: only its report may change state.
CREATE FUNCTION forbid_change_of_sealed_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'sealed' THEN
    RAISE EXCEPTION 'a sealed evaluation run cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER sealed BEFORE UPDATE OR DELETE ON evaluation_run FOR EACH ROW EXECUTE FUNCTION forbid_change_of_sealed_run();
