-- A large marketplace, made in minutes: rows that agree with each other and with the books, without the
-- verbs that would take a day. Campaigns are copies of those that are there; gifts are captured, each
-- with the match of the first pot. `:campaigns` and `:gifts` are replaced by numbers.
BEGIN;
-- Checks of every row would take longer than the rows; `essaim check` looks at them afterwards.
SET LOCAL session_replication_role = replica;
SELECT setseed(0.5);

CREATE TEMP TABLE loaded_campaigns ON COMMIT DROP AS
SELECT n, every.ids[1 + n % cardinality(every.ids)] AS like_id
FROM generate_series(1, :campaigns) AS n,
    (SELECT array_agg(id ORDER BY id) AS ids FROM campaigns WHERE NOT all_or_nothing) AS every;

INSERT INTO organisations
SELECT r.* FROM loaded_campaigns l
JOIN campaigns c ON c.id = l.like_id
JOIN organisations o ON o.id = c.holder_id,
LATERAL jsonb_populate_record(o, jsonb_build_object(
    'id', 'org-x' || l.n, 'undertaking', 'x' || l.n,
    'provider_account', 'acct_x' || l.n, 'charges_enabled', true)) AS r;

INSERT INTO campaigns
SELECT r.* FROM loaded_campaigns l
JOIN campaigns c ON c.id = l.like_id,
LATERAL jsonb_populate_record(c, jsonb_build_object(
    'id', 'load-' || l.n, 'slug', c.slug || '-' || l.n, 'holder_id', 'org-x' || l.n,
    'title', c.title || ' ' || l.n,
    'facts', c.facts || jsonb_build_object('id', 'load-' || l.n, 'holder', 'org-x' || l.n),
    'status', 'published', 'minimum_reached_at', NULL, 'closed_at', NULL,
    'starts_at', now() - (61 + l.n % 30) * interval '1 day',
    'ends_at', now() + (3 + l.n % 45) * interval '1 day',
    'created_at', now() - interval '100 days')) AS r;

INSERT INTO tranche_fits
SELECT f.pot_id, f.tranche_id, 'load-' || l.n
FROM loaded_campaigns l JOIN tranche_fits f ON f.campaign_id = l.like_id;

