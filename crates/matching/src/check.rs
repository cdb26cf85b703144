//! What must hold before a rule set is published.

use domain::{BasisPoints, Cents};
use serde::{Deserialize, Serialize};

use crate::{
    case::{Campaign, Holder},
    rules::{Award, Mode, RuleSet, When},
    tranche::{Earmark, Tranche},
};

/// A kind of name that a condition uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Commune, EPCI, département or région.
    Territory,
    /// A campaign.
    Campaign,
    /// A public.
    Public,
    /// A kind of holder.
    HolderType,
    /// A pot.
    Pot,
}

/// Everything a rule set is checked against.
pub struct Context<'a> {
    /// All published rule sets, of this pot and of others.
    pub published: &'a [RuleSet],
    /// The tranches of the pot.
    pub tranches: &'a [Tranche],
    /// The pot is divided into envelopes.
    pub has_envelopes: bool,
    /// Campaigns that may still receive, with their holders.
    pub campaigns: &'a [(Campaign, Holder)],
    /// Whether a name exists.
    pub knows: &'a dyn Fn(Code, &str) -> bool,
    /// A rehearsal report is attached.
    pub rehearsed: bool,
}

/// What is wrong with a rule set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// It does not follow the schema.
    Shape {
        /// What is wrong.
        problem: String,
    },
    /// It would apply before it was published.
    Retroactive,
    /// It has no date of publication.
    NotPublished,
    /// Another version is in force at the same time.
    Overlap {
        /// That version.
        version: i64,
    },
    /// Its version exists, or is not above those published.
    VersionTaken,
    /// Its other versions give from another pot.
    OtherPot,
    /// A round looks at donors in a bonus.
    DonorKeyInRound {
        /// The bonus.
        bonus: String,
    },
    /// A quadratic pot has several earmarks, or envelopes.
    PotNotHomogeneous,
    /// A name that does not exist.
    UnknownCode {
        /// What it should name.
        kind: Code,
        /// The name.
        code: String,
    },
    /// A warning: no campaign can be matched now.
    NobodyEligible,
    /// No rehearsal report.
    NotRehearsed,
}

impl Finding {
    /// False for a warning, which does not keep a rule set from being published.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        !matches!(self, Self::NobodyEligible)
    }
}

/// Checks a rule set before its publication; empty when nothing is to be said.
#[must_use]
pub fn check(rule: &RuleSet, context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Err(problem) = shape(rule) {
        found.push(Finding::Shape { problem });
    }
    match rule.published_at {
        None => found.push(Finding::NotPublished),
        Some(at) if rule.effective_from < at => found.push(Finding::Retroactive),
        Some(_) => {}
    }
    found.extend(against_versions(rule, context.published));
    if matches!(rule.mode, Mode::ProRata | Mode::Quadratic) {
        let by_donor =
            |when: &When| !when.donor_kinds.is_empty() || !when.donation_kinds.is_empty();
        let bonuses = rule.bonuses.iter().filter(|bonus| by_donor(&bonus.when));
        let name =
            |bonus: &crate::rules::Bonus| Finding::DonorKeyInRound { bonus: bonus.id.clone() };
        found.extend(bonuses.map(name));
    }
    let mut earmarks = context.tranches.iter().map(|tranche| &tranche.earmark);
    let first: Option<&Earmark> = earmarks.next();
    let several = first.is_some_and(|first| earmarks.any(|other| !other.is_same(first)));
    if rule.mode == Mode::Quadratic && (several || context.has_envelopes) {
        found.push(Finding::PotNotHomogeneous);
    }
    let whens = rule.bonuses.iter().map(|bonus| &bonus.when);
    for when in std::iter::once(&rule.eligibility).chain(whens) {
        found.extend(unknown_codes(when, context.knows));
    }
    let eligible = |(campaign, holder): &(Campaign, Holder)| {
        rule.eligibility.campaign_bar(campaign, holder).is_none()
    };
    if !context.campaigns.iter().any(eligible) {
        found.push(Finding::NobodyEligible);
    }
    if !context.rehearsed {
        found.push(Finding::NotRehearsed);
    }
    found
}

