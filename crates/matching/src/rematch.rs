//! Catch-up when a campaign closes: a line that found too little draws the difference again.

use domain::Cents;

use crate::{
    case::Stacking,
    decide::{binding, drawer, limits, rooms},
    draw::draw,
    exact::{Overflow, base_used, minus, plus, share, sum},
    line::{Line, LineState, Source},
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
    let Some(rule) = rule.filter(|rule| rule.rematch_at_close) else { return Ok(None) };
    let more = match line.state {
        LineState::Firm => minus(target(snapshot, gift, lines, index)?, line.granted)?,
        LineState::Conditional | LineState::Settled => Cents::ZERO,
    };
    if !more.is_positive() {
        return Ok(None);
    }
    let granted = sum(lines.iter().map(|line| line.granted))?;
    let limits = limits(snapshot, gift.amount, granted, pot, rule)?;
    let need = limits.iter().fold(more, |need, limit| need.min(limit.left));
    let drawn = draw(need, &pot.tranches, &drawer(snapshot), &mut rooms(snapshot)?)?;
    let mut line = line.clone();
    line.binding = binding(more, need, &drawn, &limits, line.reducer);
    line.granted = plus(line.granted, drawn.granted)?;
    line.base_used = base_used(line.base, line.want, line.granted, line.rate_bps)?;
    for source in drawn.sources {
        merge(&mut line.sources, source)?;
    }
    Ok(Some(line))
}

/// What the line may hold: under `residual` only base that no other line has matched meanwhile.
fn target(
    snapshot: &Snapshot,
    gift: &GiftFacts,
    lines: &[Line],
    index: usize,
) -> Result<Cents, Overflow> {
    let Some(line) = lines.get(index) else { return Ok(Cents::ZERO) };
    if snapshot.settings.stacking == Stacking::Stack {
        return Ok(line.want);
    }
    let others = lines.iter().enumerate().filter(|(other, _)| *other != index);
    let used = sum(others.map(|(_, other)| other.base_used))?;
    share(line.base.min(minus(gift.amount, used)?.floored()), line.rate_bps)
}

/// A source joins the one of its tranche.
pub(crate) fn merge(sources: &mut Vec<Source>, source: Source) -> Result<(), Overflow> {
    match sources.iter_mut().find(|held| held.tranche == source.tranche) {
        Some(held) => held.amount = plus(held.amount, source.amount)?,
        None => sources.push(source),
    }
    Ok(())
}
