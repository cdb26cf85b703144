//! A draft of a rule, checked against what is published and what the fund has.

use domain::UtcSeconds;
use matching::{
    RuleSet,
    case::{Campaign, Holder},
    check::{Code, Context, Finding, check},
    tranche::{Tranche, is_territory_code},
};
use serde_json::{Value, json};
use store::{
    Reads,
    drafts::{self, DraftRow},
    pots, rehearsals,
    rules::{self, Published},
};
use templates::rule_words;
use time::OffsetDateTime;

/// Seconds between an approval and the rule: a gift of that moment was decided by rules that were
/// read before it, and must be found so when it is recomputed.
const SOONEST: i64 = 5;

/// A draft and all that is to be said about it.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// The draft.
    pub row: DraftRow,
    /// What it says to the engine, as it would be published now.
    pub document: Value,
    /// What was found, and whether it keeps the draft from being published.
    pub findings: Vec<(bool, Value)>,
    /// The version it changes, when there is one, and what that one says to people.
    pub before: Option<(Value, Value)>,
    /// What the draft will say to people.
    pub sentences: Value,
    /// A rehearsal of the draft as it is, on the past, has ended well.
    pub rehearsed: bool,
}

impl DraftView {
    /// Something found keeps it from being published.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|(refuses, _)| *refuses)
    }
}

/// The last version of a rule, if there is one.
pub(crate) async fn last_version(
    db: &mut impl Reads,
    rule: &str,
) -> anyhow::Result<Option<Published>> {
    let published = rules::published(db).await?;
    let ours = published.iter().filter(|one| one.row.id == rule);
    Ok(ours.max_by_key(|one| one.row.version).cloned())
}

/// A draft, checked against what is published and what the fund has.
pub(crate) async fn view(
    db: &mut impl Reads,
    row: DraftRow,
    now: OffsetDateTime,
) -> anyhow::Result<DraftView> {
    let mut rule: RuleSet = serde_json::from_value(row.document.clone())?;
    let before = last_version(db, &row.rule_set_id).await?;
    let now: UtcSeconds = now.into();
    rule.version = before.as_ref().map_or(1, |before| before.row.version + 1);
    rule.published_at = Some(now);
    rule.effective_from = rule.effective_from.max(now.plus_seconds(SOONEST));
    let played = rehearsals::of_draft(db, row.number).await?;
    let rehearsed = played.iter().any(|one| {
        one.document == row.document && one.report.is_some() && one.year_gifts.is_none()
    });
    let around = Around::read(db, &rule).await?;
    let findings = around.check(&rule, rehearsed);
    let mut findings: Vec<_> = findings.iter().map(|one| (one.refuses(), json!(one))).collect();
    if rule.is_round() && rule.effective_to.is_none() {
        findings.push((true, json!({ "finding": "round_without_end" })));
    }
    let before = before.map(|before| (json!(before.rules), before.row.sentences));
    let document = json!(rule);
    let sentences = rule_words::sentences(&document);
    Ok(DraftView { row, document, findings, before, sentences, rehearsed })
}

/// What a rule is checked against.
struct Around {
    published: Vec<RuleSet>,
    tranches: Vec<Tranche>,
    campaigns: Vec<(Campaign, Holder)>,
    holder_kinds: Vec<String>,
}

impl Around {
    async fn read(db: &mut impl Reads, rule: &RuleSet) -> anyhow::Result<Self> {
        let published = rules::published(db).await?;
        let published = published.iter().map(|one| one.rules.clone());
        let mut all = Vec::new();
        for (row, holder) in drafts::published_with_holders(db).await? {
            all.push((serde_json::from_value(row.facts)?, holder.as_the_rules_see_it()));
        }
        Ok(Self {
            published: published.map(|other| until_replaced(other, rule)).collect(),
            tranches: pots::tranches_of(db, rule.pot.as_str()).await?,
            campaigns: all,
            holder_kinds: drafts::holder_kinds(db).await?,
        })
    }

    fn check(&self, rule: &RuleSet, rehearsed: bool) -> Vec<Finding> {
        let knows = |kind: Code, code: &str| match kind {
            Code::Territory => is_territory_code(code),
            Code::Campaign => self.campaigns.iter().any(|(one, _)| one.id.as_str() == code),
            Code::Public => rule_words::publics().any(|known| known == code),
            Code::HolderType => self.holder_kinds.iter().any(|kind| kind == code),
            Code::Pot => true,
        };
        let context = Context {
            published: &self.published,
            tranches: &self.tranches,
            has_envelopes: false,
            campaigns: &self.campaigns,
            knows: &knows,
            rehearsed,
        };
        check(rule, &context)
    }
}

/// A version without an end holds until the next one begins: the engine takes the highest in force
/// (decision 39).
fn until_replaced(mut other: RuleSet, next: &RuleSet) -> RuleSet {
    let begins_before = other.effective_from < next.effective_from;
    if other.id == next.id && other.effective_to.is_none() && begins_before {
        other.effective_to = Some(next.effective_from);
    }
    other
}
