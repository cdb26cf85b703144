//! Drawing money from tranches: earmarks, sourcing order and the co-funding rooms of a campaign.

use domain::{BasisPoints, Cents, UtcSeconds, pot::Origin};
use time::{Date, Month, OffsetDateTime};

use crate::{
    case::{Aid, Campaign, Holder, Settings},
    exact::{Overflow, WHOLE, cents, divide, less, minus, plus, share, times, wide},
    explain::{Limit, TrancheStep},
    line::{Binding, Source},
    tranche::Tranche,
};

/// What a campaign and its undertaking hold of public money, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// EU money of the campaign.
    pub eu: Cents,
    /// Public money of the campaign, EU included.
    pub public: Cents,
    /// Public money of all campaigns of the undertaking.
    pub undertaking: Cents,
}

/// The rooms of one campaign: cents of public money it may still receive, `None` without a ceiling.
/// A room is negative when a ceiling fell below what is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rooms {
    /// Of EU money.
    pub eu: Option<Cents>,
    /// Of public money, by the ceiling.
    pub public: Option<Cents>,
    /// Of public money, by the holder's own share.
    pub own_share: Option<Cents>,
    /// Of public money, by the limit of aid.
    pub de_minimis: Option<Cents>,
}

fn ceiling(cost: Cents, share_bps: BasisPoints, other: Cents) -> Result<Cents, Overflow> {
    minus(share(cost, share_bps)?, other)
}

impl Rooms {
    /// The rooms before anything is drawn: by eligible cost and own share, without de minimis.
    ///
    /// # Errors
    /// When a number leaves its range.
    pub fn by_cost(
        settings: &Settings,
        campaign: &Campaign,
        holder: Option<&Holder>,
    ) -> Result<Self, Overflow> {
        let eu_bps = campaign.eu_share_max_bps.or(settings.eu_share_max_bps);
        let public_bps = campaign.public_share_max_bps.or(settings.public_share_max_bps);
        let eu = eu_bps
            .map(|bps| ceiling(campaign.budget, bps, campaign.other_eu_funding))
            .transpose()?;
        let public = public_bps
            .map(|bps| ceiling(campaign.budget, bps, campaign.other_public_funding))
            .transpose()?;
        let local = holder.is_some_and(|holder| holder.kind == "local_authority");
        let own_bps =
            settings.min_own_share_bps.filter(|bps| local && campaign.investment && bps.get() > 0);
        let own_share = own_bps.map(|bps| own_share(campaign, bps)).transpose()?;
        Ok(Self { eu, public, own_share, de_minimis: None })
    }

    /// What is left of the rooms of a campaign.
    ///
    /// # Errors
    /// When a number leaves its range.
    pub fn left(
        settings: &Settings,
        campaign: &Campaign,
        holder: &Holder,
        held: &Held,
        aid: &AidWindow<'_>,
    ) -> Result<Self, Overflow> {
        let rooms = Self::by_cost(settings, campaign, Some(holder))?;
        let after = |room: Option<Cents>, used| room.map(|room| minus(room, used)).transpose();
        let limit = settings.de_minimis_limit.filter(|_| holder.economic_activity);
        let de_minimis = limit
            .map(|limit| minus(minus(limit, aid.received(settings)?)?, held.undertaking))
            .transpose()?;
        Ok(Self {
            eu: after(rooms.eu, held.eu)?,
            public: after(rooms.public, held.public)?,
            own_share: after(rooms.own_share, held.public)?,
            de_minimis,
        })
    }

    /// The rooms a draw of this origin must meet, in the order in which they are named.
    pub fn of(&self, origin: Origin) -> impl Iterator<Item = Limit> + use<> {
        let eu = if origin == Origin::Eu { self.eu } else { None };
        let rooms = [
            (Binding::EuCeiling, eu),
            (Binding::PublicCeiling, self.public),
            (Binding::OwnShare, self.own_share),
            (Binding::DeMinimis, self.de_minimis),
        ];
        let named = |(name, room): (Binding, Option<Cents>)| {
            room.map(|room| Limit { name, left: room.floored() })
        };
        let rooms = origin.is_public().then_some(rooms);
        rooms.into_iter().flatten().filter_map(named)
    }

    /// The narrowest of them; of two, the first named.
    #[must_use]
    pub fn narrowest(&self, origin: Origin) -> Option<Limit> {
        self.of(origin).min_by_key(|limit| limit.left)
    }

    /// Takes a draw away.
    ///
    /// # Errors
    /// When a number leaves its range.
    pub fn draw(&mut self, origin: Origin, amount: Cents) -> Result<(), Overflow> {
        if !origin.is_public() {
            return Ok(());
        }
        if origin == Origin::Eu {
            self.eu = self.eu.map(|room| minus(room, amount)).transpose()?;
        }
        for room in [&mut self.public, &mut self.own_share, &mut self.de_minimis] {
            *room = room.map(|room| minus(room, amount)).transpose()?;
        }
        Ok(())
    }
}

