-- Erasing a person: asked for by one, carried out by another, and a receipt that says that it happened, not what was there.
-- `person_id` is no foreign key: a receipt outlives a restored backup in which the person does not exist yet.
CREATE TABLE "erasure" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "org_id" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'requested',
    "reason" TEXT NOT NULL,
    "requested_by" UUID NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "counts" JSONB NOT NULL DEFAULT '{}',
    "cleaned_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erasure_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "erasure_tenant_id_org_id_idx" ON "erasure"("tenant_id", "org_id");
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE erasure ADD CONSTRAINT erasure_state CHECK (state IN ('requested', 'carried_out', 'refused', 'withdrawn'));
ALTER TABLE erasure ADD CONSTRAINT erasure_reason CHECK (reason IN
  ('purpose_over', 'retention_over', 'consent_withdrawn', 'unlawful', 'other_law'));
-- Nobody carries out what he asked for himself.
ALTER TABLE erasure ADD CONSTRAINT erasure_two_people CHECK
  (state = 'requested' OR state = 'withdrawn' OR (decided_by IS NOT NULL AND decided_by <> requested_by AND decided_at IS NOT NULL));
CREATE UNIQUE INDEX erasure_open ON erasure (tenant_id, person_id) WHERE state = 'requested';
CREATE UNIQUE INDEX erasure_done ON erasure (tenant_id, person_id) WHERE state = 'carried_out';
REVOKE DELETE ON erasure FROM xf_app;

-- A receipt is written once: only the time of its clean-up comes later.
CREATE FUNCTION forbid_change_of_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'requested' AND (NEW.state, NEW.person_id, NEW.tenant_id, NEW.reason, NEW.requested_by, NEW.decided_by, NEW.decided_at)
    IS DISTINCT FROM (OLD.state, OLD.person_id, OLD.tenant_id, OLD.reason, OLD.requested_by, OLD.decided_by, OLD.decided_at) THEN
    RAISE EXCEPTION 'the receipt of an erasure cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER receipt BEFORE UPDATE ON erasure FOR EACH ROW EXECUTE FUNCTION forbid_change_of_receipt();

