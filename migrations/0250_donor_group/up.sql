-- The record of a decision is published: it names the donor's group by a pseudonym (decision 44).
ALTER TABLE decisions ADD COLUMN donor_group text;
COMMENT ON COLUMN decisions.donor_group IS 'The donor''s group as the rules saw it, beside the record that hides it; absent where the rules decided nothing, or where an old record names it.';
