-- The fund: pots in their waterfall, tranches of money with origin and earmark, rules that are data.
CREATE TABLE pots (
    id text PRIMARY KEY,
    ordinal bigint NOT NULL CONSTRAINT pots_order_is_unique UNIQUE,
    title text NOT NULL
);
COMMENT ON TABLE pots IS 'An envelope of the fund. Its row is the first lock of every decision (decision 18).';
COMMENT ON COLUMN pots.ordinal IS 'Its place in the waterfall.';

CREATE TABLE tranches (
    pot_id text NOT NULL REFERENCES pots (id),
    id text NOT NULL,
    contributor_name text NOT NULL,
    origin text NOT NULL,
    terms jsonb NOT NULL,
    amount_cents bigint NOT NULL,
    used_cents bigint NOT NULL DEFAULT 0,
    withdrawn_cents bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (pot_id, id),
    CONSTRAINT tranches_amount_is_not_negative CHECK (amount_cents >= 0),
    CONSTRAINT tranches_used_is_not_negative CHECK (used_cents >= 0),
    CONSTRAINT tranches_are_never_overdrawn CHECK (used_cents <= amount_cents + withdrawn_cents)
);
COMMENT ON TABLE tranches IS 'One contribution to a pot; money is always in a tranche, so origin and earmark follow it.';
COMMENT ON COLUMN tranches.terms IS 'The tranche as the matching rules see it: dates, earmark, contributor.';
COMMENT ON COLUMN tranches.used_cents IS 'Sum of match_entries of this tranche, kept here for the lock.';
COMMENT ON COLUMN tranches.withdrawn_cents IS 'Taken back after use: the shortfall the fund carries.';

CREATE TABLE rule_sets (
    id text NOT NULL,
    version bigint NOT NULL,
    pot_id text NOT NULL REFERENCES pots (id),
    document jsonb NOT NULL,
    sentences jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    effective_from timestamptz NOT NULL,
    effective_to timestamptz,
    PRIMARY KEY (id, version),
    CONSTRAINT rule_sets_are_not_retroactive CHECK (effective_from >= published_at)
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rule_sets_never_change BEFORE UPDATE OR DELETE ON rule_sets
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE rule_sets IS 'Published rules, immutable; a correction is a new version.';
COMMENT ON COLUMN rule_sets.sentences IS 'The rule in French, for people.';

CREATE TABLE tranche_fits (
    pot_id text NOT NULL,
    tranche_id text NOT NULL,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    PRIMARY KEY (pot_id, tranche_id, campaign_id),
    FOREIGN KEY (pot_id, tranche_id) REFERENCES tranches (pot_id, id)
);
COMMENT ON TABLE tranche_fits IS 'Which earmarks a campaign fits, worked out by the matching rules; each draw refers to a row here.';
