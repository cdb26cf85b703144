DROP TABLE letters; DROP TABLE receipts; DROP TABLE receipt_counters; DROP TABLE documents;