-- Some campaigns are loved more than others: the first of ten thousand has thirty times the gifts of
-- the last.
CREATE TEMP TABLE loaded_gifts ON COMMIT DROP AS
SELECT n,
    ('01000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
    'load-' || (1 + floor(:campaigns * power(random(), 1.5)))::integer AS campaign_id,
    1 + floor(random() * greatest(:gifts / 4, 1))::integer AS person,
    500 * (1 + floor(random() * random() * 18))::bigint AS amount,
    now() - interval '1 hour' - random() * interval '60 days' AS at,
    NULL::uuid AS person_id, NULL::text AS account
FROM generate_series(1, :gifts) AS n;
UPDATE loaded_gifts g SET account = replace(campaign_id, 'load-', 'acct_x'),
    person_id = ('02000000-0000-7000-8000-' || lpad(to_hex(person), 12, '0'))::uuid;
ANALYZE loaded_gifts;

INSERT INTO people (id, email, email_key, created_at)
SELECT DISTINCT person_id, 'x' || person || '@exemple.fr', 'x' || person || '@exemple.fr',
    now() - interval '100 days' FROM loaded_gifts;

INSERT INTO gifts (id, token, campaign_id, person_id, amount_cents, method, public_name, wants_news,
    wants_receipt, created_at, state, captured_cents, paid_at, cleared_at, match_state, match_cents,
    no_receipt_reason, reduction_bp)
SELECT id, 'load' || n, campaign_id, person_id, amount, 'card', n % 3 = 0, false, false, at,
    'captured', amount, at, at, 'committed', amount / 2, 'not_wanted', 6600
FROM loaded_gifts ORDER BY n;

INSERT INTO gift_donors
SELECT id, 'Camille', 'Lestrade', '', '', '', 'FR' FROM loaded_gifts ORDER BY n;

INSERT INTO gift_payments (gift_id, destination, session_id, payment_intent, charge, fee_cents,
    card_fingerprint, asked_at)
SELECT id, account, 'cs_load' || n, 'pi_load' || n, 'ch_load' || n, 0, 'fp_load' || person, at
FROM loaded_gifts ORDER BY n;

CREATE TEMP TABLE first_pot ON COMMIT DROP AS
SELECT p.id AS pot, t.id AS tranche, t.origin, r.id AS rule, r.version
FROM pots p JOIN tranches t ON t.pot_id = p.id JOIN rule_sets r ON r.pot_id = p.id
ORDER BY p.ordinal, t.id, r.id, r.version LIMIT 1;

INSERT INTO match_lines (gift_id, rank, campaign_id, donor_group, pot_id, rule_set_id,
    rule_set_version, granted_cents, base_used_cents, line)
SELECT g.id, 1, g.campaign_id, g.person_id::text, f.pot, f.rule, f.version, g.amount / 2, g.amount,
    jsonb_build_object('pot', f.pot, 'rule_set', f.rule || '@' || f.version, 'state', 'firm',
        'rate_bps', 5000, 'base', g.amount, 'want', g.amount / 2, 'granted', g.amount / 2,
        'binding', 'none', 'base_used', g.amount, 'reducer', NULL, 'sources',
        jsonb_build_array(jsonb_build_object('tranche', f.tranche, 'amount', g.amount / 2)))
FROM loaded_gifts g, first_pot f ORDER BY g.n;

INSERT INTO match_entries (gift_id, pot_id, tranche_id, campaign_id, kind, amount_cents, at)
SELECT g.id, f.pot, f.tranche, g.campaign_id, 'draw', g.amount / 2, g.at
FROM loaded_gifts g, first_pot f ORDER BY g.n;

-- Two postings a gift, numbered after those that are there.
CREATE TEMP TABLE booked ON COMMIT DROP AS SELECT coalesce(max(id), 0) AS last FROM journal_postings;
INSERT INTO journal_postings (id, cause_kind, cause_id, kind, at)
    OVERRIDING SYSTEM VALUE
SELECT b.last + 2 * g.n - 2 + k.n, 'gift', g.id::text, k.kind, g.at
FROM loaded_gifts g, booked b, (VALUES (1, 'gift_captured'), (2, 'match_awarded')) AS k (n, kind)
ORDER BY g.n, k.n;
SELECT setval(pg_get_serial_sequence('journal_postings', 'id'), max(id)) FROM journal_postings;

INSERT INTO journal_entries (posting_id, rank, account, amount_cents)
SELECT b.last + 2 * g.n - 2 + e.posting, e.rank, e.account, e.amount
FROM loaded_gifts g, booked b, first_pot f, LATERAL (VALUES
    (1, 1, 'psp:' || g.account || ':pending', g.amount),
    (1, 2, 'campaign_payable:' || g.campaign_id || ':gift', -g.amount),
    (2, 1, 'pot_available:' || f.pot || '/' || f.tranche, g.amount / 2),
    (2, 2, 'match_committed:' || f.pot || '/' || f.tranche, -(g.amount / 2)))
    AS e (posting, rank, account, amount)
ORDER BY g.n, e.posting, e.rank;

CREATE TEMP TABLE gathered ON COMMIT DROP AS
SELECT 'load-' || l.n AS campaign_id, coalesce(sum(g.amount), 0)::bigint AS raised,
    coalesce(sum(g.amount / 2), 0)::bigint AS matched, count(g.id) AS gifts
FROM loaded_campaigns l LEFT JOIN loaded_gifts g ON g.campaign_id = 'load-' || l.n GROUP BY l.n;

INSERT INTO campaign_totals (campaign_id, raised_cents, matched_cents, gifts, milestone)
SELECT t.campaign_id, t.raised, t.matched, t.gifts, CASE
    WHEN t.raised + t.matched >= c.budget_cents THEN 200
    WHEN t.raised + t.matched >= c.goal_cents THEN 100
    WHEN (t.raised + t.matched) * 4 >= c.goal_cents * 3 THEN 75
    WHEN (t.raised + t.matched) * 2 >= c.goal_cents THEN 50
    WHEN (t.raised + t.matched) * 4 >= c.goal_cents THEN 25 ELSE 0 END
FROM gathered t JOIN campaigns c ON c.id = t.campaign_id;
UPDATE campaigns c SET minimum_reached_at = now() FROM gathered t
WHERE t.campaign_id = c.id AND t.raised + t.matched >= c.goal_cents;

INSERT INTO campaign_draws (campaign_id, eu_cents, public_cents)
SELECT t.campaign_id, CASE WHEN f.origin = 'eu' THEN t.matched ELSE 0 END,
    CASE WHEN f.origin IN ('eu', 'state', 'local_authority') THEN t.matched ELSE 0 END
FROM gathered t, first_pot f;
INSERT INTO rule_usage (rule_set_id, campaign_id, match_cents)
SELECT f.rule, t.campaign_id, t.matched FROM gathered t, first_pot f;
UPDATE tranches t SET used_cents = t.used_cents + sums.matched
FROM first_pot f, (SELECT sum(matched)::bigint AS matched FROM gathered) AS sums
WHERE t.pot_id = f.pot AND t.id = f.tranche;
COMMIT;
VACUUM (ANALYZE);
