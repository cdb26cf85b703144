-- The brake against card testing: who declines too often confirms by e-mail before paying.
CREATE TABLE gift_challenges (
    token text PRIMARY KEY,
    gift_id uuid NOT NULL CONSTRAINT gift_challenges_one_per_gift UNIQUE,
    form jsonb NOT NULL,
    asked_at timestamptz NOT NULL,
    confirmed_at timestamptz
);
COMMENT ON TABLE gift_challenges IS 'A gift that waits for its donor to follow a link sent by e-mail; no payment page is opened before.';
COMMENT ON COLUMN gift_challenges.form IS 'The gift as asked, with what the donor typed.';

ALTER TABLE gift_payments ADD COLUMN asked_from text NOT NULL DEFAULT '';
COMMENT ON COLUMN gift_payments.asked_from IS 'Keyed digest of the address the gift was asked from, to count declines by.';
CREATE INDEX gift_payments_lately ON gift_payments (asked_at);
