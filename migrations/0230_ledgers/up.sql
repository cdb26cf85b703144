-- What a pot decided, for anybody to count again: events that are no gift's, day seals, files (decision 38).
ALTER TABLE decisions ALTER COLUMN gift_id DROP NOT NULL;
ALTER TABLE decisions ADD COLUMN campaign_id text REFERENCES campaigns (id);
ALTER TABLE decisions ADD COLUMN pot_id text REFERENCES pots (id);
ALTER TABLE decisions ADD CONSTRAINT decisions_are_about_one_thing
    CHECK (num_nonnulls(gift_id, campaign_id, pot_id) = 1);
CREATE INDEX decisions_by_age ON decisions (recorded_at, id);
COMMENT ON COLUMN decisions.campaign_id IS 'An event of the campaign itself: its close.';
COMMENT ON COLUMN decisions.pot_id IS 'An event of the pot itself; its record holds the keys of the event in a case file.';

CREATE TABLE ledger_keys (
    pot_id text PRIMARY KEY REFERENCES pots (id),
    key bytea NOT NULL,
    CONSTRAINT ledger_keys_are_256_bits CHECK (length(key) = 32)
);
COMMENT ON TABLE ledger_keys IS 'The key of the pseudonyms in the file of a pot. It never leaves the database and never changes: counters run over years.';

CREATE TABLE sealed_days (
    day date PRIMARY KEY,
    records bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    seal bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    CONSTRAINT sealed_days_are_sha256
        CHECK (length(root) = 32 AND length(previous) = 32 AND length(seal) = 32)
);
CREATE TRIGGER sealed_days_never_change BEFORE UPDATE OR DELETE ON sealed_days
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE sealed_days IS 'One civil day in Paris: the root of the tree of its decisions, chained to the day before.';

CREATE TABLE sealed_ledgers (
    pot_id text NOT NULL REFERENCES pots (id),
    day date NOT NULL REFERENCES sealed_days (day),
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    body bytea,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (pot_id, day),
    CONSTRAINT sealed_ledgers_sha256 CHECK (length(sha256) = 32)
);
COMMENT ON TABLE sealed_ledgers IS 'The public file of a pot, sealed with its day.';
COMMENT ON COLUMN sealed_ledgers.body IS 'The file itself; only the latest is kept, since it holds all that the earlier ones held.';