/// CGCT art. L1111-10: the own share counts in total public money, so others give at most
/// own × (1 − s) / s.
fn own_share(campaign: &Campaign, least: BasisPoints) -> Result<Cents, Overflow> {
    let least = i128::from(least.get());
    let others = times(wide(campaign.own_contribution), less(WHOLE, least)?)?;
    minus(cents(divide(others, least)?)?, campaign.other_public_funding)
}

/// The declared aid of an undertaking, seen from a day.
#[derive(Clone, Copy, Debug)]
pub struct AidWindow<'a> {
    /// All declared aid.
    pub declared: &'a [Aid],
    /// The day of the decision.
    pub at: UtcSeconds,
}

impl AidWindow<'_> {
    /// Aid since the same date some years before, that day included.
    fn received(&self, settings: &Settings) -> Result<Cents, Overflow> {
        let from = years_before(self.at, settings.de_minimis_years).ok_or(Overflow)?;
        let inside = |aid: &&Aid| from <= aid.at && aid.at <= self.at;
        self.declared.iter().filter(inside).try_fold(Cents::ZERO, |sum, aid| plus(sum, aid.amount))
    }
}

/// The first second of the same date some years before; 29 February becomes the 28th.
fn years_before(at: UtcSeconds, years: i64) -> Option<UtcSeconds> {
    let day = OffsetDateTime::from_unix_timestamp(at.get()).ok()?.date();
    let year = day.year().checked_sub(i32::try_from(years).ok()?)?;
    let same = day.replace_year(year);
    let first = match same {
        Ok(date) => date,
        Err(_) => Date::from_calendar_date(year, Month::February, 28).ok()?,
    };
    Some(UtcSeconds::from(first.midnight().assume_utc()))
}

/// For whom money is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawer<'a> {
    /// The campaign that receives it.
    pub campaign: &'a Campaign,
    /// The donor group of the gift, none for an award.
    pub group: Option<&'a str>,
    /// The time of the draw.
    pub at: UtcSeconds,
}

/// A tranche, the cents left in it, and the name that a source will give it.
#[derive(Clone, Debug)]
pub struct Stock<'a, T = String> {
    /// How sources call it.
    pub name: T,
    /// The tranche.
    pub tranche: &'a Tranche,
    /// Cents left; negative in a shortfall.
    pub left: Cents,
}

/// What a draw found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn<T = String> {
    /// Cents drawn.
    pub granted: Cents,
    /// By tranche, in the order they were drawn.
    pub sources: Vec<Source<T>>,
    /// The room that first stopped a tranche.
    pub stopped: Option<Binding>,
}

/// The tranches of a pot with what is left in each, in sourcing order.
#[must_use]
pub fn in_sourcing_order(tranches: &[(Tranche, Cents)]) -> Vec<Stock<'_>> {
    let mut ordered: Vec<Stock<'_>> = tranches
        .iter()
        .map(|(tranche, left)| Stock { name: tranche.id.clone(), tranche, left: *left })
        .collect();
    ordered.sort_by(|a, b| a.tranche.sourcing_key().cmp(&b.tranche.sourcing_key()));
    ordered
}

/// Draws up to `need` cents from open, fitting tranches in the order given, each within its money
/// and, for public money, within the rooms, which it lowers. What became of each tranche is told
/// to those who ask for it.
///
/// # Errors
/// When a number leaves its range.
pub fn draw<T: Clone>(
    need: Cents,
    stocks: &[Stock<'_, T>],
    drawer: &Drawer<'_>,
    rooms: &mut Rooms,
    mut steps: Option<&mut Vec<TrancheStep>>,
) -> Result<Drawn<T>, Overflow> {
    let mut found = Drawn { granted: Cents::ZERO, sources: Vec::new(), stopped: None };
    for Stock { name, tranche, left } in stocks {
        let missing = minus(need, found.granted)?;
        if steps.is_none() && !missing.is_positive() {
            break;
        }
        let open = tranche.is_open(drawer.at);
        let fits = tranche.earmark.fits(drawer.campaign);
        let own_money = drawer.group.is_some_and(|group| tranche.is_own_money(group));
        let room = rooms.narrowest(tranche.origin);
        let wanted = missing.min(left.floored());
        let mut drawn = Cents::ZERO;
        if open && fits && !own_money && wanted.is_positive() {
            drawn = room.map_or(wanted, |room| wanted.min(room.left));
            if drawn < wanted {
                found.stopped = found.stopped.or(room.map(|room| room.name));
            }
        }
        if drawn.is_positive() {
            rooms.draw(tranche.origin, drawn)?;
            found.granted = plus(found.granted, drawn)?;
            found.sources.reserve_exact(1);
            found.sources.push(Source { tranche: name.clone(), amount: drawn });
        }
        if let Some(steps) = &mut steps {
            let (tranche, left) = (tranche.id.clone(), *left);
            steps.push(TrancheStep { tranche, open, fits, own_money, left, room, drawn });
        }
    }
    Ok(found)
}
