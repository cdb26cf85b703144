//! Giving a gift back, in part or in full: its match shrinks with it.

use domain::{Cents, ids::PotId};

use crate::{
    case::{Settings, Stacking},
    exact::{Overflow, base_used, minus, plus, share},
    line::{Binding, Line, LineState, Source},
};

/// A gift after a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// Net cents left.
    pub net: Cents,
    /// The lines, in the same order.
    pub lines_after: Vec<Line>,
    /// Cents that return to their tranches (and to the envelope of the territory), in order.
    pub freed: Vec<(PotId, Source)>,
    /// Cents of settled lines: the holder owes them, by index of the line, in order.
    pub owed: Vec<(usize, Source)>,
}

/// Why a refund is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// Zero or less.
    #[error("a refund is above zero")]
    BadAmount,
    /// More than the gift has left.
    #[error("a refund is at most the net gift")]
    ExceedsNet,
    /// A number left its range.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// Refunds `refunded` cents of a gift of `net_before` cents. The unmatched part of the gift goes
/// first; what was drawn last returns first.
///
/// # Errors
/// When the amount is not within the net gift.
pub fn refund(
    lines: &[Line],
    net_before: Cents,
    refunded: Cents,
    settings: &Settings,
) -> Result<Refunded, RefundRefused> {
    if !refunded.is_positive() {
        return Err(RefundRefused::BadAmount);
    }
    if refunded > net_before {
        return Err(RefundRefused::ExceedsNet);
    }
    Ok(shrink(lines, minus(net_before, refunded)?, settings)?)
}

/// The lines of a gift whose net amount has become `net`.
pub(crate) fn shrink(
    lines: &[Line],
    net: Cents,
    settings: &Settings,
) -> Result<Refunded, Overflow> {
    let cap = share(net, settings.leverage_cap_bps)?;
    let (mut used, mut kept_before) = (Cents::ZERO, Cents::ZERO);
    let mut after = Refunded { net, lines_after: Vec::new(), freed: Vec::new(), owed: Vec::new() };
    for (index, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        let open = match settings.stacking {
            Stacking::Residual => minus(net, used)?.floored(),
            Stacking::Stack => net,
        };
        line.base = line.base.min(open);
        line.want = share(line.base, line.rate_bps)?;
        let kept = line.granted.min(line.want).min(minus(cap, kept_before)?.floored());
        let less = minus(line.granted, kept)?;
        let gone = take_back(&mut line, less)?;
        line.base_used = base_used(line.base, line.want, kept, line.rate_bps)?;
        if net == Cents::ZERO {
            line.binding = Binding::Released;
        }
        used = plus(used, line.base_used)?;
        kept_before = plus(kept_before, kept)?;
        if line.state == LineState::Settled {
            after.owed.extend(gone.into_iter().map(|source| (index, source)));
        } else {
            after.freed.extend(gone.into_iter().map(|source| (line.pot.clone(), source)));
        }
        after.lines_after.push(line);
    }
    Ok(after)
}

/// Takes cents out of a line, last drawn first.
pub(crate) fn take_back(line: &mut Line, amount: Cents) -> Result<Vec<Source>, Overflow> {
    let gone = take_last(&mut line.sources, amount, |_| true)?;
    line.granted = minus(line.granted, amount)?;
    Ok(gone)
}

/// Takes up to `amount` cents from the sources that `counts` names, last drawn first.
pub(crate) fn take_last(
    sources: &mut Vec<Source>,
    amount: Cents,
    counts: impl Fn(&str) -> bool,
) -> Result<Vec<Source>, Overflow> {
    let mut missing = amount;
    let mut gone = Vec::new();
    for source in sources.iter_mut().rev().filter(|source| counts(&source.tranche)) {
        let part = source.amount.min(missing);
        if !part.is_positive() {
            continue;
        }
        source.amount = minus(source.amount, part)?;
        missing = minus(missing, part)?;
        gone.push(Source { tranche: source.tranche.clone(), amount: part });
    }
    sources.retain(|source| source.amount.is_positive());
    Ok(gone)
}
