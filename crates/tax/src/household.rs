//! Households: income tax (CGI art. 200) and wealth tax on real estate (CGI art. 978).

use std::collections::BTreeSet;

use domain::Cents;

use crate::{
    Parameters,
    gifts::{self, Claim, Gift, Regime, year_end},
    outcome::{CarryForward, Outcome, Period, Tax, bands, less, share},
    parameters::NoParameter,
};

/// One calendar year of a household. Amounts in euro cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// The year.
    pub year: i32,
    /// Taxable income.
    pub taxable_income: Cents,
    /// Income tax before this reduction, when known.
    pub tax_due: Option<Cents>,
}

/// An excess over the ceiling, waiting.
#[derive(Clone, Copy)]
struct Excess {
    from: i32,
    remaining: Cents,
}

impl Excess {
    /// How many years after `year` may still use it; negative once it has disappeared.
    const fn uses_left(&self, year: i32, carry_years: i32) -> i32 {
        self.from.saturating_add(carry_years).saturating_sub(year)
    }
}

/// Computes the reductions of a household, year by year, then its wealth tax years.
///
/// Years ascend; each gift claimed on income falls in one of them.
///
/// # Errors
/// When no parameter covers a day that matters.
pub fn reckon(
    years: &[Year],
    all: &[Gift],
    taxable_in_france: bool,
    parameters: &Parameters,
) -> Result<Outcome, NoParameter> {
    let (accepted, rejected) = gifts::sort(all, Regime::Household, taxable_in_france, parameters)?;
    let mut periods = Vec::new();
    let mut waiting = Vec::new();
    for year in years {
        periods.push(income_year(year, all, &accepted, &mut waiting, parameters)?);
    }
    let wealth = |gift: &Gift| match gift.claim {
        Claim::Wealth(year) => Some(year),
        Claim::Income | Claim::Sponsorship => None,
    };
    for year in all.iter().filter_map(wealth).collect::<BTreeSet<_>>() {
        periods.push(wealth_year(year, all, &accepted, parameters)?);
    }
    let carry_forward = match years.last() {
        Some(last) => still_waiting(&waiting, last.year, parameters)?,
        None => Vec::new(),
    };
    Ok(Outcome::new(periods, carry_forward, rejected))
}

fn falls_in(gift: &Gift, year: i32) -> bool {
    gift.claim == Claim::Income && gift.date.year() == year
}

fn income_year(
    year: &Year,
    all: &[Gift],
    accepted: &[&Gift],
    waiting: &mut Vec<Excess>,
    parameters: &Parameters,
) -> Result<Period, NoParameter> {
    let end = year_end(year.year);
    let own: Vec<&Gift> =
        accepted.iter().copied().filter(|gift| falls_in(gift, year.year)).collect();
    let eligible = gifts::total(own.iter().copied());
    let enveloped = fill_envelope(&own, parameters)?;
    let ceiling = share(parameters.rate("ir.income_ceiling", end)?, year.taxable_income);
    let carry_years = parameters.years("ir.carry_years", end)?;
    waiting.retain(|excess| excess.uses_left(year.year, carry_years) >= 0);
    let used_base = fill_ceiling(year.year, ceiling, less(eligible, enveloped), waiting);
    let bands = bands(&[
        (parameters.rate("ir.env.coluche.rate", end)?, enveloped),
        (parameters.rate("ir.rate", end)?, used_base),
    ]);
    let reduction: Cents = bands.iter().map(|band| band.reduction).sum();
    let used = year.tax_due.map_or(reduction, |due| reduction.min(due));
    let given = gifts::total(all.iter().filter(|gift| falls_in(gift, year.year)));
    Ok(Period {
        period: year.year.to_string(),
        tax: Tax::Ir,
        gifts: given,
        eligible,
        ceiling,
        bands,
        reduction,
        used,
        lost: less(reduction, used),
        credit_carried: Cents::ZERO,
        deductible_charge: None,
        charge_saving: None,
        after_tax_cost: less(given, used),
    })
}

/// What the gifts of one year take of the envelope, each within the limit in force on its own day.
fn fill_envelope(own: &[&Gift], parameters: &Parameters) -> Result<Cents, NoParameter> {
    let mut taken = Cents::ZERO;
    for gift in own {
        let members = parameters.categories("ir.env.coluche.members", gift.date)?;
        if members.contains(&gift.category) {
            let limit = parameters.cents("ir.env.coluche.limit", gift.date)?;
            let part = gift.amount.min(less(limit, taken).floored());
            taken = [taken, part].into_iter().sum();
        }
    }
    Ok(taken)
}

/// Fills the ceiling with waiting excesses, oldest first, then with the base of the year; what does
/// not fit waits in turn. Gives back what was used.
fn fill_ceiling(year: i32, ceiling: Cents, base: Cents, waiting: &mut Vec<Excess>) -> Cents {
    waiting.push(Excess { from: year, remaining: base });
    let mut room = ceiling;
    for excess in waiting.iter_mut() {
        let part = excess.remaining.min(room);
        excess.remaining = less(excess.remaining, part);
        room = less(room, part);
    }
    waiting.retain(|excess| excess.remaining.is_positive());
    less(ceiling, room)
}

fn still_waiting(
    waiting: &[Excess],
    last: i32,
    parameters: &Parameters,
) -> Result<Vec<CarryForward>, NoParameter> {
    let carry_years = parameters.years("ir.carry_years", year_end(last))?;
    let line = |excess: &Excess| CarryForward {
        from: excess.from.to_string(),
        remaining: excess.remaining,
        uses_left: excess.uses_left(last, carry_years),
    };
    Ok(waiting.iter().map(line).filter(|line| line.uses_left > 0).collect())
}

fn wealth_year(
    year: i32,
    all: &[Gift],
    accepted: &[&Gift],
    parameters: &Parameters,
) -> Result<Period, NoParameter> {
    let end = year_end(year);
    let claims = |gift: &Gift| gift.claim == Claim::Wealth(year);
    let given = gifts::total(all.iter().filter(|gift| claims(gift)));
    let eligible = gifts::total(accepted.iter().copied().filter(|gift| claims(gift)));
    let ceiling = parameters.cents("ifi.limit", end)?;
    let bands = bands(&[(parameters.rate("ifi.rate", end)?, eligible)]);
    let reduction = bands.iter().map(|band| band.reduction).sum::<Cents>().min(ceiling);
    Ok(Period {
        period: year.to_string(),
        tax: Tax::Ifi,
        gifts: given,
        eligible,
        ceiling,
        bands,
        reduction,
        used: reduction,
        lost: Cents::ZERO,
        credit_carried: Cents::ZERO,
        deductible_charge: None,
        charge_saving: None,
        after_tax_cost: less(given, reduction),
    })
}
