//! The invariants of the books, each a question whose answer must be empty. Read only.

use diesel::sql_types::{Text, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use time::OffsetDateTime;

use crate::session::Reads;

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, diesel::QueryableByName)]
pub struct Breach {
    /// `L1` and so on.
    #[diesel(sql_type = Text)]
    pub invariant: String,
    /// About what: an id.
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// What was found.
    #[diesel(sql_type = Text)]
    pub found: String,
}

/// A question about every gift ever made may take longer than one that a page waits for.
const PATIENCE: &str = "SET LOCAL statement_timeout = '60s'";

/// Each invariant as a query of (invariant, subject, found); `$1` is now.
const QUESTIONS: &[&str] = &[
    // L1: every posting sums to zero.
    "SELECT 'L1' AS invariant, posting_id::text AS subject, sum(amount_cents)::text AS found
     FROM journal_entries WHERE $1 IS NOT NULL
     GROUP BY posting_id HAVING sum(amount_cents) <> 0",
    // L5: what is shown is the fold of the gifts.
    "SELECT 'L5' AS invariant, c.id AS subject,
         concat_ws(' ', 'shown', t.raised, t.matched, t.gifts, 'gifts', g.raised, g.matched,
             g.gifts) AS found
     FROM campaigns c
     LEFT JOIN (SELECT campaign_id, sum(raised_cents) AS raised, sum(matched_cents) AS matched,
             sum(gifts) AS gifts
         FROM (SELECT campaign_id, raised_cents, matched_cents, gifts FROM campaign_totals
             UNION ALL SELECT campaign_id, raised_cents, matched_cents, gifts FROM total_changes) u
         GROUP BY campaign_id) t ON t.campaign_id = c.id
     LEFT JOIN (SELECT campaign_id, sum(captured_cents - refunded_cents - lost_cents) AS raised,
             sum(match_cents) + coalesce((SELECT sum(granted_cents) FROM awards a
                 WHERE a.campaign_id = gifts.campaign_id), 0) AS matched, count(*) AS gifts
         FROM gifts WHERE match_state = 'committed' GROUP BY campaign_id) g ON g.campaign_id = c.id
     WHERE $1 IS NOT NULL
         AND (coalesce(t.raised, 0), coalesce(t.matched, 0), coalesce(t.gifts, 0))
         <> (coalesce(g.raised, 0), coalesce(g.matched, 0), coalesce(g.gifts, 0))",
    // L5: the holder's payable is what stays of captured gifts.
    "SELECT 'L5' AS invariant, c.id AS subject,
         concat_ws(' ', 'payable', coalesce(j.total, 0), 'gifts', coalesce(g.net, 0)) AS found
     FROM campaigns c
     LEFT JOIN (SELECT account, sum(amount_cents) AS total FROM journal_entries
         WHERE account LIKE 'campaign\\_payable:%:gift' GROUP BY account) j
         ON j.account = 'campaign_payable:' || c.id || ':gift'
     LEFT JOIN (SELECT campaign_id, sum(captured_cents - refunded_cents - lost_cents
             - CASE WHEN state = 'disputed' THEN (SELECT coalesce(sum(d.amount_cents), 0)
                 FROM disputes d WHERE d.gift_id = gifts.id AND d.state = 'open') ELSE 0 END)
             AS net
         FROM gifts GROUP BY campaign_id) g ON g.campaign_id = c.id
     WHERE $1 IS NOT NULL AND coalesce(j.total, 0) <> -coalesce(g.net, 0)",
    // L6: what a tranche has used is the sum of its entries.
    "SELECT 'L6' AS invariant, t.pot_id || '/' || t.id AS subject,
         concat_ws(' ', 'used', t.used_cents, 'entries', e.total) AS found
     FROM tranches t JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS total
         FROM match_entries WHERE pot_id = t.pot_id AND tranche_id = t.id) e ON true
     WHERE $1 IS NOT NULL AND t.used_cents <> e.total",
    // L6: the books hold what the tranche holds: contributed = available + committed, less what
    // was taken back after use.
    "SELECT 'L6' AS invariant, t.pot_id || '/' || t.id AS subject,
         concat_ws(' ', 'books', j.total, 'amount', t.amount_cents) AS found
     FROM tranches t JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS total
         FROM journal_entries WHERE account IN ('pot_available:' || t.pot_id || '/' || t.id,
             'match_committed:' || t.pot_id || '/' || t.id,
             'pot_receivable:' || t.pot_id || '/' || t.id)) j ON true
     WHERE $1 IS NOT NULL AND -j.total <> t.amount_cents",
    // L6: committed in the books is what committed gifts and awards hold.
    "SELECT 'L6' AS invariant, t.pot_id || '/' || t.id AS subject,
         concat_ws(' ', 'committed', j.total, 'gifts', e.total) AS found
     FROM tranches t
     JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS total FROM journal_entries
         WHERE account = 'match_committed:' || t.pot_id || '/' || t.id) j ON true
     JOIN LATERAL (SELECT coalesce(sum(m.amount_cents), 0) AS total
         FROM match_entries m LEFT JOIN gifts g ON g.id = m.gift_id
         WHERE m.pot_id = t.pot_id AND m.tranche_id = t.id
             AND g.match_state IS DISTINCT FROM 'reserved') e
         ON true
     WHERE $1 IS NOT NULL AND -j.total <> e.total",
    // L7: the entries of a gift are its lines, and its lines its match.
    "SELECT 'L7' AS invariant, g.id::text AS subject,
         concat_ws(' ', 'match', g.match_cents, 'lines', coalesce(l.total, 0), 'entries',
             coalesce(e.total, 0)) AS found
     FROM gifts g
     LEFT JOIN (SELECT gift_id, sum(granted_cents) AS total FROM match_lines GROUP BY gift_id) l
         ON l.gift_id = g.id
     LEFT JOIN (SELECT gift_id, sum(amount_cents) AS total FROM match_entries GROUP BY gift_id) e
         ON e.gift_id = g.id
     WHERE $1 IS NOT NULL
         AND (g.match_cents <> coalesce(l.total, 0) OR g.match_cents <> coalesce(e.total, 0))",
    // L7: the entries of an award are what it holds.
    "SELECT 'L7' AS invariant, 'award ' || a.id AS subject,
         concat_ws(' ', 'granted', a.granted_cents, 'entries', coalesce(e.total, 0)) AS found
     FROM awards a LEFT JOIN (SELECT award_id, sum(amount_cents) AS total FROM match_entries
         GROUP BY award_id) e ON e.award_id = a.id
     WHERE $1 IS NOT NULL AND a.granted_cents <> coalesce(e.total, 0)",
    // L7: counters per rule and per campaign.
    "SELECT 'L7' AS invariant, u.rule_set_id || ' ' || u.campaign_id AS subject,
         concat_ws(' ', 'counted', u.match_cents, 'lines', coalesce(l.total, 0)) AS found
     FROM rule_usage u
     LEFT JOIN (SELECT rule_set_id, campaign_id, sum(granted_cents) AS total
         FROM (SELECT rule_set_id, campaign_id, granted_cents FROM match_lines
             UNION ALL SELECT rule_set_id, campaign_id, granted_cents FROM awards) u
         GROUP BY rule_set_id, campaign_id) l USING (rule_set_id, campaign_id)
     WHERE $1 IS NOT NULL AND u.match_cents <> coalesce(l.total, 0)",
    "SELECT 'L7' AS invariant, d.campaign_id AS subject,
         concat_ws(' ', 'public', d.public_cents, 'entries', coalesce(e.total, 0)) AS found
     FROM campaign_draws d
     LEFT JOIN (SELECT m.campaign_id, sum(m.amount_cents) AS total
         FROM match_entries m JOIN tranches t ON t.pot_id = m.pot_id AND t.id = m.tranche_id
         WHERE t.origin IN ('eu', 'state', 'local_authority') GROUP BY m.campaign_id) e
         USING (campaign_id)
     WHERE $1 IS NOT NULL AND d.public_cents <> coalesce(e.total, 0)",
    // L8: no committed match without captured money that stays.
    "SELECT 'L8' AS invariant, id::text AS subject, match_state AS found FROM gifts
     WHERE $1 IS NOT NULL AND match_state = 'committed'
         AND captured_cents - refunded_cents - lost_cents <= 0",
    // L9: refunds that went through are what the gift says.
    "SELECT 'L9' AS invariant, g.id::text AS subject,
         concat_ws(' ', 'gift', g.refunded_cents, 'refunds', r.total) AS found
     FROM gifts g JOIN LATERAL (SELECT coalesce(sum(amount_cents), 0) AS total FROM refunds
         WHERE gift_id = g.id AND state = 'succeeded') r ON true
     WHERE $1 IS NOT NULL AND g.refunded_cents <> r.total",
    // L13: numbers without a gap.
    "SELECT 'L13' AS invariant, k.issuer_id || ' ' || k.year AS subject,
         concat_ws(' ', 'last', k.last_rank, 'receipts', r.n) AS found
     FROM receipt_counters k JOIN LATERAL (SELECT count(*) AS n FROM receipts
         WHERE issuer_id = k.issuer_id AND year = k.year) r ON true
     WHERE $1 IS NOT NULL AND k.last_rank <> r.n",
    // L13: every gift that stands has a receipt or a reason, ten minutes after its capture.
    "SELECT 'L13' AS invariant, g.id::text AS subject, 'neither receipt nor reason' AS found
     FROM gifts g WHERE g.match_state = 'committed' AND g.no_receipt_reason IS NULL
         AND g.paid_at < $1 - interval '10 minutes'
         AND NOT EXISTS (SELECT FROM receipts r
             WHERE r.gift_id = g.id AND r.cancelled_at IS NULL)
         AND NOT EXISTS (SELECT FROM jobs j WHERE j.key IN
                 ('issue_receipt:' || g.id, 'past/issue_receipt:' || g.id)
             AND j.state <> 'done')",
    // L14: the receipt says what stays of the gift, never the match.
    "SELECT 'L14' AS invariant, r.number AS subject,
         concat_ws(' ', 'receipt', r.amount_cents, 'gift',
             g.captured_cents - g.refunded_cents - g.lost_cents) AS found
     FROM receipts r JOIN gifts g ON g.id = r.gift_id
     WHERE $1 IS NOT NULL AND r.cancelled_at IS NULL AND g.state <> 'disputed'
         AND r.amount_cents <> g.captured_cents - g.refunded_cents - g.lost_cents
         AND NOT EXISTS (SELECT FROM jobs j WHERE j.key IN
                 ('issue_receipt:' || g.id, 'past/issue_receipt:' || g.id)
             AND j.state <> 'done')",
    // L18: no event waits for long.
    "SELECT 'L18' AS invariant, id AS subject, kind AS found FROM provider_events
     WHERE state = 'stored' AND received_at < $1 - interval '10 minutes'",
    // L19: a parked job is a person's turn.
    "SELECT 'L19' AS invariant, id::text AS subject, kind AS found FROM jobs
     WHERE $1 IS NOT NULL AND state = 'parked'",
];

/// Asks every question; an empty answer is a sound house.
///
/// # Errors
/// When the database cannot be read.
pub async fn breaches(db: &mut impl Reads, now: OffsetDateTime) -> anyhow::Result<Vec<Breach>> {
    let asked = async |conn: &mut AsyncPgConnection| {
        conn.batch_execute(PATIENCE).await?;
        let mut found = Vec::new();
        for question in QUESTIONS {
            let answers: Vec<Breach> =
                diesel::sql_query(*question).bind::<Timestamptz, _>(now).load(conn).await?;
            found.extend(answers);
        }
        anyhow::Ok(found)
    };
    db.conn().transaction(asked).await
}
