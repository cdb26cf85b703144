DROP INDEX decisions_by_pot;
DROP TABLE instalments;
DROP TABLE agreements;
ALTER TABLE tranches DROP COLUMN opened_cents;
DROP TABLE contributors;
