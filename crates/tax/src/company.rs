//! Companies: corporate giving (CGI art. 238 bis) and the charge of a paid sponsorship.

use domain::{BasisPoints, Cents};
use time::Date;

use crate::{
    Parameters,
    gifts::{self, Claim, Form, Gift, Regime, Secondment},
    outcome::{Band, CarryForward, Outcome, Period, Tax, bands, less, share},
    parameters::NoParameter,
};

/// One fiscal year. Amounts in euro cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalYear {
    /// Its name in the result.
    pub id: String,
    /// First day.
    pub start: Date,
    /// Closing date: it decides the parameters.
    pub end: Date,
    /// Turnover excluding VAT.
    pub turnover: Cents,
    /// Tax before this reduction, when known.
    pub tax_due: Option<Cents>,
    /// Rate of corporate tax, when known: what a deductible charge spares.
    pub corporate_tax_rate: Option<BasisPoints>,
}

/// An amount above the ceiling, waiting at the rate it had at origin.
struct Excess {
    born: usize,
    rate: BasisPoints,
    remaining: Cents,
}

/// A reduction above the tax due, waiting.
struct Credit {
    born: usize,
    remaining: Cents,
}

#[derive(Default)]
struct Waiting {
    excesses: Vec<Excess>,
    credits: Vec<Credit>,
}

/// Computes the reductions of a company, fiscal year by fiscal year.
///
/// Fiscal years ascend and do not overlap; each gift falls in one of them.
///
/// # Errors
/// When no parameter covers a day that matters.
pub fn reckon(
    years: &[FiscalYear],
    all: &[Gift],
    taxable_in_france: bool,
    parameters: &Parameters,
) -> Result<Outcome, NoParameter> {
    let (accepted, rejected) = gifts::sort(all, Regime::Company, taxable_in_france, parameters)?;
    let mut waiting = Waiting::default();
    let mut periods = Vec::new();
    for (index, year) in years.iter().enumerate() {
        periods.push(fiscal_year(index, year, all, (&accepted, &mut waiting), parameters)?);
    }
    let carry_forward = match years.last() {
        Some(last) => waiting.still_open(years, parameters.years("is.carry_years", last.end)?),
        None => Vec::new(),
    };
    Ok(Outcome::new(periods, carry_forward, rejected))
}

fn fiscal_year(
    index: usize,
    year: &FiscalYear,
    all: &[Gift],
    (accepted, waiting): (&[&Gift], &mut Waiting),
    parameters: &Parameters,
) -> Result<Period, NoParameter> {
    let within = |gift: &Gift| year.start <= gift.date && gift.date <= year.end;
    let own: Vec<&Gift> = accepted.iter().copied().filter(|gift| within(gift)).collect();
    let payments = payments(&own, year, parameters)?;
    let eligible = payments.iter().map(|(_, amount)| *amount).sum();
    let ceiling = ceiling(year, parameters)?;
    let carry_years = parameters.years("is.carry_years", year.end)?;
    let used_bases = waiting.fill(index, ceiling, &payments, carry_years);
    let bands = bands(&used_bases);
    let reduction: Cents = bands.iter().map(|band: &Band| band.reduction).sum();
    let credit_years = parameters.years("is.credit_years", year.end)?;
    let (used, lost) = waiting.settle(index, reduction, year.tax_due, credit_years);
    let of_year = || all.iter().filter(|gift| within(gift));
    let given = gifts::total(of_year());
    let charge = gifts::total(of_year().filter(|gift| gift.claim == Claim::Sponsorship));
    let saving = year.corporate_tax_rate.map_or(Cents::ZERO, |rate| share(rate, charge));
    Ok(Period {
        period: year.id.clone(),
        tax: Tax::Is,
        gifts: given,
        eligible,
        ceiling,
        bands,
        reduction,
        used,
        lost,
        credit_carried: waiting.credits.iter().map(|credit| credit.remaining).sum(),
        deductible_charge: Some(charge),
        charge_saving: Some(saving),
        after_tax_cost: less(less(given, used), saving),
    })
}

/// The payments of the year by rate, in the order in which they fill the ceiling.
fn payments(
    own: &[&Gift],
    year: &FiscalYear,
    parameters: &Parameters,
) -> Result<Vec<(BasisPoints, Cents)>, NoParameter> {
    let rate = parameters.rate("is.rate", year.end)?;
    let above = parameters.row("is.rate_above", year.end);
    let excluded = above.and_then(|row| row.excluded.as_deref()).unwrap_or_default();
    let (mut counted, mut apart) = (Cents::ZERO, Cents::ZERO);
    for gift in own {
        let side = if excluded.contains(&gift.category) { &mut apart } else { &mut counted };
        *side = [*side, eligible_amount(gift, year, parameters)?].into_iter().sum();
    }
    let split = above.and_then(|row| row.bp.zip(row.threshold_cents));
    let Some((lower_rate, threshold)) = split else {
        return Ok(vec![(rate, [counted, apart].into_iter().sum())]);
    };
    let full = counted.min(threshold);
    let upper = [full, apart].into_iter().sum();
    Ok(vec![(rate, upper), (lower_rate, less(counted, full))])
}

