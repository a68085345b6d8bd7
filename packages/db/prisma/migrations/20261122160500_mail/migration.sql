-- A person's mail address lies where the phone number lies: encrypted, never published.
ALTER TABLE "person_private" ADD COLUMN "mail_enc" BYTEA, ADD COLUMN "mail_mask" TEXT;

-- What a message is about, when it is tried next and how long it is worth sending.
ALTER TABLE "outbox_message" ADD COLUMN "kind" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "expires_at" TIMESTAMPTZ(3),
  ADD COLUMN "provider_id" TEXT;
UPDATE outbox_message SET kind = split_part(dedupe_key, ':', 1);
ALTER TABLE outbox_message ADD CONSTRAINT outbox_message_channel CHECK (channel IN ('in_app', 'mail'));
ALTER TABLE outbox_message ADD CONSTRAINT outbox_message_state CHECK (state IN
  ('waiting', 'shown', 'sent', 'failed', 'not_configured', 'expired', 'dropped'));
ALTER TABLE outbox_message ADD CONSTRAINT outbox_message_mail_expires CHECK (channel <> 'mail' OR expires_at IS NOT NULL);
-- The sender looks here every few seconds; almost all rows are done.
CREATE INDEX outbox_message_due ON outbox_message (tenant_id, next_attempt_at)
  WHERE channel = 'mail' AND state IN ('waiting', 'not_configured');

-- Which channels somebody wants, and whether at night. Without a row: wanted, not at night.
CREATE TABLE "message_preference" (
    "principal_id" UUID NOT NULL,
    "channel" TEXT NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "quiet_hours" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "message_preference_pkey" PRIMARY KEY ("principal_id","channel")
);
ALTER TABLE message_preference ADD CONSTRAINT message_preference_channel CHECK (channel IN ('mail'));
ALTER TABLE message_preference ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_preference FOR ALL TO xf_app
  USING (tenant_id = current_setting('app.tenant_id')::int) WITH CHECK (tenant_id = current_setting('app.tenant_id')::int);

-- Roles are rows since the first start: those that exist learn what is new.
INSERT INTO role_permission (role_id, permission, tenant_id)
  SELECT role.id, added.permission, role.tenant_id
  FROM role CROSS JOIN (VALUES ('outbox.read'), ('outbox.retry')) AS added (permission)
  WHERE role.code = 'system_admin'
  ON CONFLICT DO NOTHING;
