-- Who may act for an organisation, who is asked to, and the audit trail of both.
CREATE TABLE members (
    organisation_id text NOT NULL REFERENCES organisations,
    person_id uuid NOT NULL REFERENCES people,
    role text NOT NULL CONSTRAINT members_role CHECK (role IN ('owner', 'editor', 'finance', 'reader')),
    since timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, person_id)
);
COMMENT ON TABLE members IS 'A person who acts for an organisation, with one role there.';
CREATE INDEX members_by_person ON members (person_id);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    email text NOT NULL,
    email_key text NOT NULL CONSTRAINT invitations_email_key_is_lower CHECK (email_key = lower(email)),
    role text NOT NULL CONSTRAINT invitations_role CHECK (role IN ('owner', 'editor', 'finance', 'reader')),
    invited_by uuid NOT NULL REFERENCES people,
    invited_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    answer text CONSTRAINT invitations_answer CHECK (answer IN ('accepted', 'declined', 'withdrawn')),
    answered_at timestamptz,
    CONSTRAINT invitations_answer_has_a_time CHECK ((answer IS NULL) = (answered_at IS NULL))
);
COMMENT ON TABLE invitations IS 'Somebody is asked to join. It opens nothing: who has the address signs in and answers.';
CREATE UNIQUE INDEX invitations_one_open ON invitations (organisation_id, email_key) WHERE answer IS NULL;
CREATE INDEX invitations_by_address ON invitations (email_key) WHERE answer IS NULL;

CREATE TABLE trail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid REFERENCES people,
    action text NOT NULL,
    subject text NOT NULL,
    before jsonb,
    after jsonb
);
COMMENT ON TABLE trail IS 'Who changed what about access, when, from what to what; it only grows.';
COMMENT ON COLUMN trail.actor_id IS 'Nobody for what the platform did by itself.';
CREATE INDEX trail_by_subject ON trail (subject, id);
CREATE TRIGGER trail_only_grows BEFORE UPDATE OR DELETE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
