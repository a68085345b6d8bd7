-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "auth_user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "username" TEXT,
    "display_username" TEXT,
    "tenant_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_session" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_account" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_wait" (
    "username" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "blocked_until" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sign_in_wait_pkey" PRIMARY KEY ("username")
);

-- CreateTable
CREATE TABLE "principal" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "user_id" TEXT,
    "person_id" UUID,
    "kind" TEXT NOT NULL DEFAULT 'person',
    "display_name" TEXT NOT NULL,
    "must_change_password" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "principal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_permission" (
    "role_id" UUID NOT NULL,
    "permission" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_permission_pkey" PRIMARY KEY ("role_id","permission")
);

-- CreateTable
CREATE TABLE "role_assignment" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "principal_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "org_id" INTEGER NOT NULL,
    "below" BOOLEAN NOT NULL DEFAULT false,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "delegated_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_assignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rule_parameter" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "org_id" INTEGER,
    "value" JSONB NOT NULL,
    "severity" TEXT NOT NULL,
    "document" TEXT NOT NULL,
    "article" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rule_parameter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "obligation" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "duty_key" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "org_id" INTEGER NOT NULL,
    "period_key" TEXT NOT NULL,
    "due_on" DATE NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "fulfilled_by_kind" TEXT,
    "fulfilled_by_id" TEXT,
    "fulfilled_on" DATE,
    "rule_parameter_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "obligation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "todo" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "assignee_role" TEXT NOT NULL,
    "assignee_org_id" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',
    "href" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "done_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "todo_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "indicator" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "indicator_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheme_version" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "formula_key" TEXT NOT NULL DEFAULT 'score_v1',
    "tie" TEXT NOT NULL DEFAULT 'competition',
    "top_share_bp" INTEGER NOT NULL DEFAULT 2000,
    "frozen_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scheme_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheme_item" (
    "scheme_version_id" UUID NOT NULL,
    "indicator_id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "weight" INTEGER NOT NULL,
    "direction" TEXT NOT NULL DEFAULT 'high',
    "missing" TEXT NOT NULL DEFAULT 'exclude',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scheme_item_pkey" PRIMARY KEY ("scheme_version_id","indicator_id")
);

-- CreateTable
CREATE TABLE "evaluation_period" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "org_id" INTEGER NOT NULL,
    "year" INTEGER NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "starts_on" DATE NOT NULL,
    "ends_on" DATE NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_period_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluation_branch" (
    "period_id" UUID NOT NULL,
    "org_id" INTEGER NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_branch_pkey" PRIMARY KEY ("period_id","org_id")
);

-- CreateTable
CREATE TABLE "evaluation_entry" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "period_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "indicator_id" UUID NOT NULL,
    "value_bp" INTEGER NOT NULL,
    "group_org_id" INTEGER,
    "import_row_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluation_run" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "org_id" INTEGER NOT NULL,
    "period_id" UUID NOT NULL,
    "scheme_version_id" UUID NOT NULL,
    "as_of_on" DATE NOT NULL,
    "previous_run_id" UUID,
    "state" TEXT NOT NULL,
    "version_no" INTEGER NOT NULL DEFAULT 0,
    "close_lsn" TEXT,
    "digest" TEXT,
    "sealed_at" TIMESTAMPTZ(3),
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluation_value" (
    "run_id" UUID NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "indicator_code" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "group_org_id" INTEGER NOT NULL,
    "value_num" BIGINT,
    "value_den" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_value_pkey" PRIMARY KEY ("run_id","subject_kind","subject_id","indicator_code")
);

-- CreateTable
CREATE TABLE "evaluation_result" (
    "run_id" UUID NOT NULL,
    "population_kind" TEXT NOT NULL,
    "population_org_id" INTEGER NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "indicator_code" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "group_org_id" INTEGER NOT NULL,
    "score_num" BIGINT,
    "score_den" BIGINT,
    "rank" INTEGER,
    "of_n" INTEGER NOT NULL,
    "is_top" BOOLEAN NOT NULL DEFAULT false,
    "prev_rank" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_result_pkey" PRIMARY KEY ("run_id","population_kind","population_org_id","subject_kind","subject_id","indicator_code")
);

