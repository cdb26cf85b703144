-- Rules before they hold: written by one person of the fund, rehearsed, approved by another.
CREATE TABLE rehearsals (
    id uuid PRIMARY KEY,
    draft bigint NOT NULL,
    document jsonb NOT NULL,
    asked_by uuid NOT NULL REFERENCES people,
    asked_at timestamptz NOT NULL,
    progress integer NOT NULL DEFAULT 0 CONSTRAINT rehearsals_progress CHECK (progress BETWEEN 0 AND 100),
    gifts bigint,
    took_ms bigint,
    report jsonb,
    problem text,
    ended_at timestamptz,
    CONSTRAINT rehearsals_end_with_a_report_or_a_problem
        CHECK ((ended_at IS NOT NULL) = ((report IS NOT NULL) <> (problem IS NOT NULL)))
);
COMMENT ON TABLE rehearsals IS 'The past played again under a draft, everything else equal.';
COMMENT ON COLUMN rehearsals.document IS 'The draft as it was rehearsed: a later edit asks for another.';
COMMENT ON COLUMN rehearsals.progress IS 'In hundredths.';

CREATE TABLE rule_drafts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_set_id text NOT NULL,
    pot_id text NOT NULL REFERENCES pots,
    document jsonb NOT NULL,
    state text NOT NULL CONSTRAINT rule_drafts_state
        CHECK (state IN ('draft', 'submitted', 'published', 'refused', 'withdrawn')),
    begun_by uuid NOT NULL REFERENCES people,
    begun_at timestamptz NOT NULL,
    changed_by uuid NOT NULL REFERENCES people,
    changed_at timestamptz NOT NULL,
    submitted_by uuid REFERENCES people,
    submitted_at timestamptz,
    decided_by uuid REFERENCES people,
    decided_at timestamptz,
    reason text,
    version bigint,
    CONSTRAINT rule_drafts_are_approved_by_another
        CHECK (version IS NULL OR decided_by NOT IN (begun_by, changed_by, submitted_by)),
    CONSTRAINT rule_drafts_published_have_a_version CHECK ((state = 'published') = (version IS NOT NULL)),
    FOREIGN KEY (rule_set_id, version) REFERENCES rule_sets (id, version)
);
COMMENT ON TABLE rule_drafts IS 'A version of a rule before it holds; published by somebody else than who wrote it.';
COMMENT ON COLUMN rule_drafts.document IS 'The rule as the matching rules read it, without a date of publication.';
CREATE UNIQUE INDEX rule_drafts_one_open ON rule_drafts (rule_set_id) WHERE state IN ('draft', 'submitted');

ALTER TABLE rehearsals ADD CONSTRAINT rehearsals_draft FOREIGN KEY (draft) REFERENCES rule_drafts;
CREATE INDEX rehearsals_by_draft ON rehearsals (draft, asked_at);
