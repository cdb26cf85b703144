//! Money that enters, leaves or changes tranche, and lines that are paid out or come back.

use domain::{Cents, UtcSeconds, ids::PotId};

use super::{
    Reason, Stop,
    events::Place,
    input::{LARGEST_TRANCHE, holds_too_much},
    state::{State, Status},
};
use crate::{
    exact::{minus, plus, sum},
    line::LineState,
    tranche::Tranche,
};

impl State {
    pub(super) fn contribute(&mut self, pot: &PotId, tranche: Tranche) -> Result<(), Stop> {
        if self.pot(pot).tranche(&tranche.id).is_some() {
            return Err(Reason::TrancheExists.into());
        }
        if tranche.amount < Cents::ZERO || tranche.amount > LARGEST_TRANCHE {
            return Err(Reason::BadAmount.into());
        }
        let tranches = &mut self.pot_mut(pot).tranches;
        tranches.push(tranche);
        if holds_too_much(tranches) {
            tranches.pop();
            return Err(Reason::BadAmount.into());
        }
        Ok(())
    }

    fn tranche(&self, place: &Place) -> Result<&Tranche, Reason> {
        self.pot(&place.pot).tranche(&place.tranche).ok_or(Reason::UnknownTranche)
    }

    fn set_amount(&mut self, place: &Place, amount: Cents) {
        let mut tranches = self.pot_mut(&place.pot).tranches.iter_mut();
        if let Some(tranche) = tranches.find(|tranche| tranche.id == place.tranche) {
            tranche.amount = amount;
        }
    }

    /// Lines keep what they drew: what is left may fall below zero.
    pub(super) fn withdraw(&mut self, from: &Place, amount: Cents) -> Result<(), Stop> {
        let held = self.tranche(from)?.amount;
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        if amount > held {
            return Err(Reason::ExceedsTranche.into());
        }
        self.set_amount(from, minus(held, amount)?);
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        from: &Place,
        to: &Place,
        amount: Cents,
        signers: &[String],
    ) -> Result<(), Stop> {
        let (source, target) = (self.tranche(from)?, self.tranche(to)?);
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        let same_money = source.origin == target.origin
            && source.contributor == target.contributor
            && source.contributor_group == target.contributor_group;
        if from == to || !same_money {
            return Err(Reason::NotSameMoney.into());
        }
        if !is_signed(source, target, signers) {
            return Err(Reason::SignatureMissing.into());
        }
        if amount > self.left(&from.pot, source)? {
            return Err(Reason::ExceedsLeft.into());
        }
        let (less, more) = (minus(source.amount, amount)?, plus(target.amount, amount)?);
        self.set_amount(from, less);
        self.set_amount(to, more);
        Ok(())
    }

    /// Firm lines of committed gifts are paid to the holders.
    pub(super) fn settle(&mut self, pot: &PotId) -> Result<(), Stop> {
        for id in self.in_order(|gift| gift.status == Status::Committed) {
            self.change(&id, |gift| {
                for line in &mut gift.lines {
                    if line.pot == *pot && line.state == LineState::Firm {
                        line.state = LineState::Settled;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What the holder owed returns to its tranches, in line order, then as it was clawed back.
    pub(super) fn recover(&mut self, id: &str, amount: Cents) -> Result<(), Stop> {
        let gift = self.gift(id)?;
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        if amount > sum(gift.owed.iter().flatten().map(|owed| owed.amount))? {
            return Err(Reason::ExceedsReceivable.into());
        }
        self.change(id, |gift| {
            let mut missing = amount;
            for owed in &mut gift.owed {
                for piece in owed.iter_mut() {
                    let paid = piece.amount.min(missing);
                    piece.amount = minus(piece.amount, paid)?;
                    missing = minus(missing, paid)?;
                }
                owed.retain(|piece| piece.amount.is_positive());
            }
            Ok(())
        })
    }
}

/// The contributor alone, or two persons when the money becomes narrower.
fn is_signed(from: &Tranche, to: &Tranche, signers: &[String]) -> bool {
    let by_contributor = from.contributor.as_ref().is_some_and(|owner| signers.contains(owner));
    let distinct: std::collections::BTreeSet<&String> = signers.iter().collect();
    let never = UtcSeconds::new(i64::MAX);
    let no_later = to.expires_at.unwrap_or(never) <= from.expires_at.unwrap_or(never);
    let narrower = to.earmark.is_within(&from.earmark) && no_later;
    by_contributor || (distinct.len() >= 2 && narrower)
}
