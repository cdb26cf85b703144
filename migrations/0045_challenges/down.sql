DROP INDEX gift_payments_lately; ALTER TABLE gift_payments DROP COLUMN asked_from; DROP TABLE gift_challenges;
