-- The hand that signs receipts belongs to the organisation that issues them.
ALTER TABLE organisations ADD COLUMN signature bytea REFERENCES documents (sha256);
COMMENT ON COLUMN organisations.signature IS 'Its representative''s signature, an SVG image in documents; without one no receipt is issued.';
CREATE INDEX gifts_without_signature ON gifts (campaign_id) WHERE no_receipt_reason = 'no_signature';