-- The words of an erased person leave sealed rows of the trail. What the rows of such a seal hash to afterwards.
CREATE TABLE "audit_redaction" (
    "tenant_id" INTEGER NOT NULL,
    "seal_no" INTEGER NOT NULL,
    "erasure_id" UUID NOT NULL,
    "rows_digest" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_redaction_pkey" PRIMARY KEY ("tenant_id", "seal_no", "erasure_id")
);
ALTER TABLE "audit_redaction" ADD CONSTRAINT "audit_redaction_erasure_id_fkey" FOREIGN KEY ("erasure_id") REFERENCES "erasure"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE audit_redaction ADD CONSTRAINT audit_redaction_digest CHECK (rows_digest ~ '^[0-9a-f]{64}$');
REVOKE UPDATE, DELETE ON audit_redaction FROM xf_app;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['erasure', 'audit_redaction'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I FOR ALL TO xf_app USING (tenant_id = current_setting(''app.tenant_id'')::int) WITH CHECK (tenant_id = current_setting(''app.tenant_id'')::int)', t);
  END LOOP;
END $$;

-- Takes everything personal of the person of a decided erasure out of the database; ids, dates and figures stay. It may be repeated.
-- Runs with the rights of the owner, because sealed and append-only tables are among them, and therefore does nothing without a decision.
-- numbers: what only the application can decrypt (ID number, phone, mail), to be found in texts.
-- Answers how many rows of each table were changed.
CREATE FUNCTION erase_person(decision uuid, numbers text[]) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  e erasure%ROWTYPE;
  persons uuid[];
  principals uuid[];
  users text[];
  meetings uuid[];
  names text[];
  words text[];
  word text;
  place record;
  n bigint;
  today date;
  counts jsonb := '{}';
BEGIN
  SELECT * INTO e FROM erasure WHERE id = decision AND state = 'carried_out' AND tenant_id = current_setting('app.tenant_id')::int;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'nobody has decided on the erasure %', decision USING ERRCODE = 'restrict_violation';
  END IF;

  -- Duplicates that were merged into the person are the person.
  WITH RECURSIVE same(id) AS (
    SELECT e.person_id
    UNION SELECT p.id FROM person p JOIN same s ON p.merged_into_id = s.id WHERE p.tenant_id = e.tenant_id
  ) SELECT array_agg(id) INTO persons FROM same;
  SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(user_id) FILTER (WHERE user_id IS NOT NULL), '{}')
    INTO principals, users FROM principal WHERE tenant_id = e.tenant_id AND person_id = ANY(persons);
  SELECT coalesce(array_agg(DISTINCT meeting_id), '{}') INTO meetings FROM attendance WHERE tenant_id = e.tenant_id AND person_id = ANY(persons);

  -- A name is taken out of texts when nobody else bears it, alone or as a part of a longer one.
  SELECT coalesce(array_agg(DISTINCT own.name), '{}') INTO names FROM person_private own
    WHERE own.tenant_id = e.tenant_id AND own.person_id = ANY(persons) AND char_length(own.name) >= 2
      AND NOT EXISTS (SELECT FROM person_private other WHERE other.tenant_id = e.tenant_id
                      AND other.person_id <> ALL(persons) AND position(own.name IN other.name) > 0);
  SELECT numbers || coalesce(array_agg(student_no) FILTER (WHERE char_length(student_no) >= 5), '{}') INTO words
    FROM person_private WHERE tenant_id = e.tenant_id AND person_id = ANY(persons);
  words := ARRAY(SELECT DISTINCT w FROM unnest(words) w WHERE char_length(w) >= 5);

  -- Rows of uploads hold what was uploaded, those that were refused too.
  UPDATE import_row r SET
      cells = CASE jsonb_typeof(cells) WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(key, ''), '{}') FROM jsonb_object_keys(cells) key) ELSE '{}' END,
      problems = CASE state WHEN 'applied' THEN '[]' ELSE '[{"column": "name", "code": "erased", "message": "已按规定删除"}]' END::jsonb,
      state = CASE state WHEN 'applied' THEN state ELSE 'refused' END
    WHERE tenant_id = e.tenant_id
      AND CASE jsonb_typeof(cells) WHEN 'object' THEN EXISTS (SELECT FROM jsonb_each_text(cells) WHERE value <> '') ELSE cells <> '{}' END
      AND (person_id = ANY(persons) OR EXISTS (SELECT FROM unnest(words || names) w WHERE position(w IN r.cells::text) > 0 OR position(w IN r.problems::text) > 0));
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('import_row', n);
  UPDATE import_batch b SET parameters = jsonb_set(parameters, '{sheet}', '""')
    WHERE tenant_id = e.tenant_id AND EXISTS (SELECT FROM unnest(words || names) w WHERE position(w IN b.parameters::text) > 0);

  -- Messages to the person go; so does what others wrote about the person.
  UPDATE outbox_message SET subject = '', body = '', href = NULL, last_error = NULL, provider_id = NULL,
      state = CASE WHEN channel = 'mail' AND state IN ('waiting', 'not_configured', 'failed') THEN 'dropped' ELSE state END
    WHERE tenant_id = e.tenant_id AND principal_id = ANY(principals) AND (subject <> '' OR body <> '' OR href IS NOT NULL);
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('outbox_message', n);
  UPDATE attendance_note SET reason = '' WHERE tenant_id = e.tenant_id AND reason <> ''
    AND attendance_id IN (SELECT id FROM attendance WHERE tenant_id = e.tenant_id AND person_id = ANY(persons));
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('attendance_note', n);
  UPDATE reveal_log SET note = NULL WHERE tenant_id = e.tenant_id AND person_id = ANY(persons) AND note IS NOT NULL;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('reveal_log', n);
  DELETE FROM sanction WHERE tenant_id = e.tenant_id AND person_id = ANY(persons);
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('sanction', n);
  UPDATE audit_event SET reason = NULL WHERE tenant_id = e.tenant_id AND reason IS NOT NULL AND (
    (subject_kind = 'person' AND subject_id = ANY(persons::text[]) AND action NOT LIKE 'erasure.%')
    OR EXISTS (SELECT FROM unnest(words || names) w WHERE position(w IN reason) > 0));
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('audit_event', n);

  -- Texts keep their length. A name of two characters is taken out of the person's own meetings only: elsewhere it may be a word.
  FOR place IN SELECT * FROM (VALUES
      ('meeting_body', 'title'), ('meeting_body', 'place'), ('meeting_body', 'agenda'), ('meeting_body', 'minutes'), ('meeting_body', 'void_reason'),
      ('attendance_note', 'reason'), ('reveal_log', 'note'), ('todo', 'title'), ('todo', 'detail'), ('outbox_message', 'subject'),
      ('outbox_message', 'body'), ('evaluation_report', 'reason'), ('evaluation_report', 'note'), ('import_batch', 'file_name')) AS t(tab, col)
  LOOP
    n := 0;
    FOREACH word IN ARRAY words || ARRAY(SELECT w FROM unnest(names) w WHERE char_length(w) > 2 OR place.tab = 'meeting_body') LOOP
      DECLARE changed bigint;
      BEGIN
        EXECUTE format('UPDATE %1$I SET %2$I = replace(%2$I, $1, repeat(''＊'', char_length($1))) WHERE tenant_id = $2 AND position($1 IN %2$I) > 0 %3$s',
          place.tab, place.col, CASE WHEN char_length(word) = 2 THEN 'AND meeting_id = ANY($3)' ELSE 'AND $3 IS NOT NULL' END)
          USING word, e.tenant_id, meetings;
        GET DIAGNOSTICS changed = ROW_COUNT;
        n := n + changed;
      END;
    END LOOP;
    IF n > 0 THEN counts := counts || jsonb_build_object(place.tab || '.' || place.col, n); END IF;
  END LOOP;

  -- The account.
  DELETE FROM sign_in_wait WHERE username IN (SELECT username FROM auth_user WHERE id = ANY(users));
  DELETE FROM auth_verification WHERE identifier IN
    (SELECT unnest(ARRAY[email, username]) FROM auth_user WHERE id = ANY(users));
  DELETE FROM call_count WHERE who = ANY(principals::text[]);
  DELETE FROM message_preference WHERE tenant_id = e.tenant_id AND principal_id = ANY(principals);
  UPDATE principal SET display_name = '已删除', user_id = NULL, disabled_at = coalesce(disabled_at, now())
    WHERE tenant_id = e.tenant_id AND id = ANY(principals);
  DELETE FROM auth_user WHERE id = ANY(users);
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('auth_user', n);

  -- From that day on nobody is there: what holds without an end, ends. Sealed figures are copies and stay.
  today := (e.decided_at AT TIME ZONE 'Asia/Shanghai')::date;
  WITH old AS (
    UPDATE membership SET superseded_at = e.decided_at WHERE tenant_id = e.tenant_id AND person_id = ANY(persons)
      AND superseded_at IS NULL AND (valid_to IS NULL OR valid_to > today) RETURNING *
  ) INSERT INTO membership (tenant_id, person_id, org_id, group_id, kind, cause_kind, valid_from, valid_to, recorded_at)
    SELECT tenant_id, person_id, org_id, group_id, kind, 'erasure', valid_from, today, e.decided_at FROM old WHERE valid_from < today;
  WITH old AS (
    UPDATE person_status SET superseded_at = e.decided_at WHERE tenant_id = e.tenant_id AND person_id = ANY(persons)
      AND superseded_at IS NULL AND (valid_to IS NULL OR valid_to > today) RETURNING *
  ) INSERT INTO person_status (tenant_id, person_id, identity, valid_from, valid_to, recorded_at)
    SELECT tenant_id, person_id, identity, valid_from, today, e.decided_at FROM old WHERE valid_from < today;
  WITH old AS (
    UPDATE post SET superseded_at = e.decided_at WHERE tenant_id = e.tenant_id AND person_id = ANY(persons)
      AND superseded_at IS NULL AND (valid_to IS NULL OR valid_to > today) RETURNING *
  ) INSERT INTO post (tenant_id, person_id, org_id, kind, valid_from, valid_to, recorded_at)
    SELECT tenant_id, person_id, org_id, kind, valid_from, today, e.decided_at FROM old WHERE valid_from < today;

  -- The person: what says who it was, and what could tell it in a small branch.
  UPDATE person SET birth_year = NULL, sex = NULL, ethnicity = NULL, education = NULL, version = version + 1
    WHERE tenant_id = e.tenant_id AND id = ANY(persons)
      AND (birth_year IS NOT NULL OR sex IS NOT NULL OR ethnicity IS NOT NULL OR education IS NOT NULL);
  DELETE FROM person_private WHERE tenant_id = e.tenant_id AND person_id = ANY(persons);
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || jsonb_build_object('person_private', n);
  RETURN counts;
END $$;
REVOKE ALL ON FUNCTION erase_person(uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_person(uuid, text[]) TO xf_app;

-- Roles are rows since the first start: those that exist learn what is new.
INSERT INTO role_permission (role_id, permission, tenant_id)
  SELECT role.id, added.permission, role.tenant_id
  FROM role JOIN (VALUES
    ('committee_admin', 'erasure.request'), ('committee_admin', 'erasure.decide'),
    ('branch_secretary', 'erasure.request'), ('branch_admin', 'erasure.request')) AS added (role, permission) ON added.role = role.code
  ON CONFLICT DO NOTHING;