-- CreateTable
CREATE TABLE "evaluation_report" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "run_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "published_at" TIMESTAMPTZ(3),
    "published_by" UUID,
    "retracted_at" TIMESTAMPTZ(3),
    "retracted_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_report_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_batch" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "org_id" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "file_hash" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "created_by" UUID NOT NULL,
    "applied_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "import_batch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_row" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "batch_id" UUID NOT NULL,
    "no" INTEGER NOT NULL,
    "cells" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "problems" JSONB NOT NULL DEFAULT '[]',
    "person_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "import_row_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meeting" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "org_id" INTEGER NOT NULL,
    "group_id" UUID,
    "kind" TEXT NOT NULL,
    "held_on" DATE NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "check_in_opens_at" TIMESTAMPTZ(3) NOT NULL,
    "late_after" TIMESTAMPTZ(3) NOT NULL,
    "check_out_required" BOOLEAN NOT NULL DEFAULT false,
    "audience" TEXT NOT NULL DEFAULT 'all_members',
    "state" TEXT NOT NULL DEFAULT 'draft',
    "published_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "voided_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "meeting_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meeting_body" (
    "meeting_id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "place" TEXT NOT NULL DEFAULT '',
    "host_id" UUID,
    "recorder_id" UUID,
    "agenda" TEXT NOT NULL DEFAULT '',
    "minutes" TEXT NOT NULL DEFAULT '',
    "void_reason" TEXT,
    "chosen_person_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "meeting_body_pkey" PRIMARY KEY ("meeting_id")
);

-- CreateTable
CREATE TABLE "attendance" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "meeting_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "org_id_then" INTEGER NOT NULL,
    "identity_then" TEXT NOT NULL,
    "should_attend" BOOLEAN NOT NULL DEFAULT true,
    "may_vote" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "checked_in_at" TIMESTAMPTZ(3),
    "checked_out_at" TIMESTAMPTZ(3),
    "source" TEXT,
    "corrected_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attendance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attendance_note" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "attendance_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state_before" TEXT NOT NULL,
    "state_after" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "principal_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attendance_note_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "birth_year" INTEGER,
    "sex" TEXT,
    "ethnicity" TEXT,
    "education" TEXT,
    "joined_on" DATE,
    "converted_on" DATE,
    "merged_into_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_private" (
    "person_id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "pinyin" TEXT NOT NULL,
    "initials" TEXT NOT NULL,
    "student_no" TEXT,
    "id_number_enc" BYTEA,
    "id_number_hmac" BYTEA,
    "id_number_mask" TEXT,
    "phone_enc" BYTEA,
    "phone_mask" TEXT,
    "data_key_id" TEXT NOT NULL DEFAULT 'k1',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_private_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "membership" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "org_id" INTEGER NOT NULL,
    "group_id" UUID,
    "kind" TEXT NOT NULL DEFAULT 'direct',
    "cause_kind" TEXT,
    "cause_id" TEXT,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_status" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "identity" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_status_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "post" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "org_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reveal_log" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "principal_id" UUID NOT NULL,
    "field" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reveal_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant" (
    "id" SERIAL NOT NULL,
    "code" TEXT NOT NULL,
    "root_org_id" INTEGER,
    "tree_version" BIGINT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "party_org" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "parent_id" INTEGER,
    "kind" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "short_name" TEXT NOT NULL,
    "full_name" TEXT NOT NULL,
    "category" TEXT NOT NULL DEFAULT 'mixed',
    "opened_on" DATE NOT NULL,
    "dissolved_on" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "party_org_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "party_org_path" (
    "org_id" INTEGER NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "depth" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "party_org_path_pkey" PRIMARY KEY ("org_id")
);

-- CreateTable
CREATE TABLE "org_version" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "org_id" INTEGER NOT NULL,
    "parent_id" INTEGER,
    "full_name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "org_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "org_succession" (
    "from_org_id" INTEGER NOT NULL,
    "to_org_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "on_date" DATE NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "org_succession_pkey" PRIMARY KEY ("from_org_id","to_org_id","kind","on_date")
);

