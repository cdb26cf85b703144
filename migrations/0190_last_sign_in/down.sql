ALTER TABLE people DROP COLUMN signed_in_at;
