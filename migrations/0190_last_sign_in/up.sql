-- Sessions are forgotten long before people are: who still signs in is not idle.
ALTER TABLE people ADD COLUMN signed_in_at timestamptz;
COMMENT ON COLUMN people.signed_in_at IS 'When they last came in: nobody who does is forgotten as idle.';
UPDATE people p SET signed_in_at = (SELECT max(seen_at) FROM sessions s WHERE s.person_id = p.id);
