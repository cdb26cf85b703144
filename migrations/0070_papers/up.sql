-- Receipts, documents, letters.
CREATE TABLE documents (
    sha256 bytea PRIMARY KEY,
    content_type text NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT documents_name_is_sha256 CHECK (length(sha256) = 32)
);
COMMENT ON TABLE documents IS 'Files under the digest of their bytes: a receipt sent again is the same file.';

CREATE TABLE receipt_counters (
    issuer_id text NOT NULL REFERENCES organisations (id),
    year integer NOT NULL,
    last_rank bigint NOT NULL,
    PRIMARY KEY (issuer_id, year)
);
COMMENT ON TABLE receipt_counters IS 'The last number given, per issuer and year of the gift: a row, since sequences leave gaps.';

CREATE TABLE receipts (
    id uuid PRIMARY KEY,
    gift_id uuid NOT NULL REFERENCES gifts (id),
    issuer_id text NOT NULL REFERENCES organisations (id),
    year integer NOT NULL,
    rank bigint NOT NULL,
    number text NOT NULL CONSTRAINT receipts_number_is_unique UNIQUE,
    token text NOT NULL CONSTRAINT receipts_token_is_unique UNIQUE,
    code text NOT NULL,
    amount_cents bigint NOT NULL,
    content jsonb NOT NULL,
    document bytea REFERENCES documents (sha256),
    issued_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancel_reason text,
    CONSTRAINT receipts_rank_is_unique UNIQUE (issuer_id, year, rank),
    CONSTRAINT receipts_amount_is_positive CHECK (amount_cents > 0)
);
CREATE UNIQUE INDEX receipts_one_live_per_gift ON receipts (gift_id) WHERE cancelled_at IS NULL;
COMMENT ON TABLE receipts IS 'Tax receipts (model 11580). A cancelled number stays cancelled and is never reused.';
COMMENT ON COLUMN receipts.content IS 'All that is printed, frozen; kept six years (LPF L. 102 E).';
COMMENT ON COLUMN receipts.document IS 'The PDF, drawn once.';

CREATE TABLE letters (
    id uuid PRIMARY KEY,
    dedupe_key text NOT NULL CONSTRAINT letters_are_written_once UNIQUE,
    person_id uuid NOT NULL REFERENCES people (id),
    kind text NOT NULL,
    letter jsonb NOT NULL,
    receipt_id uuid REFERENCES receipts (id),
    unsubscribe_url text,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    problem text,
    CONSTRAINT letters_state_is_known
        CHECK (state IN ('queued', 'sent', 'unsure', 'refused', 'history'))
);
CREATE INDEX letters_by_person ON letters (person_id, created_at DESC);
COMMENT ON TABLE letters IS 'A letter to one recipient; its id is the Message-ID, so a retry is the same letter.';
COMMENT ON COLUMN letters.state IS 'history: written about the demonstration''s past, never sent.';
