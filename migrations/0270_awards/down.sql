DROP INDEX match_lines_that_wait;
ALTER TABLE match_entries DISABLE TRIGGER match_entries_never_change;
DELETE FROM match_entries WHERE award_id IS NOT NULL;
ALTER TABLE match_entries ENABLE TRIGGER match_entries_never_change;
ALTER TABLE match_entries DROP COLUMN award_id;
ALTER TABLE match_entries ALTER COLUMN gift_id SET NOT NULL;
DROP TABLE closed_rounds;
DROP TABLE award_parts;
DROP TABLE awards;
