-- The books: double entry, only growing, ids and never names.
CREATE TABLE journal_postings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause_kind text NOT NULL,
    cause_id text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    note text,
    CONSTRAINT journal_postings_once_per_cause UNIQUE (cause_id, cause_kind, kind)
);
COMMENT ON TABLE journal_postings IS 'One fact in the books. A cause posts at most once per kind.';

CREATE TABLE journal_entries (
    posting_id bigint NOT NULL REFERENCES journal_postings (id),
    rank integer NOT NULL,
    account text NOT NULL,
    amount_cents bigint NOT NULL,
    currency text NOT NULL DEFAULT 'EUR',
    PRIMARY KEY (posting_id, rank),
    CONSTRAINT journal_entries_are_never_zero CHECK (amount_cents <> 0),
    CONSTRAINT journal_entries_are_bounded CHECK (abs(amount_cents) < 1000000000000),
    CONSTRAINT journal_entries_are_in_euros CHECK (currency = 'EUR')
);
CREATE INDEX journal_entries_by_account ON journal_entries (account, posting_id);
COMMENT ON TABLE journal_entries IS 'Debits are positive, credits negative, in cents; each posting sums to zero.';

CREATE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_cents) FROM journal_entries WHERE posting_id = NEW.posting_id) <> 0 THEN
        RAISE EXCEPTION 'posting % does not balance', NEW.posting_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_postings_balance';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_postings_balance AFTER INSERT ON journal_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_balances();
CREATE TRIGGER journal_postings_never_change BEFORE UPDATE OR DELETE ON journal_postings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entries_never_change BEFORE UPDATE OR DELETE ON journal_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
