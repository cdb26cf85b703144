DROP TABLE journal_entries; DROP TABLE journal_postings; DROP FUNCTION journal_balances();
