-- Where the need is and what territories are, as imported by the fund (decision 45).
CREATE TABLE need_tables (
    version bigint PRIMARY KEY,
    source text NOT NULL,
    vintage text NOT NULL,
    document jsonb NOT NULL,
    file bytea NOT NULL,
    sha256 bytea NOT NULL,
    imported_by uuid NOT NULL REFERENCES people (id),
    imported_at timestamptz NOT NULL,
    CONSTRAINT need_tables_sha256 CHECK (length(sha256) = 32)
);
CREATE TRIGGER need_tables_never_change BEFORE UPDATE OR DELETE ON need_tables
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE need_tables IS 'Indicators of need per département or commune, from which envelopes are computed. Versions only grow.';
COMMENT ON COLUMN need_tables.document IS 'The table as it was read: criteria, territories, values in ten-thousandths.';
COMMENT ON COLUMN need_tables.file IS 'The file as it was sent.';

CREATE TABLE territory_flags (
    version bigint PRIMARY KEY,
    vintage text NOT NULL,
    rural_column text NOT NULL,
    priority_column text NOT NULL,
    communes bigint NOT NULL,
    rural text[] NOT NULL,
    priority text[] NOT NULL,
    sha256 bytea NOT NULL,
    imported_by uuid NOT NULL REFERENCES people (id),
    imported_at timestamptz NOT NULL,
    CONSTRAINT territory_flags_sha256 CHECK (length(sha256) = 32),
    CONSTRAINT territory_flags_are_of_communes
        CHECK (communes >= greatest(cardinality(rural), cardinality(priority)))
);
CREATE TRIGGER territory_flags_never_change BEFORE UPDATE OR DELETE ON territory_flags
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE territory_flags IS 'Which communes are rural and which hold priority neighbourhoods. Versions only grow.';
COMMENT ON COLUMN territory_flags.communes IS 'Communes that the file told of; of any other it says nothing.';
COMMENT ON COLUMN territory_flags.rural IS 'INSEE codes.';
COMMENT ON COLUMN territory_flags.priority IS 'INSEE codes.';

ALTER TABLE campaigns ADD COLUMN flags_version bigint REFERENCES territory_flags (version);
COMMENT ON COLUMN campaigns.flags_version IS 'The table that its flags come from; none when its own file said them.';
