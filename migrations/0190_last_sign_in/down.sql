CREATE INDEX trail_by_time ON trail (at);
ALTER TABLE people DROP COLUMN signed_in_at;
