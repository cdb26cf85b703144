ALTER TABLE campaigns DROP COLUMN flags_version;
DROP TABLE territory_flags; DROP TABLE need_tables;
