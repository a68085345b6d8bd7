-- The trail in sealed batches: each seal holds the hash of its rows and of the seal before it, so that a row changed, removed or
-- slipped in later is found. Seals are written once, as the rows are.
CREATE TABLE "audit_seal" (
    "tenant_id" INTEGER NOT NULL,
    "no" INTEGER NOT NULL,
    "previous" TEXT NOT NULL,
    "first_id" UUID NOT NULL,
    "through_id" UUID NOT NULL,
    "row_count" INTEGER NOT NULL,
    "rows_digest" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_seal_pkey" PRIMARY KEY ("tenant_id", "no")
);
ALTER TABLE audit_seal ADD CONSTRAINT audit_seal_digests CHECK
  (previous ~ '^[0-9a-f]{64}$' AND rows_digest ~ '^[0-9a-f]{64}$' AND digest ~ '^[0-9a-f]{64}$');
ALTER TABLE audit_seal ADD CONSTRAINT audit_seal_rows CHECK (no > 0 AND row_count > 0 AND first_id <= through_id);

ALTER TABLE audit_seal ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_seal FOR ALL TO xf_app
  USING (tenant_id = current_setting('app.tenant_id')::int) WITH CHECK (tenant_id = current_setting('app.tenant_id')::int);
REVOKE UPDATE, DELETE ON audit_seal FROM xf_app;

-- Sealing and checking read the trail of a tenant in the order of its ids.
CREATE INDEX "audit_event_tenant_id_id_idx" ON "audit_event"("tenant_id", "id");
