-- What the platform's desk does to people and organisations: suspends them, tells one from two.
ALTER TABLE people
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_for text,
    ADD COLUMN merged_into uuid REFERENCES people,
    ADD CONSTRAINT people_suspended_with_a_reason CHECK ((suspended_at IS NULL) = (suspended_for IS NULL)),
    ADD CONSTRAINT people_not_merged_into_themselves CHECK (merged_into <> id);
COMMENT ON COLUMN people.suspended_at IS 'Since when they may not come in.';
COMMENT ON COLUMN people.suspended_for IS 'The reason that they were told (regulation 2022/2065, art. 17).';
COMMENT ON COLUMN people.merged_into IS 'The same person, under another address: comes in as that one, reads letters there. What was decided stays.';
CREATE INDEX people_by_merged ON people (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX people_bounced ON people (bounced_at) WHERE bounced_at IS NOT NULL AND forgotten_at IS NULL;

ALTER TABLE organisations
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_for text,
    ADD COLUMN merged_into text REFERENCES organisations,
    ADD CONSTRAINT organisations_suspended_with_a_reason
        CHECK ((suspended_at IS NULL) = (suspended_for IS NULL)),
    ADD CONSTRAINT organisations_not_merged_into_themselves CHECK (merged_into <> id);
COMMENT ON COLUMN organisations.suspended_at IS 'Since when its campaigns take no gifts.';
COMMENT ON COLUMN organisations.suspended_for IS 'The reason that its owners were told.';
COMMENT ON COLUMN organisations.merged_into IS 'The same organisation, entered twice.';

ALTER TABLE discrepancies
    ADD COLUMN closed_for text,
    ADD CONSTRAINT discrepancies_closed_with_a_reason CHECK (closed_for IS NULL OR closed_at IS NOT NULL);
COMMENT ON COLUMN discrepancies.closed_for IS 'What a person found out; nothing when the next look found that it agrees.';
