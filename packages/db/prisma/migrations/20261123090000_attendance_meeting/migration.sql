-- An attendance row stays at its meeting: the marts compute a touched meeting alone and would not look at the one that a row has left.
CREATE OR REPLACE FUNCTION forbid_moving_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an attendance row stays at its meeting' USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER meeting_is_fixed BEFORE UPDATE OF "meeting_id" ON "attendance" FOR EACH ROW
  WHEN (OLD."meeting_id" IS DISTINCT FROM NEW."meeting_id") EXECUTE FUNCTION forbid_moving_attendance();
