//! Serving known demands from crossing earmarks at once, where drawing greedily wastes money.

mod case;
mod transport;

pub(crate) use case::answer;

use domain::{Cents, pot::Origin};

use crate::exact::Overflow;
use transport::Transport;

/// Money to share, in sourcing order.
#[derive(Clone, Debug)]
pub struct Supply {
    /// Cents.
    pub amount: Cents,
    /// Where it comes from.
    pub origin: Origin,
    /// For each demand, in order, whether its campaign fits the earmark.
    pub fits: Vec<bool>,
}

/// What a campaign asks, first served first.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// Cents.
    pub amount: Cents,
    /// Cents of EU money it may still receive.
    pub eu_room: Option<Cents>,
    /// Cents of public money, EU included, it may still receive.
    pub public_room: Option<Cents>,
}

/// Cents by demand, then by supply.
pub type Cells = Vec<Vec<Cents>>;

/// Serves the demands: first demand first, then with the least flexible money, then by canonical
/// cells. The total is then the largest possible as well.
///
/// # Errors
/// When a number leaves its range.
pub fn serve(supplies: &[Supply], demands: &[Demand]) -> Result<Cells, Overflow> {
    let mut transport = Transport::new(supplies, demands);
    transport.serve()?;
    transport.use_first_tranches()?;
    transport.canonical_cells()
}
