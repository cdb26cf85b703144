//! The pot's answer in words: one function feeds the estimate, the page, the letter and the check.

use std::collections::BTreeSet;

use domain::{BasisPoints, Cents, pot::Origin};
use matching::{
    Binding, Decision, Line, LineState, RuleSet,
    explain::{Explanation, WhyNot as Against},
};
use store::{campaigns::CampaignRow, pots::Origins, rules::Published};
use templates::{
    departement_words,
    pages::{RuleLine, RuleNotApplied, WhyNot},
    reasons::ON_CONDITION,
};

/// What each rule adds, and what adds nothing and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// The whole match, in cents.
    pub total: Cents,
    /// Each rule that adds something.
    pub lines: Vec<RuleLine>,
    /// Each rule that adds nothing.
    pub not_applied: Vec<RuleNotApplied>,
    /// A pot had less left than the rules say.
    pub short: bool,
}

/// What the lines of a match are told with.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Every published rule set.
    pub rules: &'a [Published],
    /// Where the money of each tranche comes from; funders of tranches not in it are not named.
    pub origins: &'a Origins,
    /// The campaign of the gift.
    pub campaign: &'a CampaignRow,
}

impl Explained {
    /// From a decision just made.
    #[must_use]
    pub fn of(decision: &Decision, told: Told<'_>) -> Self {
        let mut explained = Self::of_lines(&decision.lines, told);
        explained.add_refusals(&decision.explanation, told.rules);
        explained
    }

    /// From the lines of a gift as they stand.
    #[must_use]
    pub fn of_lines(lines: &[Line], told: Told<'_>) -> Self {
        let mut explained = Self::default();
        for line in lines {
            explained.add_line(line, told);
        }
        explained
    }

    fn add_line(&mut self, line: &Line, told: Told<'_>) {
        let rule = Published::named(told.rules, &line.rule_set);
        let name = rule.map_or_else(|| line.rule_set.id.clone(), label);
        let why = why(line, rule);
        self.short |= line.binding == Binding::Pot;
        if !line.granted.is_positive() {
            let rate = Some(line.rate_bps);
            let why = why.unwrap_or(WhyNot::EnvelopeEmpty);
            self.not_applied.push(RuleNotApplied { name, rate, why, at_close: false });
            return;
        }
        self.total = self.total.plus(line.granted).unwrap_or(self.total);
        self.lines.push(RuleLine {
            name,
            rate: line.rate_bps,
            amount: line.granted,
            sentence: told_of(line, rule, told.campaign),
            funders: funders(line, told.origins),
            reduced_by: why,
        });
    }

    /// Rules that did not hold for this gift, from the record of the decision.
    pub(crate) fn add_refusals(&mut self, explanation: &Explanation, rules: &[Published]) {
        for pot in explanation.pots.iter().filter(|pot| pot.line.is_none()) {
            for considered in &pot.considered {
                let Some(against) = considered.why_not else { continue };
                let Some(rule) = Published::named(rules, &considered.rule_set) else { continue };
                self.not_applied.push(RuleNotApplied {
                    name: label(rule),
                    rate: Some(rule.rules.rate_bps),
                    why: condition(against, &rule.rules),
                    at_close: false,
                });
            }
        }
    }
}

/// Where the money of a line comes from, each origin once.
fn funders(line: &Line, origins: &Origins) -> Vec<Origin> {
    let origin = |tranche: &str| origins.get(&(line.pot.clone(), tranche.to_owned())).copied();
    let found: BTreeSet<Origin> =
        line.sources.iter().filter_map(|source| origin(&source.tranche)).collect();
    found.into_iter().collect()
}

/// The rule's name for people.
pub(crate) fn label(rule: &Published) -> String {
    let row = &rule.row;
    row.document["label_fr"].as_str().map_or_else(|| row.id.clone(), str::to_owned)
}