-- CreateTable
CREATE TABLE "party_group" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "org_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "party_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "principal_id" UUID,
    "action" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "org_id" INTEGER,
    "reason" TEXT,
    "clause" TEXT,
    "fields" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_message" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "principal_id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "href" TEXT,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "sent_at" TIMESTAMPTZ(3),
    "read_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_message_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "auth_user_email_key" ON "auth_user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "auth_user_username_key" ON "auth_user"("username");

-- CreateIndex
CREATE UNIQUE INDEX "auth_session_token_key" ON "auth_session"("token");

-- CreateIndex
CREATE INDEX "auth_session_user_id_idx" ON "auth_session"("user_id");

-- CreateIndex
CREATE INDEX "auth_account_user_id_idx" ON "auth_account"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "principal_user_id_key" ON "principal"("user_id");

-- CreateIndex
CREATE INDEX "principal_tenant_id_person_id_idx" ON "principal"("tenant_id", "person_id");

-- CreateIndex
CREATE UNIQUE INDEX "role_tenant_id_code_key" ON "role"("tenant_id", "code");

-- CreateIndex
CREATE INDEX "role_assignment_principal_id_idx" ON "role_assignment"("principal_id");

-- CreateIndex
CREATE INDEX "rule_parameter_tenant_id_key_idx" ON "rule_parameter"("tenant_id", "key");

