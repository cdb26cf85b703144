-- Money of a pot directed to a target: two people sign, and the order does not wait for ever.
CREATE TABLE allocation_orders (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pot_id text NOT NULL,
    tranche_id text NOT NULL,
    earmark jsonb NOT NULL,
    ends_on date,
    amount_cents bigint NOT NULL CONSTRAINT allocation_orders_move_something CHECK (amount_cents > 0),
    reason text NOT NULL,
    state text NOT NULL CONSTRAINT allocation_orders_state CHECK (state IN ('open', 'signed', 'withdrawn')),
    asked_by uuid NOT NULL REFERENCES people,
    asked_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL,
    signed_by uuid REFERENCES people,
    ended_at timestamptz,
    FOREIGN KEY (pot_id, tranche_id) REFERENCES tranches (pot_id, id),
    CONSTRAINT allocation_orders_are_signed_by_another CHECK (signed_by <> asked_by),
    CONSTRAINT allocation_orders_signed_name_who CHECK ((state = 'signed') = (signed_by IS NOT NULL)),
    CONSTRAINT allocation_orders_end CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX allocation_orders_by_pot ON allocation_orders (pot_id);
COMMENT ON TABLE allocation_orders IS 'A sum of a tranche for a narrower target: signed by a second person it moves to a tranche of its own.';
COMMENT ON COLUMN allocation_orders.earmark IS 'The target, as the matching rules read it.';
COMMENT ON COLUMN allocation_orders.ends_on IS 'The last day on which it answers gifts, in Paris; that of the tranche it leaves when there is none.';
COMMENT ON COLUMN allocation_orders.lapses_at IS 'From here on nobody signs it any more.';
