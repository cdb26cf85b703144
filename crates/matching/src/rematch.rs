//! Catch-up when a campaign closes: a line that found too little draws the difference again.

use domain::Cents;

use crate::{
    case::Stacking,
    decide::{Limits, View, binding, limits, rooms, within},
    draw::{Drawer, Rooms, Stock, draw, in_sourcing_order},
    exact::{Overflow, base_used, minus, plus, share, sum},
    line::{Line, LineState, Source},
    rules::RuleSet,
    snapshot::{GiftFacts, Snapshot},
};

/// The line `index` of a gift after it drew again, or nothing when it asks for nothing more.
///
/// The counters of the snapshot include the gift's own lines. Only a firm line whose rule has
/// `rematch_at_close` asks; it never takes from anyone.
///
/// # Errors
/// When a number leaves its range.
pub fn rematch(
    snapshot: &Snapshot,
    gift: &GiftFacts,
    lines: &[Line],
    index: usize,
) -> Result<Option<Line>, Overflow> {
    let Some(line) = lines.get(index) else { return Ok(None) };
    let Some(pot) = snapshot.pots.iter().find(|pot| pot.id == line.pot) else { return Ok(None) };
    let rule = pot.rule_sets.iter().find(|rule| rule.reference() == line.rule_set);
    let Some(rule) = rule else { return Ok(None) };
    let (view, envelope_left) = (snapshot.view(), pot.envelope_left);
    let more = target(&view, gift.amount, rule, (lines, index))?;
    if !more.is_positive() {
        return Ok(None);
    }
    let granted = sum(lines.iter().map(|line| line.granted))?;
    let limits = limits(&view, (gift.amount, granted), (rule, &pot.usage(rule)), envelope_left)?;
    let mut line = line.clone();
    let stocks = in_sourcing_order(&pot.tranches);
    top_up(&mut line, more, &limits, &stocks, (&view.drawer(), rooms(snapshot)?))?;
    Ok(Some(line))
}

/// What a line still asks. Under `residual` it may hold only base that no other line has matched
/// meanwhile.
pub(crate) fn target<P, R, T>(
    view: &View<'_>,
    net: Cents,
    rule: &RuleSet,
    (lines, index): (&[Line<P, R, T>], usize),
) -> Result<Cents, Overflow> {
    let firm = |line: &&Line<P, R, T>| rule.rematch_at_close && line.state == LineState::Firm;
    let Some(line) = lines.get(index).filter(firm) else { return Ok(Cents::ZERO) };
    let most = match view.settings.stacking {
        Stacking::Stack => line.want,
        Stacking::Residual => {
            let others = lines.iter().enumerate().filter(|(other, _)| *other != index);
            let used = sum(others.map(|(_, other)| other.base_used))?;
            share(line.base.min(minus(net, used)?.floored()), line.rate_bps)?
        }
    };
    minus(most, line.granted)
}

/// A line draws `more` cents within its limits.
pub(crate) fn top_up<P, R, T: Clone + PartialEq>(
    line: &mut Line<P, R, T>,
    more: Cents,
    limits: &Limits,
    stocks: &[Stock<'_, T>],
    (drawer, mut rooms): (&Drawer<'_>, Rooms),
) -> Result<(), Overflow> {
    let need = within(more, limits);
    let drawn = draw(need, stocks, drawer, &mut rooms, None)?;
    line.binding = binding(more, need, &drawn, limits, line.reducer);
    line.granted = plus(line.granted, drawn.granted)?;
    line.base_used = base_used(line.base, line.want, line.granted, line.rate_bps)?;
    drawn.sources.into_iter().try_for_each(|source| merge(&mut line.sources, source))
}

/// A source joins the one of its tranche.
pub(crate) fn merge<T: PartialEq>(
    sources: &mut Vec<Source<T>>,
    source: Source<T>,
) -> Result<(), Overflow> {
    match sources.iter_mut().find(|held| held.tranche == source.tranche) {
        Some(held) => held.amount = plus(held.amount, source.amount)?,
        None => sources.push(source),
    }
    Ok(())
}
