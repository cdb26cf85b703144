//! What a little more money, or a slightly other rule, would change.

use domain::{BasisPoints, Cents};
use serde_json::{Value, json};

use super::{NotSimulated, Progress, figures, threads};
use crate::{
    exact::{WHOLE, cents, divide, less, plus, times, wide},
    replay::{Event, PotInput, Under, What},
    rules::RuleSet,
};

/// What is added to a tranche: 1 000 EUR.
const MORE: Cents = Cents::new(100_000);

/// One thing that is other than it was.
enum Change {
    /// A tranche holds more: the pots with it.
    Pots(Vec<PotInput>),
    /// The event that opens a tranche opens a larger one.
    Event(usize, Event),
    /// A rule has another number: the rules with it.
    Rules(Vec<RuleSet>),
}

/// Per tranche the match that `MORE` brings, as a share of it; per parameter of a rule the match
/// that ten percent less and ten percent more change.
pub(super) fn values(under: Under<'_>, matched: i128) -> Result<Value, NotSimulated> {
    let tranches = richer(under)?;
    let rules = varied(under)?;
    let changes = tranches.iter().map(|(_, change)| change);
    let all: Vec<&Change> = changes.chain(rules.iter().flat_map(|(_, both)| both)).collect();
    let replayed = threads::each(&all, |change| -> Result<i128, NotSimulated> {
        let other = match change {
            Change::Pots(pots) => Under { pots, ..under },
            Change::Event(place, event) => Under { instead: Some((*place, event)), ..under },
            Change::Rules(rule_sets) => Under { rule_sets, ..under },
        };
        Ok(less(figures(other, &Progress::default())?.matched, matched)?)
    });
    let replayed = replayed.into_iter().collect::<Result<Vec<i128>, _>>()?;
    let (of_tranches, of_rules) = replayed.split_at(tranches.len().min(replayed.len()));
    let mut tranche_rows = Vec::new();
    for ((mut row, _), change) in tranches.into_iter().zip(of_tranches) {
        row["value_bps"] = json!(divide(times(*change, WHOLE)?, wide(MORE))?);
        tranche_rows.push(row);
    }
    let mut parameters = Vec::new();
    for ((mut row, _), pair) in rules.into_iter().zip(of_rules.chunks(2)) {
        if let [minus, plus] = pair {
            row["minus_10_percent"] = json!(minus);
            row["plus_10_percent"] = json!(plus);
            parameters.push(row);
        }
    }
    Ok(json!({"tranches": tranche_rows, "parameters": parameters}))
}

/// Each tranche with `MORE` in it.
fn richer(under: Under<'_>) -> Result<Vec<(Value, Change)>, NotSimulated> {
    let mut found = Vec::new();
    for (pot_place, pot) in under.pots.iter().enumerate() {
        for (place, tranche) in pot.tranches.iter().enumerate() {
            let amount = plus(tranche.amount, MORE)?;
            let mut pots = under.pots.to_vec();
            let of_pot = pots.get_mut(pot_place);
            if let Some(slot) = of_pot.and_then(|pot| pot.tranches.get_mut(place)) {
                slot.amount = amount;
            }
            let row = json!({"pot": pot.id, "tranche": tranche.id});
            found.push((row, Change::Pots(pots)));
        }
    }
    for (place, event) in under.past.events.iter().enumerate() {
        let What::Contribute { pot, tranche } = &event.what else { continue };
        let mut larger = tranche.clone();
        larger.amount = plus(tranche.amount, MORE)?;
        let what = What::Contribute { pot: pot.clone(), tranche: larger };
        let change = Change::Event(place, Event { what, ..event.clone() });
        found.push((json!({"pot": pot, "tranche": tranche.id}), change));
    }
    Ok(found)
}

/// Each parameter of each rule, ten percent less and ten percent more.
fn varied(under: Under<'_>) -> Result<Vec<(Value, [Change; 2])>, NotSimulated> {
    let mut found = Vec::new();
    for (place, rule) in under.rule_sets.iter().enumerate() {
        let with = |varied: RuleSet| {
            let mut rules = under.rule_sets.to_vec();
            if let Some(slot) = rules.get_mut(place) {
                *slot = varied;
            }
            Change::Rules(rules)
        };
        for parameter in PARAMETERS {
            let (mut less, mut more) = (rule.clone(), rule.clone());
            if parameter.scale(&mut less, 90)? && parameter.scale(&mut more, 110)? {
                let row = json!({"rule_set": rule.reference(), "parameter": parameter.name()});
                found.push((row, [with(less), with(more)]));
            }
        }
    }
    Ok(found)
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
