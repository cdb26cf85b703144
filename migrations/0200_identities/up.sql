-- Who is known by an identity provider, and the round trips to one.
CREATE TABLE identities (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    provider text NOT NULL CONSTRAINT identities_provider CHECK (provider IN ('proconnect', 'franceconnect')),
    issuer text NOT NULL,
    subject text NOT NULL,
    siret text CONSTRAINT identities_siret CHECK (siret ~ '^[0-9]{14}$'),
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT identities_one_per_subject UNIQUE (issuer, subject),
    CONSTRAINT identities_siret_of_professionals CHECK (siret IS NULL OR provider = 'proconnect')
);
COMMENT ON TABLE identities IS 'An account at an identity provider that lets a person in. Its key is issuer and subject, never an address.';
COMMENT ON COLUMN identities.subject IS 'Who it is, for this issuer and us alone.';
COMMENT ON COLUMN identities.siret IS 'The establishment the person last said there to act for.';
CREATE INDEX identities_by_person ON identities (person_id);

CREATE TABLE round_trips (
    id uuid PRIMARY KEY,
    provider text NOT NULL CONSTRAINT round_trips_provider CHECK (provider IN ('proconnect', 'franceconnect')),
    state bytea NOT NULL CONSTRAINT round_trips_one_per_state UNIQUE,
    nonce text NOT NULL,
    verifier text NOT NULL,
    browser text NOT NULL,
    session_id uuid REFERENCES sessions ON DELETE CASCADE,
    next text NOT NULL,
    asked_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE round_trips IS 'A browser that went to an identity provider; it comes back once, within ten minutes, or not at all.';
COMMENT ON COLUMN round_trips.state IS 'SHA-256 of the word that comes back with the browser.';
COMMENT ON COLUMN round_trips.nonce IS 'Comes back in the ID token.';
COMMENT ON COLUMN round_trips.verifier IS 'Shown to the provider for the code (PKCE, RFC 7636).';
COMMENT ON COLUMN round_trips.browser IS 'Digest of the thread of the visit that went: nobody else can come back.';
COMMENT ON COLUMN round_trips.session_id IS 'Of who is signed in and adds an identity; nobody for who wants to come in.';
COMMENT ON COLUMN round_trips.next IS 'The path of ours that was wanted.';
CREATE INDEX round_trips_by_age ON round_trips (asked_at);

CREATE TABLE waiting_identities (
    sign_in_id uuid PRIMARY KEY REFERENCES sign_ins ON DELETE CASCADE,
    provider text NOT NULL CONSTRAINT waiting_identities_provider CHECK (provider IN ('proconnect', 'franceconnect')),
    issuer text NOT NULL,
    subject text NOT NULL,
    siret text CONSTRAINT waiting_identities_siret CHECK (siret ~ '^[0-9]{14}$'),
    id_token text NOT NULL
);
COMMENT ON TABLE waiting_identities IS 'An account at an identity provider that we see for the first time; it is bound to the person who answers the letter sent to its address.';

CREATE TABLE provider_sessions (
    session_id uuid PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,
    provider text NOT NULL CONSTRAINT provider_sessions_provider CHECK (provider IN ('proconnect', 'franceconnect')),
    id_token text NOT NULL
);
COMMENT ON TABLE provider_sessions IS 'A session that began at an identity provider, to sign out there too; gone when the session is ended or forgotten.';
COMMENT ON COLUMN provider_sessions.id_token IS 'Says whom to sign out; it opens nothing.';
