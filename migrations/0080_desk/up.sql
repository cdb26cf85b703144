-- The operator's desk: settings, limits on money, what does not agree.
CREATE TABLE settings (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE settings IS 'Switches an operator may turn while the product runs, such as giving_open.';

CREATE TABLE limits (
    key text PRIMARY KEY,
    level_micro bigint NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE limits IS 'Leaky buckets of the limits on money; keys are hashed.';
COMMENT ON COLUMN limits.level_micro IS 'Fill level in millionths of one use.';

CREATE TABLE discrepancies (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE UNIQUE INDEX discrepancies_open_once ON discrepancies (kind, subject) WHERE closed_at IS NULL;
COMMENT ON TABLE discrepancies IS 'What does not agree between provider and books: numbered, for a person, never repaired in silence.';

CREATE TABLE provider_sweeps (
    provider text PRIMARY KEY,
    swept_to timestamptz NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE provider_sweeps IS 'How far the reconciler has listed the provider''s events.';
