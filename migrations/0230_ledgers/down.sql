DROP TABLE sealed_ledgers; DROP TABLE sealed_days; DROP TABLE ledger_keys;
DROP INDEX decisions_by_age;
ALTER TABLE decisions DROP CONSTRAINT decisions_are_about_one_thing;
ALTER TABLE decisions DISABLE TRIGGER decisions_never_change;
DELETE FROM decisions WHERE gift_id IS NULL;
ALTER TABLE decisions ENABLE TRIGGER decisions_never_change;
ALTER TABLE decisions DROP COLUMN pot_id;
ALTER TABLE decisions DROP COLUMN campaign_id;
ALTER TABLE decisions ALTER COLUMN gift_id SET NOT NULL;
