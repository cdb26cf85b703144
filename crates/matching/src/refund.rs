//! Giving a gift back, in part or in full: its match shrinks with it.

use domain::{Cents, ids::PotId};

use crate::{
    case::{Settings, Stacking},
    exact::{Overflow, base_used, cents, divide, minus, plus, share, times, wide},
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
    let net = minus(net_before, refunded)?;
    let mut after =
        Refunded { net, lines_after: lines.to_vec(), freed: Vec::new(), owed: Vec::new() };
    for (index, source) in shrink(&mut after.lines_after, net, settings)? {
        match lines.get(index) {
            Some(line) if line.state != LineState::Settled => {
                after.freed.push((line.pot.clone(), source));
            }
            _ => after.owed.push((index, source)),
        }
    }
    Ok(after)
}

/// The lines of a gift whose net amount has become `net`: what leaves each, by its index, in order.
pub(crate) fn shrink<P, R, T: Clone>(
    lines: &mut [Line<P, R, T>],
    net: Cents,
    settings: &Settings,
) -> Result<Vec<(usize, Source<T>)>, Overflow> {
    let cap = share(net, settings.leverage_cap_bps)?;
    let (mut used, mut kept_before) = (Cents::ZERO, Cents::ZERO);
    let mut gone = Vec::new();
    for (index, line) in lines.iter_mut().enumerate() {
        let open = match settings.stacking {
            Stacking::Residual => minus(net, used)?.floored(),
            Stacking::Stack => net,
        };
        line.base = line.base.min(open);
        line.want = share(line.base, line.rate_bps)?;
        let kept = line.granted.min(line.want).min(minus(cap, kept_before)?.floored());
        let less = minus(line.granted, kept)?;
        let taken = take_last(&mut line.sources, less, |_| true)?;
        line.granted = kept;
        line.base_used = base_used(line.base, line.want, kept, line.rate_bps)?;
        if net == Cents::ZERO {
            line.binding = Binding::Released;
        }
        used = plus(used, line.base_used)?;
        kept_before = plus(kept_before, kept)?;
        gone.extend(taken.into_iter().map(|source| (index, source)));
    }
    Ok(gone)
}

/// Takes off a quadratic award what a refund takes of the part that a donor group brought:
/// `amount` cents go back of the `net` that the gifts of the group held.
///
/// # Errors
/// When a number leaves its range.
pub fn shrink_award<T: Clone>(
    part: &mut Cents,
    (granted, sources): (&mut Cents, &mut Vec<Source<T>>),
    (amount, net): (Cents, Cents),
) -> Result<(), Overflow> {
    let product = times(wide(*part), wide(amount))?;
    let released = cents(divide(product, wide(net))?)?;
    *part = minus(*part, released)?;
    let released = released.min(*granted);
    take_last(sources, released, |_| true)?;
    *granted = minus(*granted, released)?;
    Ok(())
}

/// Takes up to `amount` cents from the sources that `counts` names, last drawn first.
pub(crate) fn take_last<T: Clone>(
    sources: &mut Vec<Source<T>>,
    amount: Cents,
    counts: impl Fn(&T) -> bool,
) -> Result<Vec<Source<T>>, Overflow> {
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
