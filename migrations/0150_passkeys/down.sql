ALTER TABLE sessions DROP COLUMN strong_at; DROP TABLE ceremonies; DROP TABLE passkeys;