-- CreateIndex
CREATE INDEX "obligation_tenant_id_org_id_state_idx" ON "obligation"("tenant_id", "org_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "obligation_tenant_id_duty_key_subject_kind_subject_id_perio_key" ON "obligation"("tenant_id", "duty_key", "subject_kind", "subject_id", "period_key");

-- CreateIndex
CREATE INDEX "todo_tenant_id_assignee_org_id_idx" ON "todo"("tenant_id", "assignee_org_id");

-- CreateIndex
CREATE UNIQUE INDEX "todo_tenant_id_dedupe_key_key" ON "todo"("tenant_id", "dedupe_key");

-- CreateIndex
CREATE UNIQUE INDEX "indicator_tenant_id_code_key" ON "indicator"("tenant_id", "code");

-- CreateIndex
CREATE UNIQUE INDEX "scheme_version_tenant_id_code_key" ON "scheme_version"("tenant_id", "code");

-- CreateIndex
CREATE UNIQUE INDEX "evaluation_period_tenant_id_org_id_year_ordinal_key" ON "evaluation_period"("tenant_id", "org_id", "year", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "evaluation_entry_period_id_person_id_indicator_id_key" ON "evaluation_entry"("period_id", "person_id", "indicator_id");

-- CreateIndex
CREATE INDEX "evaluation_run_tenant_id_period_id_idx" ON "evaluation_run"("tenant_id", "period_id");

-- CreateIndex
CREATE UNIQUE INDEX "evaluation_report_run_id_key" ON "evaluation_report"("run_id");

-- CreateIndex
CREATE INDEX "import_batch_tenant_id_file_hash_idx" ON "import_batch"("tenant_id", "file_hash");

-- CreateIndex
CREATE UNIQUE INDEX "import_row_batch_id_no_key" ON "import_row"("batch_id", "no");

-- CreateIndex
CREATE INDEX "meeting_tenant_id_org_id_held_on_idx" ON "meeting"("tenant_id", "org_id", "held_on");

-- CreateIndex
CREATE INDEX "attendance_person_id_idx" ON "attendance"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "attendance_meeting_id_person_id_key" ON "attendance"("meeting_id", "person_id");

-- CreateIndex
CREATE INDEX "attendance_note_attendance_id_idx" ON "attendance_note"("attendance_id");

-- CreateIndex
CREATE INDEX "person_private_tenant_id_name_idx" ON "person_private"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "person_private_tenant_id_student_no_key" ON "person_private"("tenant_id", "student_no");

-- CreateIndex
CREATE UNIQUE INDEX "person_private_tenant_id_id_number_hmac_key" ON "person_private"("tenant_id", "id_number_hmac");

-- CreateIndex
CREATE INDEX "membership_org_id_idx" ON "membership"("org_id");

-- CreateIndex
CREATE INDEX "membership_person_id_idx" ON "membership"("person_id");

-- CreateIndex
CREATE INDEX "person_status_person_id_idx" ON "person_status"("person_id");

-- CreateIndex
CREATE INDEX "post_org_id_idx" ON "post"("org_id");

-- CreateIndex
CREATE INDEX "reveal_log_person_id_idx" ON "reveal_log"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_code_key" ON "tenant"("code");

-- CreateIndex
CREATE INDEX "party_org_tenant_id_parent_id_idx" ON "party_org"("tenant_id", "parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "party_org_tenant_id_code_key" ON "party_org"("tenant_id", "code");

-- CreateIndex
CREATE INDEX "org_version_org_id_idx" ON "org_version"("org_id");

-- CreateIndex
CREATE UNIQUE INDEX "party_group_org_id_name_key" ON "party_group"("org_id", "name");

-- CreateIndex
CREATE INDEX "audit_event_tenant_id_subject_kind_subject_id_idx" ON "audit_event"("tenant_id", "subject_kind", "subject_id");

-- CreateIndex
CREATE INDEX "outbox_message_principal_id_idx" ON "outbox_message"("principal_id");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_message_tenant_id_dedupe_key_key" ON "outbox_message"("tenant_id", "dedupe_key");

-- AddForeignKey
ALTER TABLE "auth_session" ADD CONSTRAINT "auth_session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_account" ADD CONSTRAINT "auth_account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "principal" ADD CONSTRAINT "principal_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "principal" ADD CONSTRAINT "principal_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_permission" ADD CONSTRAINT "role_permission_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "role"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_principal_id_fkey" FOREIGN KEY ("principal_id") REFERENCES "principal"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "role"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scheme_item" ADD CONSTRAINT "scheme_item_scheme_version_id_fkey" FOREIGN KEY ("scheme_version_id") REFERENCES "scheme_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scheme_item" ADD CONSTRAINT "scheme_item_indicator_id_fkey" FOREIGN KEY ("indicator_id") REFERENCES "indicator"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_branch" ADD CONSTRAINT "evaluation_branch_period_id_fkey" FOREIGN KEY ("period_id") REFERENCES "evaluation_period"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_entry" ADD CONSTRAINT "evaluation_entry_period_id_fkey" FOREIGN KEY ("period_id") REFERENCES "evaluation_period"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_entry" ADD CONSTRAINT "evaluation_entry_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_entry" ADD CONSTRAINT "evaluation_entry_indicator_id_fkey" FOREIGN KEY ("indicator_id") REFERENCES "indicator"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_run" ADD CONSTRAINT "evaluation_run_period_id_fkey" FOREIGN KEY ("period_id") REFERENCES "evaluation_period"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_run" ADD CONSTRAINT "evaluation_run_scheme_version_id_fkey" FOREIGN KEY ("scheme_version_id") REFERENCES "scheme_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_value" ADD CONSTRAINT "evaluation_value_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "evaluation_run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_result" ADD CONSTRAINT "evaluation_result_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "evaluation_run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_report" ADD CONSTRAINT "evaluation_report_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "evaluation_run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_row" ADD CONSTRAINT "import_row_batch_id_fkey" FOREIGN KEY ("batch_id") REFERENCES "import_batch"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meeting" ADD CONSTRAINT "meeting_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meeting_body" ADD CONSTRAINT "meeting_body_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meeting"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance" ADD CONSTRAINT "attendance_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meeting"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance" ADD CONSTRAINT "attendance_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance" ADD CONSTRAINT "attendance_org_id_then_fkey" FOREIGN KEY ("org_id_then") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance_note" ADD CONSTRAINT "attendance_note_attendance_id_fkey" FOREIGN KEY ("attendance_id") REFERENCES "attendance"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_merged_into_id_fkey" FOREIGN KEY ("merged_into_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_private" ADD CONSTRAINT "person_private_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_status" ADD CONSTRAINT "person_status_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post" ADD CONSTRAINT "post_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post" ADD CONSTRAINT "post_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "party_org" ADD CONSTRAINT "party_org_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "party_org"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "party_org_path" ADD CONSTRAINT "party_org_path_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "org_version" ADD CONSTRAINT "org_version_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "party_group" ADD CONSTRAINT "party_group_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "party_org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
