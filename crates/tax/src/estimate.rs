//! What a gift costs a household after tax: the figure of the giving page.

use domain::{BasisPoints, Cents};
use time::Date;

use crate::{OrganisationCategory, Parameters, parameters::NoParameter};

/// What one gift brings back to a household taxed in France, alone in its year and within its
/// ceiling of income: an estimate, never a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Tax reduction, in euro cents, each band rounded half up.
    pub reduction: Cents,
    /// Gift less reduction, in euro cents.
    pub after_tax_cost: Cents,
    /// Rate of the first euro given, in basis points: 75 % inside the envelope, else 66 %.
    pub rate: BasisPoints,
}

/// Estimates what `amount` euro cents given on a day (Paris) cost after tax (CGI art. 200).
///
/// Nothing when the organisation gives no right to a reduction, when the amount is negative, or
/// when no parameter covers the day.
#[must_use]
pub fn after_tax_cost(
    amount: Cents,
    category: OrganisationCategory,
    on: Date,
    parameters: &Parameters,
) -> Option<Estimate> {
    estimate(amount, category, on, parameters).ok().flatten()
}

fn estimate(
    amount: Cents,
    category: OrganisationCategory,
    on: Date,
    parameters: &Parameters,
) -> Result<Option<Estimate>, NoParameter> {
    let eligible = parameters.categories("ir.categories", on)?.contains(&category);
    if amount < Cents::ZERO || !eligible {
        return Ok(None);
    }
    let rate = parameters.rate("ir.rate", on)?;
    let enveloped = parameters.categories("ir.env.coluche.members", on)?.contains(&category);
    let (envelope, first) = if enveloped {
        let limit = parameters.cents("ir.env.coluche.limit", on)?;
        (amount.min(limit), parameters.rate("ir.env.coluche.rate", on)?)
    } else {
        (Cents::ZERO, rate)
    };
    let bands = amount.minus(envelope).and_then(|rest| {
        let reduction = first.of_half_up(envelope)?.plus(rate.of_half_up(rest)?)?;
        let after_tax_cost = amount.minus(reduction)?;
        Some(Estimate { reduction, after_tax_cost, rate: first })
    });
    Ok(bands)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn of(cents: i64, category: OrganisationCategory, on: Date) -> Option<(i64, i64, i64)> {
        after_tax_cost(Cents::new(cents), category, on, Parameters::french())
            .map(|e| (e.reduction.get(), e.after_tax_cost.get(), e.rate.get()))
    }

    #[test]
    fn twenty_euros_cost_six_euros_eighty() {
        let day = date!(2026 - 11 - 24);
        assert_eq!(
            of(2_000, OrganisationCategory::GeneralInterest, day),
            Some((1_320, 680, 6_600))
        );
        assert_eq!(of(0, OrganisationCategory::GeneralInterest, day), Some((0, 0, 6_600)));
    }

    #[test]
    fn the_envelope_is_that_of_the_day_of_payment() {
        let aid = OrganisationCategory::AidToPeopleInDifficulty;
        let before = of(150_000, aid, date!(2025 - 10 - 13));
        assert_eq!(before, Some((108_000, 42_000, 7_500)));
        let after = of(150_000, aid, date!(2025 - 10 - 14));
        assert_eq!(after, Some((112_500, 37_500, 7_500)));
    }

    #[test]
    fn victims_of_domestic_violence_join_the_envelope_on_a_day() {
        let category = OrganisationCategory::DomesticViolence;
        assert_eq!(of(10_000, category, date!(2025 - 02 - 14)), Some((6_600, 3_400, 6_600)));
        assert_eq!(of(10_000, category, date!(2025 - 02 - 15)), Some((7_500, 2_500, 7_500)));
    }

    #[test]
    fn no_estimate_without_a_right_or_a_parameter() {
        let day = date!(2026 - 11 - 24);
        assert_eq!(of(2_000, OrganisationCategory::CommercialCompany, day), None);
        assert_eq!(of(2_000, OrganisationCategory::NotGeneralInterest, day), None);
        assert_eq!(of(-1, OrganisationCategory::GeneralInterest, day), None);
        assert_eq!(of(2_000, OrganisationCategory::GeneralInterest, date!(1999 - 01 - 01)), None);
    }
}
