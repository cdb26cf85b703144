-- A rehearsal compares several sets of rules, on the past or on an invented year, one at a time for each pot.
ALTER TABLE rehearsals ADD COLUMN pot_id text REFERENCES pots;
ALTER TABLE rehearsals ADD COLUMN beside jsonb NOT NULL DEFAULT '[]';
ALTER TABLE rehearsals ADD COLUMN year_gifts bigint;
ALTER TABLE rehearsals ADD COLUMN year_seed bigint;
UPDATE rehearsals SET pot_id = (SELECT pot_id FROM rule_drafts WHERE number = draft);
UPDATE rehearsals SET problem = 'abandon', ended_at = asked_at WHERE ended_at IS NULL;
ALTER TABLE rehearsals ALTER COLUMN pot_id SET NOT NULL;
ALTER TABLE rehearsals ALTER COLUMN beside DROP DEFAULT;
ALTER TABLE rehearsals ADD CONSTRAINT rehearsals_beside_are_two_at_most
    CHECK (jsonb_typeof(beside) = 'array' AND jsonb_array_length(beside) <= 2);
ALTER TABLE rehearsals ADD CONSTRAINT rehearsals_year
    CHECK ((year_gifts IS NULL) = (year_seed IS NULL) AND year_gifts BETWEEN 1 AND 1000000 AND year_seed >= 0);
CREATE UNIQUE INDEX rehearsals_one_at_a_time ON rehearsals (pot_id) WHERE ended_at IS NULL;
COMMENT ON COLUMN rehearsals.beside IS 'Other rules that are compared, as they were: which, and the document.';
COMMENT ON COLUMN rehearsals.year_gifts IS 'Gifts of an invented year; the past is played when there are none.';
COMMENT ON COLUMN rehearsals.year_seed IS 'The same seed invents the same gifts.';
