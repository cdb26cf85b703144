-- People we may write to, and the organisations that receive, give or run.
CREATE TABLE people (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    email_key text NOT NULL CONSTRAINT people_one_row_per_address UNIQUE,
    created_at timestamptz NOT NULL,
    bounced_at timestamptz,
    CONSTRAINT people_email_key_is_lower CHECK (email_key = lower(email))
);
COMMENT ON TABLE people IS 'Someone we may write to: a donor, a follower. Known by an e-mail address only.';
COMMENT ON COLUMN people.email_key IS 'The address in lower case: the key of limits, donor groups and duplicates.';
COMMENT ON COLUMN people.bounced_at IS 'Since when letters come back for good; nothing more is sent.';

CREATE TABLE organisations (
    id text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    siren text NOT NULL,
    object text NOT NULL,
    address_line text NOT NULL,
    address_postcode text NOT NULL,
    address_city text NOT NULL,
    address_country text NOT NULL DEFAULT 'FR',
    representative_name text NOT NULL,
    representative_role text NOT NULL,
    undertaking text,
    economic_activity boolean NOT NULL DEFAULT false,
    tax_category text NOT NULL,
    eligibility text NOT NULL,
    eligible_from date,
    eligibility_reference text,
    mandate_signed_on date,
    provider_account text CONSTRAINT organisations_one_account_each UNIQUE,
    charges_enabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    CONSTRAINT organisations_charges_need_an_account
        CHECK (NOT charges_enabled OR provider_account IS NOT NULL)
);
COMMENT ON TABLE organisations IS 'Project holders: who receives gifts and issues receipts.';
COMMENT ON COLUMN organisations.kind IS 'The holder type of the matching rules: association, local_authority, cooperative…';
COMMENT ON COLUMN organisations.undertaking IS 'The single undertaking of the de minimis rule (EU 2023/2831).';
COMMENT ON COLUMN organisations.eligibility IS 'Where it stands with the right to issue receipts (LPF L. 80 C).';
COMMENT ON COLUMN organisations.mandate_signed_on IS 'The day it charged the platform with issuing its receipts.';
COMMENT ON COLUMN organisations.provider_account IS 'Its connected account at the payment institution: money goes there directly.';