/// What a gift counts for: the work of an employee counts within a multiple of the ceiling of
/// social security, month by month (CSS art. L. 241-3).
fn eligible_amount(
    gift: &Gift,
    year: &FiscalYear,
    parameters: &Parameters,
) -> Result<Cents, NoParameter> {
    let Form::Skills(secondments) = &gift.form else { return Ok(gift.amount) };
    let cost = |lent: &Secondment| lent.cost;
    let Some(times) = parameters.row("is.skills.limit", year.end).and_then(|row| row.times_pmss)
    else {
        return Ok(secondments.iter().map(cost).sum());
    };
    let month = parameters.cents("pmss", gift.date)?;
    let within = |lent: &Secondment| {
        let limit = month.get().saturating_mul(times).saturating_mul(lent.months);
        lent.cost.min(Cents::new(limit))
    };
    Ok(secondments.iter().map(within).sum())
}

fn ceiling(year: &FiscalYear, parameters: &Parameters) -> Result<Cents, NoParameter> {
    let key = "is.ceiling";
    let missing = NoParameter { key, on: year.end };
    let row = parameters.row(key, year.end).ok_or_else(|| missing.clone())?;
    let permille = row.permille_of_turnover.ok_or(missing)?;
    let of_turnover = share(BasisPoints::new(permille.saturating_mul(10)), year.turnover);
    Ok(of_turnover.max(row.floor_cents.unwrap_or_default()))
}

/// How many periods after `index` may still use what was born in `born`; negative when too late.
fn uses_left(born: usize, index: usize, carry_years: i32) -> i32 {
    let age = i32::try_from(index.saturating_sub(born)).unwrap_or(i32::MAX);
    carry_years.saturating_sub(age)
}

impl Waiting {
    /// Fills the ceiling with the payments of the year, then with the excesses, oldest first: the
    /// opposite of a household. What does not fit waits at its rate.
    fn fill(
        &mut self,
        index: usize,
        ceiling: Cents,
        payments: &[(BasisPoints, Cents)],
        carry_years: i32,
    ) -> Vec<(BasisPoints, Cents)> {
        let mut room = ceiling;
        let mut used = Vec::new();
        let mut born = Vec::new();
        for (rate, amount) in payments {
            let part = (*amount).min(room);
            room = less(room, part);
            used.push((*rate, part));
            born.push(Excess { born: index, rate: *rate, remaining: less(*amount, part) });
        }
        self.excesses.retain(|excess| uses_left(excess.born, index, carry_years) >= 0);
        for excess in &mut self.excesses {
            let part = excess.remaining.min(room);
            room = less(room, part);
            excess.remaining = less(excess.remaining, part);
            used.push((excess.rate, part));
        }
        self.excesses.extend(born);
        self.excesses.retain(|excess| excess.remaining.is_positive());
        used
    }

    /// Uses the reduction of the year, then older credits, within the tax due. Gives back what was
    /// used and what can be used no more.
    fn settle(
        &mut self,
        index: usize,
        reduction: Cents,
        tax_due: Option<Cents>,
        credit_years: i32,
    ) -> (Cents, Cents) {
        let used_now = tax_due.map_or(reduction, |due| reduction.min(due));
        let mut room = tax_due.map(|due| less(due, used_now));
        let mut used = used_now;
        for credit in &mut self.credits {
            let part = room.map_or(credit.remaining, |room| credit.remaining.min(room));
            room = room.map(|room| less(room, part));
            credit.remaining = less(credit.remaining, part);
            used = [used, part].into_iter().sum();
        }
        self.credits.push(Credit { born: index, remaining: less(reduction, used_now) });
        let too_late = |credit: &&Credit| uses_left(credit.born, index, credit_years) <= 0;
        let lost = self.credits.iter().filter(too_late).map(|credit| credit.remaining).sum();
        self.credits.retain(|credit| {
            credit.remaining.is_positive() && uses_left(credit.born, index, credit_years) > 0
        });
        (used, lost)
    }

    /// The excesses that a later fiscal year may use, one line per year of birth.
    fn still_open(&self, years: &[FiscalYear], carry_years: i32) -> Vec<CarryForward> {
        let last = years.len().saturating_sub(1);
        let line = |(born, year): (usize, &FiscalYear)| {
            let own = self.excesses.iter().filter(|excess| excess.born == born);
            CarryForward {
                from: year.id.clone(),
                remaining: own.map(|excess| excess.remaining).sum(),
                uses_left: uses_left(born, last, carry_years),
            }
        };
        let lines = years.iter().enumerate().map(line);
        lines.filter(|line| line.remaining.is_positive() && line.uses_left > 0).collect()
    }
}
