-- One captured gift, written by pgbench in one round trip and one transaction: the same locks, the same
-- rows once each in their final state, of the same size. `low` and `high` are the campaigns, `gifts`
-- says how many gifts were loaded; one of them stands for the one that is captured.
\set campaign random(:low, :high)
\set chosen random(1, :gifts)
\set mark random(1, 1000000000000000)
BEGIN \;
SELECT id FROM pots WHERE id IN
    (SELECT pot_id FROM tranche_fits WHERE campaign_id = 'load-' || :campaign)
    ORDER BY ordinal, id FOR NO KEY UPDATE \;
SELECT campaign_id FROM campaign_draws WHERE campaign_id = 'load-' || :campaign FOR NO KEY UPDATE \;
SELECT * FROM gifts WHERE id = ('01000000-0000-7000-8000-' || lpad(to_hex(:chosen), 12, '0'))::uuid
    FOR UPDATE \;
INSERT INTO provider_events (provider, id, kind, body, livemode, gift_id, state, received_at,
        settled_at)
    SELECT 'stripe', 'evt_pgbench' || :mark || k, kind, body, false, NULL, 'processed', now(), now()
    FROM generate_series(1, 2) AS k,
        (SELECT kind, body FROM provider_events ORDER BY id LIMIT 1) AS one \;
UPDATE gifts SET state = 'captured', captured_cents = amount_cents, paid_at = now(),
        cleared_at = now(), match_state = 'committed'
    WHERE id = ('01000000-0000-7000-8000-' || lpad(to_hex(:chosen), 12, '0'))::uuid \;
UPDATE gift_payments SET fee_cents = 40
    WHERE gift_id = ('01000000-0000-7000-8000-' || lpad(to_hex(:chosen), 12, '0'))::uuid \;
WITH posted AS (INSERT INTO journal_postings (cause_kind, cause_id, kind, at)
        SELECT 'gift', 'pgbench' || :mark, kind, now()
        FROM unnest(ARRAY['gift_captured', 'fee_charged', 'match_awarded']) AS kind
        RETURNING id, kind)
    INSERT INTO journal_entries (posting_id, rank, account, amount_cents)
    SELECT id, rank, account, amount FROM posted JOIN (VALUES
        ('gift_captured', 1, 'psp:acct_x' || :campaign || ':pending', 1000),
        ('gift_captured', 2, 'campaign_payable:load-' || :campaign || ':gift', -1000),
        ('fee_charged', 1, 'psp_fees', 40),
        ('fee_charged', 2, 'psp:platform:pending', -40),
        ('match_awarded', 1, 'pot_available:socle/etat_socle', 500),
        ('match_awarded', 2, 'match_committed:socle/etat_socle', -500),
        ('match_awarded', 3, 'pot_available:perequation/telecoms', 100),
        ('match_awarded', 4, 'match_committed:perequation/telecoms', -100))
        AS e (kind, rank, account, amount) USING (kind) \;
INSERT INTO decisions (gift_id, event, at, explanation, digest)
    SELECT ('01000000-0000-7000-8000-' || lpad(to_hex(:chosen), 12, '0'))::uuid, 'pay', now(),
        explanation, digest
    FROM (SELECT explanation, digest FROM decisions WHERE event = 'pay' ORDER BY id LIMIT 1) AS one \;
INSERT INTO total_changes (campaign_id, raised_cents, matched_cents, gifts)
    VALUES ('load-' || :campaign, 1000, 600, 1) \;
INSERT INTO letters (id, dedupe_key, person_id, kind, letter, state, created_at)
    SELECT gen_random_uuid(), 'pgbench' || :mark || k, person_id, kind, letter, 'sent', now()
    FROM generate_series(1, 2) AS k,
        (SELECT person_id, kind, letter FROM letters ORDER BY id LIMIT 1) AS one \;
INSERT INTO jobs (kind, key, payload, state, max_attempts, finished_at)
    SELECT 'pgbench', 'pgbench' || :mark || k, payload, 'done', 8, now()
    FROM generate_series(1, 6) AS k,
        (SELECT payload FROM jobs ORDER BY id LIMIT 1) AS one \;
SELECT pg_notify('jobs', '') \;
COMMIT;
