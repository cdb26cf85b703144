//! Sums of what lines and awards hold: kept as they change, and equal to the sums at all times.

use std::hash::Hash;

use domain::{Cents, pot::Origin};

use super::{
    hash::NumberMap,
    names::{CampaignNo, GroupNo, PotNo, RuleIdNo, TerritoryNo, TrancheNo, UndertakingNo},
    state::{Award, Gift, Pots, Rules, Source},
};
use crate::exact::{Overflow, minus, plus};

/// Whether a holding enters or leaves the sums.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Enter,
    Leave,
}

/// For whom a holding counts.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub campaign: CampaignNo,
    pub territory: TerritoryNo,
    pub undertaking: UndertakingNo,
}

/// Sums by key.
type Sums<K> = NumberMap<K, Cents>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    tranche: Sums<(PotNo, TrancheNo)>,
    envelope: Sums<(PotNo, TerritoryNo)>,
    donor_base: Sums<(RuleIdNo, GroupNo, CampaignNo)>,
    donor_match: Sums<(RuleIdNo, GroupNo)>,
    campaign_match: Sums<(RuleIdNo, CampaignNo)>,
    eu: Sums<CampaignNo>,
    public: Sums<CampaignNo>,
    undertaking: Sums<UndertakingNo>,
}

fn bump<K: Eq + Hash>(
    sums: &mut Sums<K>,
    key: K,
    amount: Cents,
    sign: Sign,
) -> Result<(), Overflow> {
    if amount == Cents::ZERO {
        return Ok(());
    }
    let sum = sums.entry(key).or_default();
    *sum = if sign == Sign::Enter { plus(*sum, amount)? } else { minus(*sum, amount)? };
    Ok(())
}

fn read<K: Eq + Hash>(sums: &Sums<K>, key: &K) -> Cents {
    sums.get(key).copied().unwrap_or_default()
}

impl Counters {
    pub(super) fn gift(
        &mut self,
        gift: &Gift<'_>,
        (owner, group): (Owner, GroupNo),
        (pots, rules): (&Pots<'_>, &Rules<'_>),
        sign: Sign,
    ) -> Result<(), Overflow> {
        for line in &gift.lines {
            let rule = &rules[line.rule_set];
            if rule.caps_donor_base {
                let key = (rule.id, group, owner.campaign);
                bump(&mut self.donor_base, key, line.base_used, sign)?;
            }
            if rule.caps_donor_match {
                bump(&mut self.donor_match, (rule.id, group), line.granted, sign)?;
            }
            bump(&mut self.campaign_match, (rule.id, owner.campaign), line.granted, sign)?;
            for source in &line.sources {
                self.held((pots, line.pot), source, owner, sign)?;
            }
        }
        for (line, source) in &gift.owed {
            if let Some(line) = gift.lines.get(*line) {
                self.used((pots, line.pot), source, owner, sign)?;
            }
        }
        Ok(())
    }

    pub(super) fn award(
        &mut self,
        award: &Award,
        owner: Owner,
        (pots, rules): (&Pots<'_>, &Rules<'_>),
        sign: Sign,
    ) -> Result<(), Overflow> {
        let key = (rules[award.rule_set].id, owner.campaign);
        bump(&mut self.campaign_match, key, award.granted, sign)?;
        award
            .sources
            .iter()
            .try_for_each(|source| self.held((pots, award.pot), source, owner, sign))
    }

    /// Money held for a campaign.
    fn held(
        &mut self,
        (pots, pot): (&Pots<'_>, PotNo),
        source: &Source,
        owner: Owner,
        sign: Sign,
    ) -> Result<(), Overflow> {
        let origin = pots[pot].tranches[source.tranche].origin;
        if origin == Origin::Eu {
            bump(&mut self.eu, owner.campaign, source.amount, sign)?;
        }
        if origin.is_public() {
            bump(&mut self.public, owner.campaign, source.amount, sign)?;
            bump(&mut self.undertaking, owner.undertaking, source.amount, sign)?;
        }
        self.used((pots, pot), source, owner, sign)
    }

    /// Money that is out of its tranche, held or owed.
    fn used(
        &mut self,
        (pots, pot): (&Pots<'_>, PotNo),
        source: &Source,
        owner: Owner,
        sign: Sign,
    ) -> Result<(), Overflow> {
        bump(&mut self.tranche, (pot, source.tranche), source.amount, sign)?;
        if pots[pot].envelopes.is_some() {
            bump(&mut self.envelope, (pot, owner.territory), source.amount, sign)?;
        }
        Ok(())
    }

    /// The same sums without those that came back to zero.
    pub(super) fn without_zeros(mut self) -> Self {
        let held = |amount: &Cents| *amount != Cents::ZERO;
        self.tranche.retain(|_, amount| held(amount));
        self.envelope.retain(|_, amount| held(amount));
        self.donor_base.retain(|_, amount| held(amount));
        self.donor_match.retain(|_, amount| held(amount));
        self.campaign_match.retain(|_, amount| held(amount));
        self.eu.retain(|_, amount| held(amount));
        self.public.retain(|_, amount| held(amount));
        self.undertaking.retain(|_, amount| held(amount));
        self
    }

    pub(super) fn tranche_used(&self, pot: PotNo, tranche: TrancheNo) -> Cents {
        read(&self.tranche, &(pot, tranche))
    }

    pub(super) fn envelope_used(&self, pot: PotNo, territory: TerritoryNo) -> Cents {
        read(&self.envelope, &(pot, territory))
    }

    pub(super) fn donor_base(&self, rule: RuleIdNo, group: GroupNo, campaign: CampaignNo) -> Cents {
        read(&self.donor_base, &(rule, group, campaign))
    }

    pub(super) fn donor_match(&self, rule: RuleIdNo, group: GroupNo) -> Cents {
        read(&self.donor_match, &(rule, group))
    }

    pub(super) fn campaign_match(&self, rule: RuleIdNo, campaign: CampaignNo) -> Cents {
        read(&self.campaign_match, &(rule, campaign))
    }

    pub(super) fn eu(&self, campaign: CampaignNo) -> Cents {
        read(&self.eu, &campaign)
    }

    pub(super) fn public(&self, campaign: CampaignNo) -> Cents {
        read(&self.public, &campaign)
    }

    pub(super) fn undertaking(&self, number: UndertakingNo) -> Cents {
        read(&self.undertaking, &number)
    }
}
