-- Who works for the platform, and the return of somebody who lost every passkey.
CREATE TABLE staff (
    person_id uuid PRIMARY KEY REFERENCES people,
    role text NOT NULL CONSTRAINT staff_role CHECK (role IN ('administrator', 'operator', 'auditor')),
    since timestamptz NOT NULL
);
COMMENT ON TABLE staff IS 'Who works for the platform, with one role; they prove a passkey before anything.';

CREATE TABLE recoveries (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    reason text NOT NULL CONSTRAINT recoveries_have_a_reason CHECK (length(reason) BETWEEN 1 AND 1000),
    asked_by uuid NOT NULL REFERENCES people,
    asked_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    confirmed_by uuid REFERENCES people,
    ended_at timestamptz,
    CONSTRAINT recoveries_take_two CHECK (confirmed_by <> asked_by),
    CONSTRAINT recoveries_are_for_others CHECK (person_id <> asked_by AND person_id <> confirmed_by),
    CONSTRAINT recoveries_confirmed_are_over CHECK (confirmed_by IS NULL OR ended_at IS NOT NULL)
);
COMMENT ON TABLE recoveries IS 'Somebody lost every passkey: two administrators, neither of them that person, take the keys away.';
CREATE UNIQUE INDEX recoveries_one_open ON recoveries (person_id) WHERE ended_at IS NULL;