fn against_versions(rule: &RuleSet, published: &[RuleSet]) -> Vec<Finding> {
    let mut found = Vec::new();
    let others: Vec<&RuleSet> = published.iter().filter(|other| other.id == rule.id).collect();
    if others.iter().any(|other| other.version >= rule.version) {
        found.push(Finding::VersionTaken);
    }
    if others.iter().any(|other| other.pot != rule.pot) {
        found.push(Finding::OtherPot);
    }
    for other in others {
        let begins = rule.effective_to.is_none_or(|end| other.effective_from < end);
        let ends = other.effective_to.is_none_or(|end| rule.effective_from < end);
        if begins && ends {
            found.push(Finding::Overlap { version: other.version });
        }
    }
    found
}

fn unknown_codes(when: &When, knows: &dyn Fn(Code, &str) -> bool) -> Vec<Finding> {
    let campaigns: Vec<String> = when.campaigns.iter().map(ToString::to_string).collect();
    let lists = [
        (Code::Territory, &when.territories),
        (Code::Campaign, &campaigns),
        (Code::Public, &when.publics_any),
        (Code::HolderType, &when.holder_types),
    ];
    let mut found = Vec::new();
    for (kind, list) in lists {
        let unknown = list.iter().filter(|code| !knows(kind, code));
        found.extend(unknown.map(|code| Finding::UnknownCode { kind, code: code.clone() }));
    }
    found
}

/// What a rule set must hold beyond its types: the schema, and an amount for a lump sum.
///
/// # Errors
/// The first thing that does not follow it.
pub fn shape(rule: &RuleSet) -> Result<(), String> {
    schema(rule)?;
    let lump_sum = rule.threshold.as_ref().filter(|t| t.award == Award::LumpSum);
    if rule.mode == Mode::Threshold && lump_sum.is_some_and(|t| t.award_amount.is_none()) {
        return Err("`lump_sum` needs `award_amount`".to_owned());
    }
    Ok(())
}

/// What the JSON schema itself asks: patterns, bounds and the part of each mode.
pub(crate) fn schema(rule: &RuleSet) -> Result<(), String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if rule.id.is_empty() || rule.id.len() > 64 || !rule.id.chars().all(letter) {
        return Err("id must match ^[a-z0-9_]{1,64}$".to_owned());
    }
    if rule.version < 1 {
        return Err("version must be at least 1".to_owned());
    }
    check_rates(rule)?;
    check_amounts(rule)?;
    match (&rule.threshold, rule.mode) {
        (None, Mode::Threshold) => Err("mode `threshold` needs `threshold`".to_owned()),
        (_, Mode::Quadratic) if rule.quadratic.is_none() => {
            Err("mode `quadratic` needs `quadratic`".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_amounts(rule: &RuleSet) -> Result<(), String> {
    let (threshold, quadratic) = (rule.threshold.as_ref(), rule.quadratic.as_ref());
    let amounts = [
        rule.caps.min_donation,
        rule.caps.per_donation_base_cap,
        rule.caps.per_donor_campaign_base_cap,
        rule.caps.per_donor_match_cap,
        rule.caps.per_campaign_match_cap,
        threshold.and_then(|threshold| threshold.amount),
        threshold.and_then(|threshold| threshold.award_amount),
        quadratic.and_then(|quadratic| quadratic.pair_bound),
    ];
    let most = Cents::new(10_000_000_000_000);
    for cents in amounts.into_iter().flatten() {
        if cents < Cents::ZERO || cents > most {
            return Err(format!("amount out of range: {}", cents.get()));
        }
    }
    if quadratic.is_some_and(|quadratic| quadratic.pair_bound == Some(Cents::ZERO)) {
        return Err("pair_bound must be at least 1".to_owned());
    }
    if threshold.and_then(|threshold| threshold.min_donors).is_some_and(|least| least < 0) {
        return Err("min_donors must be at least 0".to_owned());
    }
    Ok(())
}

fn check_rates(rule: &RuleSet) -> Result<(), String> {
    let within = |bps: Option<BasisPoints>, most: i64| match bps {
        Some(bps) if !(0..=most).contains(&bps.get()) => {
            Err(format!("rate out of range: {}", bps.get()))
        }
        _ => Ok(()),
    };
    within(Some(rule.rate_bps), 100_000)?;
    within(rule.rate_cap_bps, 100_000)?;
    for bonus in &rule.bonuses {
        within(Some(bonus.multiplier_bps), 100_000)?;
    }
    within(rule.caps.per_campaign_goal_share_bps, 10_000)?;
    within(rule.threshold.as_ref().and_then(|threshold| threshold.goal_share_bps), 10_000)?;
    within(rule.quadratic.as_ref().and_then(|quadratic| quadratic.pot_share_max_bps), 10_000)
}
