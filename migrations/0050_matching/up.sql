-- What the pot answered to each gift, and why.
CREATE TABLE match_lines (
    gift_id uuid NOT NULL REFERENCES gifts (id),
    rank integer NOT NULL,
    campaign_id text NOT NULL,
    donor_group text NOT NULL,
    pot_id text NOT NULL REFERENCES pots (id),
    rule_set_id text NOT NULL,
    rule_set_version bigint NOT NULL,
    granted_cents bigint NOT NULL,
    base_used_cents bigint NOT NULL,
    line jsonb NOT NULL,
    PRIMARY KEY (gift_id, rank),
    FOREIGN KEY (rule_set_id, rule_set_version) REFERENCES rule_sets (id, version),
    CONSTRAINT match_lines_are_not_negative CHECK (granted_cents >= 0 AND base_used_cents >= 0)
);
CREATE INDEX match_lines_of_donor ON match_lines (donor_group, rule_set_id);
COMMENT ON TABLE match_lines IS 'One line a pot: the match of a gift as it stands now; its history is in match_entries.';
COMMENT ON COLUMN match_lines.donor_group IS 'The unit of donor caps: household or company group; an opaque id.';
COMMENT ON COLUMN match_lines.line IS 'The line as the matching rules wrote it.';

CREATE TABLE match_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gift_id uuid NOT NULL REFERENCES gifts (id),
    pot_id text NOT NULL,
    tranche_id text NOT NULL,
    campaign_id text NOT NULL,
    kind text NOT NULL,
    amount_cents bigint NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (pot_id, tranche_id, campaign_id)
        REFERENCES tranche_fits (pot_id, tranche_id, campaign_id),
    CONSTRAINT match_entries_are_never_zero CHECK (amount_cents <> 0),
    CONSTRAINT match_entries_kind_is_known CHECK (kind IN ('draw', 'release'))
);
CREATE INDEX match_entries_by_gift ON match_entries (gift_id);
CREATE INDEX match_entries_by_tranche ON match_entries (pot_id, tranche_id);
CREATE TRIGGER match_entries_never_change BEFORE UPDATE OR DELETE ON match_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE match_entries IS 'Each cent drawn from a tranche (positive) or given back (negative). Only grows.';

CREATE TABLE campaign_draws (
    campaign_id text PRIMARY KEY REFERENCES campaigns (id),
    eu_cents bigint NOT NULL DEFAULT 0,
    public_cents bigint NOT NULL DEFAULT 0,
    CONSTRAINT campaign_draws_are_not_negative CHECK (eu_cents >= 0 AND public_cents >= eu_cents)
);
COMMENT ON TABLE campaign_draws IS 'Public money drawn for a campaign, for the co-funding rooms. The second lock of a decision.';

CREATE TABLE rule_usage (
    rule_set_id text NOT NULL,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    match_cents bigint NOT NULL,
    PRIMARY KEY (rule_set_id, campaign_id),
    CONSTRAINT rule_usage_is_not_negative CHECK (match_cents >= 0)
);
COMMENT ON TABLE rule_usage IS 'Match given by a rule (all versions) to a campaign, for its caps; guarded by the pot''s lock.';

CREATE TABLE decisions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gift_id uuid NOT NULL REFERENCES gifts (id),
    event text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    explanation jsonb NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT decisions_digest_is_sha256 CHECK (length(digest) = 32)
);
CREATE INDEX decisions_by_gift ON decisions (gift_id, id);
CREATE TRIGGER decisions_never_change BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE decisions IS 'Every decision about a match with its explanation and the digest of that explanation.';
