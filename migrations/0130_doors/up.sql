-- The doors: letters that let somebody in, and the sessions they open.
CREATE TABLE sign_ins (
    id uuid PRIMARY KEY,
    browser text NOT NULL,
    email text NOT NULL,
    next text NOT NULL,
    link bytea CONSTRAINT sign_ins_one_per_link UNIQUE,
    code bytea,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT sign_ins_five_tries CHECK (tries BETWEEN 0 AND 5),
    asked_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT sign_ins_link_with_code CHECK ((link IS NULL) = (code IS NULL))
);
COMMENT ON TABLE sign_ins IS 'A letter asked for by who wants to sign in; without link and code while, or because, none was sent.';
COMMENT ON COLUMN sign_ins.browser IS 'Digest of the thread of the visit that asked: nobody else can use link or code.';
COMMENT ON COLUMN sign_ins.next IS 'The path of ours that was wanted.';
COMMENT ON COLUMN sign_ins.link IS 'SHA-256 of the word in the link.';
COMMENT ON COLUMN sign_ins.code IS 'SHA-256 of the row''s id and the six digits.';
CREATE INDEX sign_ins_of_browser ON sign_ins (browser, asked_at);
CREATE INDEX sign_ins_by_age ON sign_ins (asked_at);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    token bytea NOT NULL CONSTRAINT sessions_one_per_token UNIQUE,
    person_id uuid NOT NULL REFERENCES people,
    device text NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE sessions IS 'Who is signed in, and on what. Redis is not asked: if it burns, nobody is signed out.';
COMMENT ON COLUMN sessions.token IS 'SHA-256 of the word in the cookie.';
COMMENT ON COLUMN sessions.device IS 'Browser and system in words, to be recognised in a list.';
CREATE INDEX sessions_of_person ON sessions (person_id) WHERE ended_at IS NULL;
