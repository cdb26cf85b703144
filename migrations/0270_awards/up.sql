-- What a pot gives to a campaign as a whole: a lump sum, or its match of a quadratic round (decision 42).
CREATE TABLE awards (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    pot_id text NOT NULL REFERENCES pots (id),
    rule_set_id text NOT NULL,
    rule_set_version bigint NOT NULL,
    granted_cents bigint NOT NULL,
    binding text NOT NULL,
    sources jsonb NOT NULL,
    given_at timestamptz NOT NULL,
    FOREIGN KEY (rule_set_id, rule_set_version) REFERENCES rule_sets (id, version),
    CONSTRAINT awards_are_given_once UNIQUE (campaign_id, rule_set_id, rule_set_version),
    CONSTRAINT awards_are_not_negative CHECK (granted_cents >= 0)
);
COMMENT ON TABLE awards IS 'The award as it stands now; its history is in match_entries.';
COMMENT ON COLUMN awards.binding IS 'What kept it from being more, as the matching rules name it.';
COMMENT ON COLUMN awards.sources IS 'Cents by tranche of the pot, in the order they were drawn.';

CREATE TABLE award_parts (
    award_id bigint NOT NULL REFERENCES awards (id),
    rank integer NOT NULL,
    attributed_cents bigint NOT NULL,
    gift_ids uuid[] NOT NULL,
    PRIMARY KEY (award_id, rank),
    CONSTRAINT award_parts_are_not_negative CHECK (attributed_cents >= 0)
);
CREATE INDEX award_parts_by_gift ON award_parts USING gin (gift_ids);
COMMENT ON TABLE award_parts IS 'Quadratic rounds: what each donor group brought to a campaign.';
COMMENT ON COLUMN award_parts.gift_ids IS 'The gifts of the group that the round counted.';

CREATE TABLE closed_rounds (
    rule_set_id text NOT NULL,
    rule_set_version bigint NOT NULL,
    closed_at timestamptz NOT NULL,
    PRIMARY KEY (rule_set_id, rule_set_version),
    FOREIGN KEY (rule_set_id, rule_set_version) REFERENCES rule_sets (id, version)
);
CREATE TRIGGER closed_rounds_never_change BEFORE UPDATE OR DELETE ON closed_rounds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE closed_rounds IS 'Pro rata and quadratic rules whose round was shared out.';

ALTER TABLE match_entries ALTER COLUMN gift_id DROP NOT NULL;
ALTER TABLE match_entries ADD COLUMN award_id bigint REFERENCES awards (id);
ALTER TABLE match_entries ADD CONSTRAINT match_entries_are_of_one_thing
    CHECK (num_nonnulls(gift_id, award_id) = 1);
CREATE INDEX match_entries_by_award ON match_entries (award_id) WHERE award_id IS NOT NULL;
CREATE INDEX match_lines_that_wait ON match_lines (campaign_id) WHERE line ->> 'state' = 'conditional';
