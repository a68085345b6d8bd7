-- How often somebody has done what is limited, in windows of time. Here rather than in the memory of a process: both apps share it, and
-- a restart forgets nothing. Like sign_in_wait it belongs to no tenant.
CREATE TABLE "call_count" (
    "what" TEXT NOT NULL,
    "who" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "calls" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "call_count_pkey" PRIMARY KEY ("what", "who", "since")
);
CREATE INDEX "call_count_since_idx" ON "call_count"("since");
