//! What a little more money, or a slightly other rule, would change.

use domain::{BasisPoints, Cents};
use serde_json::{Value, json};

use super::{NotSimulated, figures};
use crate::{
    exact::{WHOLE, cents, divide, less, plus, times, wide},
    replay::{Ledger, What},
    rules::RuleSet,
};

/// What is added to a tranche: 1 000 EUR.
const MORE: Cents = Cents::new(100_000);

/// Per tranche the match that `MORE` brings, as a share of it; per parameter of a rule the match
/// that ten percent less and ten percent more change.
pub(super) fn values(ledger: &Ledger, matched: i128) -> Result<Value, NotSimulated> {
    let change = |other: &Ledger| -> Result<i128, NotSimulated> {
        Ok(less(figures(other)?.matched, matched)?)
    };
    let mut tranches = Vec::new();
    let mut other = ledger.clone();
    for (pot_place, pot) in ledger.pots.iter().enumerate() {
        for (place, tranche) in pot.tranches.iter().enumerate() {
            let slot = |of: &mut Ledger, amount| {
                let pot = of.pots.get_mut(pot_place);
                if let Some(slot) = pot.and_then(|pot| pot.tranches.get_mut(place)) {
                    slot.amount = amount;
                }
            };
            slot(&mut other, plus(tranche.amount, MORE)?);
            tranches.push(json!({"pot": pot.id, "tranche": tranche.id,
                "value_bps": divide(times(change(&other)?, WHOLE)?, wide(MORE))?}));
            slot(&mut other, tranche.amount);
        }
    }
    for (place, event) in ledger.events.iter().enumerate() {
        let What::Contribute { pot, tranche } = &event.what else { continue };
        let slot = |of: &mut Ledger, amount| {
            let event = of.events.get_mut(place);
            if let Some(What::Contribute { tranche, .. }) = event.map(|event| &mut event.what) {
                tranche.amount = amount;
            }
        };
        slot(&mut other, plus(tranche.amount, MORE)?);
        tranches.push(json!({"pot": pot, "tranche": tranche.id,
            "value_bps": divide(times(change(&other)?, WHOLE)?, wide(MORE))?}));
        slot(&mut other, tranche.amount);
    }
    let mut parameters = Vec::new();
    for (place, rule) in ledger.rule_sets.iter().enumerate() {
        for parameter in PARAMETERS {
            let mut changes = Vec::new();
            for percent in [90, 110] {
                let mut varied = rule.clone();
                if !parameter.scale(&mut varied, percent)? {
                    continue;
                }
                if let Some(slot) = other.rule_sets.get_mut(place) {
                    *slot = varied;
                }
                changes.push(change(&other)?);
            }
            if let [minus, plus] = changes.as_slice() {
                let (rule_set, parameter) = (rule.reference(), parameter.name());
                parameters.push(json!({"rule_set": rule_set, "parameter": parameter,
                    "minus_10_percent": minus, "plus_10_percent": plus}));
            }
        }
        if let Some(slot) = other.rule_sets.get_mut(place) {
            slot.clone_from(rule);
        }
    }
    Ok(json!({"tranches": tranches, "parameters": parameters}))
}

/// A number of a rule that may be varied.
#[derive(Clone, Copy)]
enum Parameter {
    Rate,
    MinDonation,
    DonationBase,
    DonorBase,
    DonorMatch,
    CampaignMatch,
    GoalShare,
    ThresholdAmount,
    AwardAmount,
    PairBound,
}

use Parameter::{
    AwardAmount, CampaignMatch, DonationBase, DonorBase, DonorMatch, GoalShare, MinDonation,
    PairBound, Rate, ThresholdAmount,
};

const PARAMETERS: [Parameter; 10] = [
    Rate,
    MinDonation,
    DonationBase,
    DonorBase,
    DonorMatch,
    CampaignMatch,
    GoalShare,
    ThresholdAmount,
    AwardAmount,
    PairBound,
];

impl Parameter {
    const fn name(self) -> &'static str {
        match self {
            Rate => "rate_bps",
            MinDonation => "caps.min_donation",
            DonationBase => "caps.per_donation_base_cap",
            DonorBase => "caps.per_donor_campaign_base_cap",
            DonorMatch => "caps.per_donor_match_cap",
            CampaignMatch => "caps.per_campaign_match_cap",
            GoalShare => "caps.per_campaign_goal_share_bps",
            ThresholdAmount => "threshold.amount",
            AwardAmount => "threshold.award_amount",
            PairBound => "quadratic.pair_bound",
        }
    }

    /// Scales the number; false when the rule has none.
    fn scale(self, rule: &mut RuleSet, percent: i128) -> Result<bool, NotSimulated> {
        let scaled = |number: i64| -> Result<i64, NotSimulated> {
            Ok(cents(divide(times(i128::from(number), percent)?, 100)?)?.get())
        };
        match self {
            Rate => {
                rule.rate_bps = BasisPoints::new(scaled(rule.rate_bps.get())?);
                return Ok(rule.rate_bps.get() > 0);
            }
            GoalShare => {
                let Some(share) = &mut rule.caps.per_campaign_goal_share_bps else {
                    return Ok(false);
                };
                *share = BasisPoints::new(scaled(share.get())?.min(10_000));
                return Ok(true);
            }
            _ => {}
        }
        let threshold = rule.threshold.as_mut();
        let slot = match self {
            MinDonation => rule.caps.min_donation.as_mut(),
            DonationBase => rule.caps.per_donation_base_cap.as_mut(),
            DonorBase => rule.caps.per_donor_campaign_base_cap.as_mut(),
            DonorMatch => rule.caps.per_donor_match_cap.as_mut(),
            CampaignMatch => rule.caps.per_campaign_match_cap.as_mut(),
            ThresholdAmount => threshold.and_then(|threshold| threshold.amount.as_mut()),
            AwardAmount => threshold.and_then(|threshold| threshold.award_amount.as_mut()),
            _ => rule.quadratic.as_mut().and_then(|round| round.pair_bound.as_mut()),
        };
        let Some(slot) = slot else { return Ok(false) };
        let least = if matches!(self, PairBound) { 1 } else { 0 };
        *slot = Cents::new(scaled(slot.get())?.max(least));
        Ok(true)
    }
}
