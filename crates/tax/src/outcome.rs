//! What a computation gives back: one shape for households, wealth tax and companies.

use domain::{BasisPoints, Cents};
use serde::Serialize;

/// The tax a period is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tax {
    /// Income tax of a household (CGI art. 200).
    Ir,
    /// Wealth tax on real estate (CGI art. 978).
    Ifi,
    /// Corporate tax (CGI art. 238 bis).
    Is,
}

/// Why a gift gives no right to a reduction: the first reason that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The donor is taxed in another State.
    DonorNotTaxableInFrance,
    /// The organisation may not issue receipts.
    OrganisationNotEligible,
    /// The organisation is not on the closed list of CGI art. 978.
    OrganisationNotEligibleIfi,
    /// The donor receives too much back.
    CounterpartOverLimit,
}

/// A part of the gifts at one rate. Amounts in euro cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Rate, in basis points.
    pub rate_bp: BasisPoints,
    /// What the rate applies to.
    pub base: Cents,
    /// The product, rounded half up to the cent.
    pub reduction: Cents,
}

/// One year or fiscal year of one tax. Amounts in euro cents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Year, or id of the fiscal year.
    pub period: String,
    /// Which tax.
    pub tax: Tax,
    /// All that was given, rejected gifts and paid services included.
    pub gifts: Cents,
    /// What gives right to a reduction.
    pub eligible: Cents,
    /// Ceiling of the base, or of the reduction for the wealth tax.
    pub ceiling: Cents,
    /// Highest rate first; a band without base is absent.
    pub bands: Vec<Band>,
    /// Sum of the bands, within the ceiling for the wealth tax.
    pub reduction: Cents,
    /// What lowers the tax of the period, credits of earlier years included.
    pub used: Cents,
    /// What will never be used.
    pub lost: Cents,
    /// Stock of tax credit after the period.
    pub credit_carried: Cents,
    /// Paid services, deductible as a charge: companies only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deductible_charge: Option<Cents>,
    /// Tax spared by that charge: companies only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_saving: Option<Cents>,
    /// Gifts less what was used and spared; negative when only a carry-forward is consumed.
    pub after_tax_cost: Cents,
}

/// An excess over the ceiling that later periods may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarryForward {
    /// The period it was born in.
    pub from: String,
    /// What is left, in euro cents.
    pub remaining: Cents,
    /// How many later periods may still use it.
    pub uses_left: i32,
}

/// A gift that gives no right to a reduction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Id of the gift.
    pub gift: String,
    /// Why.
    pub reason: Reason,
}

/// Sums over the periods, in euro cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Given.
    pub gifts: Cents,
    /// Reductions born.
    pub reduction: Cents,
    /// Reductions used.
    pub used: Cents,
    /// Cost after tax.
    pub after_tax_cost: Cents,
}

/// The result of one donor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Household years, then wealth tax years; or fiscal years.
    pub periods: Vec<Period>,
    /// Oldest first.
    pub carry_forward: Vec<CarryForward>,
    /// By id of gift.
    pub rejected: Vec<Rejected>,
    /// Sums.
    pub totals: Totals,
}

impl Outcome {
    pub(crate) fn new(
        periods: Vec<Period>,
        carry_forward: Vec<CarryForward>,
        mut rejected: Vec<Rejected>,
    ) -> Self {
        rejected.sort_by(|a, b| a.gift.cmp(&b.gift));
        let sum = |part: fn(&Period) -> Cents| periods.iter().map(part).sum();
        let totals = Totals {
            gifts: sum(|p| p.gifts),
            reduction: sum(|p| p.reduction),
            used: sum(|p| p.used),
            after_tax_cost: sum(|p| p.after_tax_cost),
        };
        Self { periods, carry_forward, rejected, totals }
    }
}

/// `a - b`.
///
/// # Panics
/// Never for amounts accepted by the input, which are bounded far below the range of numbers.
pub(crate) fn less(a: Cents, b: Cents) -> Cents {
    a.minus(b).expect("amounts are bounded on entry")
}

/// `rate x amount`, half up: the rounding of every ceiling and of every band.
///
/// # Panics
/// Never for amounts accepted by the input, which are bounded far below the range of numbers.
pub(crate) fn share(rate: BasisPoints, amount: Cents) -> Cents {
    rate.of_half_up(amount).expect("amounts are bounded on entry")
}

/// The bands that have a base, highest rate first; bases of one rate are added before rounding.
pub(crate) fn bands(parts: &[(BasisPoints, Cents)]) -> Vec<Band> {
    let mut bases = std::collections::BTreeMap::new();
    for (rate, base) in parts {
        let sum = bases.entry(*rate).or_insert(Cents::ZERO);
        *sum = [*sum, *base].into_iter().sum();
    }
    let full = bases.into_iter().rev().filter(|(_, base)| base.is_positive());
    full.map(|(rate_bp, base)| Band { rate_bp, base, reduction: share(rate_bp, base) }).collect()
}
