-- Gifts, their payment, and what the provider told us.
CREATE TABLE gifts (
    id uuid PRIMARY KEY,
    token text NOT NULL CONSTRAINT gifts_token_is_unique UNIQUE,
    campaign_id text NOT NULL REFERENCES campaigns (id),
    person_id uuid NOT NULL REFERENCES people (id),
    amount_cents bigint NOT NULL,
    method text NOT NULL,
    public_name boolean NOT NULL,
    wants_news boolean NOT NULL,
    wants_receipt boolean NOT NULL,
    created_at timestamptz NOT NULL,
    state text NOT NULL,
    captured_cents bigint NOT NULL DEFAULT 0,
    refunded_cents bigint NOT NULL DEFAULT 0,
    lost_cents bigint NOT NULL DEFAULT 0,
    paid_at timestamptz,
    cleared_at timestamptz,
    match_state text NOT NULL,
    match_cents bigint NOT NULL DEFAULT 0,
    reservation_ends_at timestamptz,
    no_receipt_reason text,
    reduction_bp bigint,
    CONSTRAINT gifts_amount_is_positive CHECK (amount_cents > 0),
    CONSTRAINT gifts_never_return_more_than_captured
        CHECK (refunded_cents >= 0 AND lost_cents >= 0
            AND refunded_cents + lost_cents <= captured_cents),
    CONSTRAINT gifts_state_is_known CHECK (state IN ('created', 'processing', 'unknown', 'failed',
        'captured', 'partly_refunded', 'refunded', 'disputed')),
    CONSTRAINT gifts_match_state_is_known CHECK (match_state IN ('none', 'reserved', 'committed',
        'held', 'refunded', 'expired', 'cancelled', 'refund_due')),
    CONSTRAINT gifts_commit_needs_capture
        CHECK (match_state NOT IN ('committed', 'held') OR captured_cents > 0)
);
CREATE INDEX gifts_by_campaign ON gifts (campaign_id, paid_at DESC);
CREATE INDEX gifts_by_person ON gifts (person_id, created_at DESC);
CREATE INDEX gifts_open_reservations ON gifts (reservation_ends_at) WHERE match_state = 'reserved';
CREATE INDEX gifts_by_payment ON gifts (paid_at) WHERE paid_at IS NOT NULL;
COMMENT ON TABLE gifts IS 'A gift; its id was made by the form before the first attempt, so a second click is the same row.';
COMMENT ON COLUMN gifts.token IS '128 random bits: the address of the donor''s page.';
COMMENT ON COLUMN gifts.state IS 'Payment state of decision 19.';
COMMENT ON COLUMN gifts.match_state IS 'Life of the match: reserved, committed, released…';
COMMENT ON COLUMN gifts.reservation_ends_at IS 'End of the reservation, grace not included.';
COMMENT ON COLUMN gifts.cleared_at IS 'After this date the money cannot come back by itself.';
COMMENT ON COLUMN gifts.no_receipt_reason IS 'Why no receipt exists (yet).';
COMMENT ON COLUMN gifts.reduction_bp IS 'The tax reduction shown to the donor, in basis points.';

CREATE TABLE gift_donors (
    gift_id uuid PRIMARY KEY REFERENCES gifts (id),
    first_name text NOT NULL,
    last_name text NOT NULL,
    address_line text NOT NULL,
    postcode text NOT NULL,
    city text NOT NULL,
    country text NOT NULL,
    CONSTRAINT gift_donors_are_short CHECK (length(first_name) <= 100 AND length(last_name) <= 100
        AND length(address_line) <= 200 AND length(city) <= 100)
);
COMMENT ON TABLE gift_donors IS 'Name and address as typed for the receipt; apart, so that it can be forgotten alone.';

CREATE TABLE gift_payments (
    gift_id uuid PRIMARY KEY REFERENCES gifts (id),
    destination text NOT NULL,
    session_id text CONSTRAINT gift_payments_one_session UNIQUE,
    checkout_url text,
    payment_intent text CONSTRAINT gift_payments_one_intent UNIQUE,
    charge text,
    fee_cents bigint,
    card_fingerprint text,
    decline_code text,
    asked_at timestamptz NOT NULL
);
COMMENT ON TABLE gift_payments IS 'The payment of a gift at the provider: its references, never a card.';

CREATE TABLE provider_events (
    provider text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    body bytea NOT NULL,
    livemode boolean NOT NULL,
    gift_id uuid,
    state text NOT NULL,
    note text,
    received_at timestamptz NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (provider, id),
    CONSTRAINT provider_events_state_is_known
        CHECK (state IN ('stored', 'processed', 'parked', 'foreign'))
);
CREATE INDEX provider_events_open ON provider_events (received_at) WHERE state = 'stored';
COMMENT ON TABLE provider_events IS 'The inbox: raw bytes of each verified event, once, before anything else.';

CREATE TABLE refunds (
    id uuid PRIMARY KEY,
    gift_id uuid NOT NULL REFERENCES gifts (id),
    provider_id text CONSTRAINT refunds_one_per_provider_refund UNIQUE,
    amount_cents bigint NOT NULL,
    origin text NOT NULL,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT refunds_amount_is_positive CHECK (amount_cents > 0),
    CONSTRAINT refunds_state_is_known
        CHECK (state IN ('queued', 'asked', 'unknown', 'pending', 'succeeded', 'failed'))
);
CREATE INDEX refunds_by_gift ON refunds (gift_id);
COMMENT ON TABLE refunds IS 'Refunds we asked for (id = idempotency key) or found at the provider.';
COMMENT ON COLUMN refunds.state IS 'queued waits for an operator (debits); unknown: the call did not come back.';

CREATE TABLE disputes (
    id text PRIMARY KEY,
    gift_id uuid NOT NULL REFERENCES gifts (id),
    amount_cents bigint NOT NULL,
    fee_cents bigint NOT NULL,
    state text NOT NULL,
    opened_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE disputes IS 'A donor''s bank contests a payment; id is the provider''s.';
