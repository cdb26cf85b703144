//! What the fund could still add to a campaign, whoever gives.

use domain::{BasisPoints, Cents};

use crate::{
    decide::rooms,
    draw::{draw, in_sourcing_order},
    exact::{Overflow, WHOLE, cents, divide, plus, times, wide},
    explain::{Limit, LineExplanation},
    line::{Binding, Decision},
    snapshot::Snapshot,
};

/// The room of a campaign, all donors together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Cents that the pots could still draw for it by the rules that answered: within caps per
    /// campaign, envelopes, earmarks, tranches and co-funding rooms.
    pub left: Cents,
    /// Public money as a share of the eligible cost; none without a ceiling or a cost.
    pub public: Option<PublicShare>,
}

/// Public money as a share of the eligible cost, in basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicShare {
    /// Declared elsewhere and drawn here, rounded down.
    pub now: BasisPoints,
    /// The ceiling.
    pub most: BasisPoints,
}

/// Looks on from a decision: what would be left for a campaign had the gift not been made.
///
/// # Errors
/// When a number leaves its range.
pub fn outlook(snapshot: &Snapshot, decision: &Decision) -> Result<Outlook, Overflow> {
    let mut rooms = rooms(snapshot)?;
    let mut left = Cents::ZERO;
    for told in &decision.explanation.pots {
        let pot = snapshot.pots.iter().find(|pot| pot.id == told.pot);
        let (Some(pot), Some(line)) = (pot, &told.line) else { continue };
        let stocks = in_sourcing_order(&pot.tranches);
        let drawn = draw(most(line), &stocks, &snapshot.view().drawer(), &mut rooms, None)?;
        left = plus(left, drawn.granted)?;
    }
    Ok(Outlook { left, public: public_share(snapshot)? })
}

/// The narrowest limit that does not depend on who gives how much.
fn most(line: &LineExplanation) -> Cents {
    let of_campaign = |limit: &&Limit| {
        matches!(limit.name, Binding::CampaignCap | Binding::GoalShare | Binding::Envelope)
    };
    let narrowest = line.limits.iter().filter(of_campaign).map(|limit| limit.left).min();
    narrowest.unwrap_or(Cents::new(i64::MAX))
}

fn public_share(snapshot: &Snapshot) -> Result<Option<PublicShare>, Overflow> {
    let campaign = &snapshot.campaign;
    let most = campaign.public_share_max_bps.or(snapshot.settings.public_share_max_bps);
    let held = plus(campaign.other_public_funding, snapshot.public_drawn)?;
    let Some(most) = most.filter(|_| campaign.budget.is_positive()) else { return Ok(None) };
    let now = cents(divide(times(wide(held), WHOLE)?, wide(campaign.budget))?)?;
    Ok(Some(PublicShare { now: BasisPoints::new(now.get()), most }))
}
