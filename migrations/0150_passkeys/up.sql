-- A second step: something one holds.
CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    credential bytea NOT NULL CONSTRAINT passkeys_one_per_credential UNIQUE,
    name text NOT NULL CONSTRAINT passkeys_have_a_name CHECK (length(name) BETWEEN 1 AND 60),
    key jsonb NOT NULL,
    added_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE passkeys IS 'A passkey (W3C Web Authentication): its public half, which opens nothing.';
CREATE INDEX passkeys_by_person ON passkeys (person_id);

CREATE TABLE ceremonies (
    session_id uuid PRIMARY KEY REFERENCES sessions,
    kind text NOT NULL CONSTRAINT ceremonies_kind CHECK (kind IN ('enrol', 'prove')),
    state jsonb NOT NULL,
    begun_at timestamptz NOT NULL
);
COMMENT ON TABLE ceremonies IS 'A question that a browser was asked and has not answered; the last one of a session.';

ALTER TABLE sessions ADD COLUMN strong_at timestamptz;
COMMENT ON COLUMN sessions.strong_at IS 'When a passkey was last proven in it.';
