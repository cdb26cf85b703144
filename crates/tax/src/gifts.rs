//! Gifts as typed facts, and which of them give right to a reduction.

use domain::{BasisPoints, Cents};
use time::{Date, Month};

use crate::{
    OrganisationCategory, Parameters,
    outcome::{Reason, Rejected},
    parameters::NoParameter,
};

/// What was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Money.
    Cash,
    /// Goods, at cost, stock value or net book value.
    InKind,
    /// Work of employees.
    Skills(Vec<Secondment>),
}

/// One employee lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secondment {
    /// Salary and employer charges, in euro cents.
    pub cost: Cents,
    /// Months, 1 to 12.
    pub months: i64,
}

/// What the donor claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The reduction of income or corporate tax.
    Income,
    /// The reduction of the wealth tax of a year.
    Wealth(i32),
    /// Nothing: a paid service, excluding VAT (companies only).
    Sponsorship,
}

/// A gift, or a paid service. Amounts in euro cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// Name of the gift.
    pub id: String,
    /// Day of payment, or end of the secondment: it decides the period.
    pub date: Date,
    /// What the donor gave.
    pub amount: Cents,
    /// In what form.
    pub form: Form,
    /// Who issues the receipt.
    pub category: OrganisationCategory,
    /// Value of what the donor receives back.
    pub counterpart: Cents,
    /// What is claimed.
    pub claim: Claim,
}

/// Who gives: the limits of counterparts and the lists of organisations differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regime {
    Household,
    Company,
}

/// 31 December: the day on which the parameters of a calendar year are read. A year that no
/// calendar holds is answered by a day that no parameter covers.
pub(crate) fn year_end(year: i32) -> Date {
    Date::from_calendar_date(year, Month::December, 31).unwrap_or(Date::MIN)
}

/// Whether a gift gives right to a reduction, else the first reason why not.
pub(crate) fn refusal(
    gift: &Gift,
    regime: Regime,
    taxable_in_france: bool,
    parameters: &Parameters,
) -> Result<Option<Reason>, NoParameter> {
    if !taxable_in_france {
        return Ok(Some(Reason::DonorNotTaxableInFrance));
    }
    let key = match regime {
        Regime::Household => "ir.categories",
        Regime::Company => "is.categories",
    };
    if !parameters.categories(key, gift.date)?.contains(&gift.category) {
        return Ok(Some(Reason::OrganisationNotEligible));
    }
    let wealth = matches!(gift.claim, Claim::Wealth(_));
    if wealth && !parameters.categories("ifi.categories", gift.date)?.contains(&gift.category) {
        return Ok(Some(Reason::OrganisationNotEligibleIfi));
    }
    let over = gift.counterpart.is_positive() && counterpart_over(gift, regime, parameters)?;
    Ok(over.then_some(Reason::CounterpartOverLimit))
}

fn counterpart_over(
    gift: &Gift,
    regime: Regime,
    parameters: &Parameters,
) -> Result<bool, NoParameter> {
    let (key, limit) = match regime {
        Regime::Household => {
            ("ir.counterpart.ratio", Some(parameters.cents("ir.counterpart.limit", gift.date)?))
        }
        Regime::Company => ("is.counterpart.ratio", None),
    };
    let ratio = parameters.rate(key, gift.date)?;
    Ok(exceeds(gift.counterpart, ratio, gift.amount) || limit.is_some_and(|l| gift.counterpart > l))
}

/// `part > ratio x whole`, without rounding: equality is allowed.
fn exceeds(part: Cents, ratio: BasisPoints, whole: Cents) -> bool {
    let part = i128::from(part.get()).saturating_mul(i128::from(BasisPoints::WHOLE.get()));
    part > i128::from(ratio.get()).saturating_mul(i128::from(whole.get()))
}

/// Splits gifts into those that count, in date order, and those that do not.
pub(crate) fn sort<'a>(
    gifts: &'a [Gift],
    regime: Regime,
    taxable_in_france: bool,
    parameters: &Parameters,
) -> Result<(Vec<&'a Gift>, Vec<Rejected>), NoParameter> {
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for gift in gifts.iter().filter(|gift| gift.claim != Claim::Sponsorship) {
        match refusal(gift, regime, taxable_in_france, parameters)? {
            None => accepted.push(gift),
            Some(reason) => rejected.push(Rejected { gift: gift.id.clone(), reason }),
        }
    }
    accepted.sort_by_key(|gift| gift.date);
    Ok((accepted, rejected))
}

pub(crate) fn total<'a>(gifts: impl Iterator<Item = &'a Gift>) -> Cents {
    gifts.map(|gift| gift.amount).sum()
}