/// The sentence of a line, with its condition while it has one.
fn told_of(line: &Line, rule: Option<&Published>, campaign: &CampaignRow) -> String {
    let sentence = rule.map(|rule| sentence(rule, line.rate_bps, campaign)).unwrap_or_default();
    match line.state {
        LineState::Conditional => format!("{sentence} {ON_CONDITION}").trim().to_owned(),
        LineState::Firm | LineState::Settled => sentence,
    }
}

/// The rule's own sentence, that of the bonus that made the rate when there is one.
fn sentence(rule: &Published, rate: BasisPoints, campaign: &CampaignRow) -> String {
    let base = Cents::new(rule.rules.rate_bps.get());
    let made = |multiplier: BasisPoints| multiplier.of(base).map(Cents::get) == Some(rate.get());
    let bonus = rule.rules.bonuses.iter().find(|bonus| made(bonus.multiplier_bps));
    let sentences = &rule.row.sentences;
    let text = bonus
        .and_then(|bonus| sentences[&bonus.id].as_str())
        .or_else(|| sentences["base"].as_str())
        .unwrap_or_default();
    let named = departement_words::sentence_start(&campaign.departement);
    text.replace("{departement}", named.as_ref().unwrap_or(&campaign.departement))
}

/// What kept a line from giving more, in the words of a page.
fn why(line: &Line, rule: Option<&Published>) -> Option<WhyNot> {
    match line.binding {
        Binding::Pot if line.granted.is_positive() => Some(WhyNot::EnvelopeShort),
        binding => {
            limit(binding, rule.and_then(|rule| rule.rules.caps.per_donor_campaign_base_cap))
        }
    }
}

/// A limit, in the words of a page; `base` is the most gift money of one donor that the rule
/// matches.
pub(crate) fn limit(binding: Binding, base: Option<Cents>) -> Option<WhyNot> {
    match binding {
        Binding::Pot | Binding::Envelope => Some(WhyNot::EnvelopeEmpty),
        Binding::DonorBase | Binding::DonationBase => Some(WhyNot::DonorCap { base }),
        Binding::DonorCap => Some(WhyNot::DonorCap { base: None }),
        Binding::CampaignCap | Binding::GoalShare => Some(WhyNot::CampaignCap),
        Binding::Leverage => Some(WhyNot::Leverage),
        Binding::EuCeiling => Some(WhyNot::EuCeiling),
        Binding::PublicCeiling | Binding::OwnShare => Some(WhyNot::PublicCeiling),
        Binding::DeMinimis => Some(WhyNot::DeMinimis),
        Binding::ProRata => Some(WhyNot::SharedShort),
        Binding::PotShare => Some(WhyNot::PotShare),
        Binding::Threshold => Some(WhyNot::ThresholdMissed),
        Binding::FinalCost => Some(WhyNot::FinalCost),
        Binding::Released | Binding::None => None,
    }
}

/// The first condition of a rule that does not hold, in the words of a page.
pub(crate) fn condition(against: Against, rule: &RuleSet) -> WhyNot {
    let when = &rule.eligibility;
    match against {
        Against::OwnMoney => WhyNot::SameGroup,
        // The equalisation rule lists the départements whose need is above the threshold.
        Against::Territories
            if rule.bonuses.iter().any(|bonus| !bonus.when.territories.is_empty()) =>
        {
            WhyNot::NeedTooLow
        }
        Against::Territories | Against::Campaigns => WhyNot::Territory,
        Against::Rural => WhyNot::NotRural,
        Against::PriorityTerritory => WhyNot::NotPriority,
        Against::Categories => WhyNot::Category { wanted: when.categories.clone() },
        Against::Stages => WhyNot::Stage,
        Against::PublicsAny => WhyNot::Publics,
        Against::HolderTypes | Against::DonorKinds | Against::DonationKinds => WhyNot::DonorKind,
        Against::MinDonation => {
            WhyNot::GiftTooSmall { minimum: rule.caps.min_donation.unwrap_or(Cents::ZERO) }
        }
        Against::RateZero => WhyNot::Over,
    }
}
