ALTER TABLE decisions DROP COLUMN donor_group;
