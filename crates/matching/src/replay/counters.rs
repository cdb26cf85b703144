//! Sums of what lines and awards hold: kept as they change, and equal to the sums at all times.

use std::collections::BTreeMap;

use domain::{Cents, ids::CampaignId, ids::PotId};

use super::state::{Award, Gift};
use crate::{
    exact::{Overflow, minus, plus},
    line::Source,
};

/// Whether a holding enters or leaves the sums.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Enter,
    Leave,
}

/// For whom a holding counts.
pub(super) struct Owner<'a> {
    pub campaign: &'a CampaignId,
    pub territory: &'a str,
    pub undertaking: &'a str,
    pub group: &'a str,
    /// The kind of money of each tranche.
    pub money: &'a dyn Fn(&PotId, &str) -> Money,
}

/// The kind of money of a tranche.
#[derive(Clone, Copy)]
pub(super) struct Money {
    pub eu: bool,
    pub public: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    tranche: BTreeMap<(PotId, String), Cents>,
    envelope: BTreeMap<(PotId, String), Cents>,
    donor_base: BTreeMap<(String, String, CampaignId), Cents>,
    donor_match: BTreeMap<(String, String), Cents>,
    campaign_match: BTreeMap<(String, CampaignId), Cents>,
    eu: BTreeMap<CampaignId, Cents>,
    public: BTreeMap<CampaignId, Cents>,
    undertaking: BTreeMap<String, Cents>,
}

fn bump<K: Ord>(
    sums: &mut BTreeMap<K, Cents>,
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

fn read<K: Ord>(sums: &BTreeMap<K, Cents>, key: &K) -> Cents {
    sums.get(key).copied().unwrap_or_default()
}

impl Counters {
    pub(super) fn gift(
        &mut self,
        gift: &Gift,
        owner: &Owner<'_>,
        sign: Sign,
    ) -> Result<(), Overflow> {
        for (line, owed) in gift.lines.iter().zip(&gift.owed) {
            let (rule, group) = (line.rule_set.id.clone(), owner.group.to_owned());
            let campaign = owner.campaign.clone();
            let base = (rule.clone(), group.clone(), campaign.clone());
            bump(&mut self.donor_base, base, line.base_used, sign)?;
            bump(&mut self.donor_match, (rule.clone(), group), line.granted, sign)?;
            bump(&mut self.campaign_match, (rule, campaign), line.granted, sign)?;
            self.held(&line.pot, &line.sources, owner, sign)?;
            self.used(&line.pot, owed, owner, sign)?;
        }
        Ok(())
    }

    pub(super) fn award(
        &mut self,
        award: &Award,
        owner: &Owner<'_>,
        sign: Sign,
    ) -> Result<(), Overflow> {
        let key = (award.rule_set.id.clone(), owner.campaign.clone());
        bump(&mut self.campaign_match, key, award.granted, sign)?;
        self.held(&award.pot, &award.sources, owner, sign)
    }

    /// Sources held for a campaign.
    fn held(
        &mut self,
        pot: &PotId,
        sources: &[Source],
        owner: &Owner<'_>,
        sign: Sign,
    ) -> Result<(), Overflow> {
        for source in sources {
            let kind = (owner.money)(pot, &source.tranche);
            if kind.eu {
                bump(&mut self.eu, owner.campaign.clone(), source.amount, sign)?;
            }
            if kind.public {
                bump(&mut self.public, owner.campaign.clone(), source.amount, sign)?;
                let undertaking = owner.undertaking.to_owned();
                bump(&mut self.undertaking, undertaking, source.amount, sign)?;
            }
        }
        self.used(pot, sources, owner, sign)
    }

    /// Money that is out of its tranche, held or owed.
    fn used(
        &mut self,
        pot: &PotId,
        sources: &[Source],
        owner: &Owner<'_>,
        sign: Sign,
    ) -> Result<(), Overflow> {
        for source in sources {
            let tranche = (pot.clone(), source.tranche.clone());
            bump(&mut self.tranche, tranche, source.amount, sign)?;
            let envelope = (pot.clone(), owner.territory.to_owned());
            bump(&mut self.envelope, envelope, source.amount, sign)?;
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

    pub(super) fn tranche_used(&self, pot: &PotId, tranche: &str) -> Cents {
        read(&self.tranche, &(pot.clone(), tranche.to_owned()))
    }

    pub(super) fn envelope_used(&self, pot: &PotId, territory: &str) -> Cents {
        read(&self.envelope, &(pot.clone(), territory.to_owned()))
    }

    pub(super) fn donor_base(&self, rule: &str, group: &str, campaign: &CampaignId) -> Cents {
        read(&self.donor_base, &(rule.to_owned(), group.to_owned(), campaign.clone()))
    }

    pub(super) fn donor_match(&self, rule: &str, group: &str) -> Cents {
        read(&self.donor_match, &(rule.to_owned(), group.to_owned()))
    }

    pub(super) fn campaign_match(&self, rule: &str, campaign: &CampaignId) -> Cents {
        read(&self.campaign_match, &(rule.to_owned(), campaign.clone()))
    }

    pub(super) fn eu(&self, campaign: &CampaignId) -> Cents {
        read(&self.eu, campaign)
    }

    pub(super) fn public(&self, campaign: &CampaignId) -> Cents {
        read(&self.public, campaign)
    }

    pub(super) fn undertaking(&self, name: &str) -> Cents {
        self.undertaking.get(name).copied().unwrap_or_default()
    }
}
