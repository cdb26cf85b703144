-- Who fills the pots: agreements, what they promise, and what has come of it (decision 43).
CREATE TABLE contributors (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT contributors_name CHECK (length(name) BETWEEN 1 AND 200),
    origin text NOT NULL,
    siren text CONSTRAINT contributors_siren CHECK (siren ~ '^[0-9]{9}$'),
    CONSTRAINT contributors_are_told_apart UNIQUE (name, origin)
);
COMMENT ON TABLE contributors IS 'Who brings money to the pots: one row for each name and origin of the tranches.';
COMMENT ON COLUMN contributors.siren IS 'The group whose own gifts this money never matches.';
INSERT INTO contributors (name, origin)
    SELECT DISTINCT contributor_name, origin FROM tranches WHERE contributor_name <> '' ORDER BY 1, 2;

ALTER TABLE tranches ADD COLUMN opened_cents bigint;
UPDATE tranches SET opened_cents = amount_cents;
COMMENT ON COLUMN tranches.opened_cents IS 'What it held before any event of its pot; nothing when an event opened it.';
COMMENT ON COLUMN tranches.withdrawn_cents IS 'How far used may pass the amount: what was taken back after use, the shortfall the fund carries.';

CREATE TABLE agreements (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pot_id text NOT NULL REFERENCES pots,
    contributor bigint NOT NULL REFERENCES contributors,
    earmark jsonb NOT NULL,
    signed_on date NOT NULL,
    ends_on date,
    promised_cents bigint NOT NULL CONSTRAINT agreements_promise_something CHECK (promised_cents > 0),
    document bytea REFERENCES documents (sha256),
    document_by uuid REFERENCES people,
    document_at timestamptz,
    begun_by uuid NOT NULL REFERENCES people,
    begun_at timestamptz NOT NULL,
    CONSTRAINT agreements_end_after_they_begin CHECK (ends_on >= signed_on)
);
CREATE INDEX agreements_by_pot ON agreements (pot_id);
CREATE INDEX agreements_by_contributor ON agreements (contributor);
COMMENT ON TABLE agreements IS 'A promise of money for a pot, paid in instalments.';
COMMENT ON COLUMN agreements.earmark IS 'Which campaigns its money is for, as the matching rules read it.';
COMMENT ON COLUMN agreements.ends_on IS 'The last day on which its money answers gifts, in Paris.';

CREATE TABLE instalments (
    agreement bigint NOT NULL REFERENCES agreements,
    rank integer NOT NULL,
    amount_cents bigint NOT NULL CONSTRAINT instalments_are_positive CHECK (amount_cents > 0),
    due_on date NOT NULL,
    state text NOT NULL CONSTRAINT instalments_state
        CHECK (state IN ('promised', 'called', 'guaranteed', 'received', 'withdrawn', 'cancelled')),
    pot_id text,
    tranche_id text,
    withdrawn_cents bigint NOT NULL DEFAULT 0
        CONSTRAINT instalments_withdrawn CHECK (withdrawn_cents BETWEEN 0 AND amount_cents),
    changed_by uuid NOT NULL REFERENCES people,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (agreement, rank),
    FOREIGN KEY (pot_id, tranche_id) REFERENCES tranches (pot_id, id),
    CONSTRAINT instalments_that_match_are_a_tranche
        CHECK ((tranche_id IS NOT NULL) = (state IN ('guaranteed', 'received', 'withdrawn')))
);
COMMENT ON TABLE instalments IS 'A part of an agreement; received or guaranteed, it is a tranche of its own, before that it matches nothing.';
CREATE UNIQUE INDEX instalments_by_tranche ON instalments (pot_id, tranche_id);

CREATE INDEX decisions_by_pot ON decisions (pot_id, id) WHERE pot_id IS NOT NULL;
