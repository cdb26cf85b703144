ALTER TABLE discrepancies DROP COLUMN closed_for;
ALTER TABLE organisations DROP COLUMN suspended_at, DROP COLUMN suspended_for, DROP COLUMN merged_into;
ALTER TABLE people DROP COLUMN suspended_at, DROP COLUMN suspended_for, DROP COLUMN merged_into;
DROP INDEX people_bounced;
