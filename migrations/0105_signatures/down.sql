DROP INDEX gifts_without_signature;
ALTER TABLE organisations DROP COLUMN signature;
