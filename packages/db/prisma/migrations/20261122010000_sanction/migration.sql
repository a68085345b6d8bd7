-- The vote in a meeting follows from identity and sanctions of that day; it is never typed in.
CREATE TABLE "sanction" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "tenant_id" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sanction_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "sanction_person_id_idx" ON "sanction"("person_id");
ALTER TABLE "sanction" ADD CONSTRAINT "sanction_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE sanction ADD CONSTRAINT sanction_kind CHECK (kind IN
  ('warning', 'serious_warning', 'removed_from_post', 'watched_membership', 'expelled'));
ALTER TABLE sanction ADD CONSTRAINT sanction_dates CHECK (valid_to IS NULL OR valid_to > valid_from);
ALTER TABLE sanction ADD CONSTRAINT sanction_one
  EXCLUDE USING gist (person_id WITH =, kind WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL);

ALTER TABLE sanction ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sanction FOR ALL TO xf_app
  USING (tenant_id = current_setting('app.tenant_id')::int) WITH CHECK (tenant_id = current_setting('app.tenant_id')::int);
