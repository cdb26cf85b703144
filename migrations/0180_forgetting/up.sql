-- People can be forgotten, euros cannot (decision 36); and an address can change.
ALTER TABLE people ADD COLUMN erase_asked_at timestamptz;
ALTER TABLE people ADD COLUMN forgotten_at timestamptz;
COMMENT ON COLUMN people.erase_asked_at IS 'When they asked to be forgotten; it is done once no gift is under way.';
COMMENT ON COLUMN people.forgotten_at IS 'Since when the address is a word that no letter reaches and nobody can type.';
ALTER TABLE people ADD CONSTRAINT people_forgotten_have_no_address
    CHECK (forgotten_at IS NULL OR position('@' IN email) = 0);
CREATE INDEX people_by_age ON people (created_at) WHERE forgotten_at IS NULL;

CREATE TABLE address_changes (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    email text NOT NULL,
    new_link bytea CONSTRAINT address_changes_one_per_new_link UNIQUE,
    old_link bytea CONSTRAINT address_changes_one_per_old_link UNIQUE,
    asked_at timestamptz NOT NULL,
    new_said_at timestamptz,
    old_said_at timestamptz,
    ended_at timestamptz
);
COMMENT ON TABLE address_changes IS 'Somebody asks to be known by another address: both addresses say yes by a link of their own.';
COMMENT ON COLUMN address_changes.session_id IS 'The session that asked: the link of the new address works in no other.';
COMMENT ON COLUMN address_changes.new_link IS 'SHA-256 of the word in the letter to the new address.';
COMMENT ON COLUMN address_changes.old_link IS 'SHA-256 of the word in the letter to the old address.';
CREATE UNIQUE INDEX address_changes_one_open ON address_changes (person_id) WHERE ended_at IS NULL;
CREATE INDEX address_changes_by_age ON address_changes (asked_at);

-- The trail still only grows, but for what the law makes us forget: a transaction says so itself.
CREATE FUNCTION refuse_change_unless_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('essaim.forgetting', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER trail_only_grows ON trail;
CREATE TRIGGER trail_only_grows BEFORE UPDATE OR DELETE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_forgetting();
CREATE INDEX trail_by_age ON trail (at);

CREATE INDEX letters_with_words ON letters (created_at) WHERE letter <> '{}';
CREATE INDEX provider_events_with_words ON provider_events (received_at) WHERE body <> '';
CREATE INDEX gift_payments_with_marks ON gift_payments (asked_at)
    WHERE asked_from <> '' OR card_fingerprint IS NOT NULL OR checkout_url IS NOT NULL;
CREATE INDEX provider_events_of_gift ON provider_events (gift_id) WHERE body <> '';
CREATE INDEX followers_by_person ON followers (person_id);
CREATE INDEX letters_of_inviters ON letters (lower(letter ->> 'invited_by')) WHERE kind = 'invitation';
CREATE INDEX gifts_unpaid_with_names ON gifts (created_at) WHERE captured_cents = 0 AND wants_receipt;
CREATE INDEX receipts_with_names ON receipts (issued_at) WHERE content <> '{}';
