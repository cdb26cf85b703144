//! Money that enters, leaves or changes tranche, and lines that are paid out or come back.

use domain::{Cents, UtcSeconds};

use super::{
    Reason, Stop,
    events::Place,
    input::{LARGEST_TRANCHE, holds_too_much},
    names::{PotNo, TrancheNo},
    state::{Pot, State, Status},
};
use crate::{
    exact::{minus, plus, sum},
    line::LineState,
    tranche::Tranche,
};

impl State<'_> {
    pub(super) fn contribute(&mut self, pot: PotNo, tranche: Tranche) -> Result<(), Stop> {
        let pot = &mut self.pots[pot];
        if pot.tranche(&tranche.id).is_some() {
            return Err(Reason::TrancheExists.into());
        }
        if tranche.amount < Cents::ZERO || tranche.amount > LARGEST_TRANCHE {
            return Err(Reason::BadAmount.into());
        }
        let added = pot.add(tranche);
        if holds_too_much(pot.tranches.rows()) {
            pot.tranches.pop();
            pot.sourcing.retain(|tranche| *tranche != added);
            return Err(Reason::BadAmount.into());
        }
        Ok(())
    }

    fn find(&self, place: &Place) -> Result<(PotNo, TrancheNo), Reason> {
        let pot = self.pot_no(&place.pot);
        let found = self.pots[pot].tranche(&place.tranche);
        Ok((pot, found.ok_or(Reason::UnknownTranche)?))
    }

    fn tranche(&mut self, (pot, tranche): (PotNo, TrancheNo)) -> &mut Tranche {
        &mut self.pots[pot].tranches[tranche]
    }

    /// Lines keep what they drew: what is left may fall below zero.
    pub(super) fn withdraw(&mut self, from: &Place, amount: Cents) -> Result<(), Stop> {
        let from = self.find(from)?;
        let tranche = self.tranche(from);
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        if amount > tranche.amount {
            return Err(Reason::ExceedsTranche.into());
        }
        tranche.amount = minus(tranche.amount, amount)?;
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        from: &Place,
        to: &Place,
        amount: Cents,
        signers: &[String],
    ) -> Result<(), Stop> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        let of = |(pot, tranche): (PotNo, TrancheNo)| &self.pots[pot].tranches[tranche];
        let (source, target) = (of(from), of(to));
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
        if amount > self.left(from.0, from.1)? {
            return Err(Reason::ExceedsLeft.into());
        }
        let (less, more) = (minus(source.amount, amount)?, plus(target.amount, amount)?);
        self.tranche(from).amount = less;
        self.tranche(to).amount = more;
        Ok(())
    }

    /// Firm lines of committed gifts are paid to the holders.
    pub(super) fn settle(&mut self, pot: PotNo) {
        for number in self.gifts.numbers() {
            let gift = &mut self.gifts[number];
            let captured = gift.status == Status::Committed;
            for line in gift.lines.iter_mut().filter(|line| captured && line.pot == pot) {
                if line.state == LineState::Firm {
                    line.state = LineState::Settled;
                }
            }
        }
    }

    /// What the holder owed returns to its tranches, in line order, then as it was clawed back.
    pub(super) fn recover(&mut self, name: &str, amount: Cents) -> Result<(), Stop> {
        let number = self.gift_no(name)?;
        if !amount.is_positive() {
            return Err(Reason::BadAmount.into());
        }
        if amount > sum(self.gifts[number].owed.iter().map(|(_, owed)| owed.amount))? {
            return Err(Reason::ExceedsReceivable.into());
        }
        Ok(self.change(number, |gift| {
            let mut missing = amount;
            gift.owed.sort_by_key(|(line, _)| *line);
            for (_, piece) in &mut gift.owed {
                let paid = piece.amount.min(missing);
                piece.amount = minus(piece.amount, paid)?;
                missing = minus(missing, paid)?;
            }
            gift.owed.retain(|(_, piece)| piece.amount.is_positive());
            Ok(())
        })?)
    }
}

impl Pot<'_> {
    fn tranche(&self, id: &str) -> Option<TrancheNo> {
        self.tranches.iter().find(|(_, tranche)| tranche.id == id).map(|(number, _)| number)
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
