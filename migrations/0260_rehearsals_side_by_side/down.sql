DROP INDEX rehearsals_one_at_a_time;
ALTER TABLE rehearsals DROP CONSTRAINT rehearsals_year;
ALTER TABLE rehearsals DROP CONSTRAINT rehearsals_beside_are_two_at_most;
ALTER TABLE rehearsals DROP COLUMN year_seed;
ALTER TABLE rehearsals DROP COLUMN year_gifts;
ALTER TABLE rehearsals DROP COLUMN beside;
ALTER TABLE rehearsals DROP COLUMN pot_id;
