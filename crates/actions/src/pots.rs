//! The pots of the fund: a new one, and the order in which they answer a gift.

use domain::{Cents, place, role::StaffRole};
use serde_json::json;
use store::{Tx, waterfall};
use time::OffsetDateTime;

use crate::{
    desk::note,
    house::Actions,
    outcome::Stop,
    staff::{DeskAnswer, DeskRefused, StaffMember, allowed},
};

/// The longest name of a pot or contributor, in letters.
pub(crate) const NAME: usize = 120;
/// The longest id of a pot.
const ID: usize = 64;

/// Why the money of the pots stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PotRefused {
    /// Not for this person, or not any more.
    #[error("{0}")]
    Desk(DeskRefused),
    /// A name of 1 to 120 letters is asked for, with a letter or digit in it.
    #[error("not a name")]
    Name,
    /// A pot has this name.
    #[error("this pot is there already")]
    Taken,
    /// Both pots have answered gifts: who came first is part of what was decided.
    #[error("the order of these pots was decided with")]
    Answered,
    /// Not a SIREN.
    #[error("not a SIREN")]
    Siren,
    /// Codes that name nothing.
    #[error("unknown codes in {field}: {}", codes.join(", "))]
    Codes {
        /// The key of the earmark.
        field: &'static str,
        /// The codes.
        codes: Vec<String>,
    },
    /// An amount that is not positive, or more than a tranche or a pot may hold.
    #[error("not an amount")]
    Amount,
    /// A last day that is over, or before the first.
    #[error("not a last day")]
    Dates,
    /// The instalments would be more than what was promised.
    #[error("more than promised")]
    OverPromised {
        /// What may still be promised.
        left: Cents,
    },
    /// No such tranche.
    #[error("unknown tranche")]
    UnknownTranche,
    /// More than the tranche holds.
    #[error("more than the tranche holds")]
    ExceedsTranche {
        /// What it holds.
        held: Cents,
    },
    /// The money of one contributor does not become that of another.
    #[error("not the same money")]
    NotSameMoney,
    /// Two people sign only for a target within the earmark, and not for longer.
    #[error("the target is not narrower")]
    SignatureMissing,
    /// More than what is left of the tranche.
    #[error("more than is left")]
    ExceedsLeft {
        /// What is left.
        left: Cents,
    },
    /// Who asked does not sign.
    #[error("somebody else signs")]
    SameSigner,
    /// Too late to sign.
    #[error("the order has lapsed")]
    Lapsed,
    /// Not a PDF.
    #[error("not a PDF")]
    NotPdf,
    /// The document is larger than what is kept.
    #[error("the document is too large")]
    TooLarge,
}

pub(crate) type Answer<T = ()> = Result<T, Stop<PotRefused>>;

pub(crate) const fn no<T>(why: PotRefused) -> Answer<T> {
    Err(Stop::Refused(why))
}

pub(crate) const fn unknown<T>() -> Answer<T> {
    no(PotRefused::Desk(DeskRefused::Unknown))
}

/// The same refusal, among those of pots.
pub(crate) fn from_desk<T>(answer: DeskAnswer<T>) -> Answer<T> {
    answer.map_err(|stop| match stop {
        Stop::Refused(why) => Stop::Refused(PotRefused::Desk(why)),
        Stop::Unavailable(error) => Stop::Unavailable(error),
        Stop::Broken(error) => Stop::Broken(error),
    })
}

/// An operator with a proof of the last hour: whoever touches the money of a pot.
pub(crate) async fn steers(tx: &mut Tx, by: &StaffMember, now: OffsetDateTime) -> Answer {
    from_desk(allowed(tx, by, StaffRole::Operator, now).await)
}

/// A name worth keeping.
pub(crate) fn name(typed: &str) -> Answer<&str> {
    let typed = typed.trim();
    let fits = typed.chars().count() <= NAME && typed.chars().any(char::is_alphanumeric);
    if fits { Ok(typed) } else { no(PotRefused::Name) }
}

/// One step in the order of the pots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before the one that comes before it.
    Earlier,
    /// After the one that comes after it.
    Later,
}

impl Actions {
    /// Opens an empty pot, the last to answer; says its id, made from its name.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, for a bad name and for one that is
    /// taken.
    pub async fn create_pot(
        &self,
        by: &StaffMember,
        title: &str,
        now: OffsetDateTime,
    ) -> Answer<String> {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let title = name(title)?;
        let id: String = place::folded(title).replace(' ', "_").chars().take(ID).collect();
        if id.is_empty() {
            return no(PotRefused::Name);
        }
        waterfall::lock(&mut tx).await?;
        if !waterfall::add(&mut tx, (&id, title)).await? {
            return no(PotRefused::Taken);
        }
        let after = Some(json!({ "title": title }));
        note(&mut tx, by, ("create_pot", format!("pot:{id}")), (None, after), now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Moves a pot one place in the waterfall. Two pots that may have answered a gift keep their
    /// order: recounted, the past would be another.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, for an unknown pot, at either end, and
    /// when both have answered.
    pub async fn move_pot(
        &self,
        by: &StaffMember,
        (pot, step): (&str, Step),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let pots = waterfall::lock(&mut tx).await?;
        let mut order: Vec<&str> = pots.iter().map(|pot| pot.id.as_str()).collect();
        let Some(here) = order.iter().position(|id| *id == pot) else { return unknown() };
        let there = match step {
            Step::Earlier => here.checked_sub(1),
            Step::Later => Some(here + 1).filter(|there| *there < order.len()),
        };
        let Some(there) = there else { return unknown() };
        let answered = waterfall::answered(&mut tx).await?;
        if answered.contains(order[here]) && answered.contains(order[there]) {
            return no(PotRefused::Answered);
        }
        let before = json!({ "order": order });
        order.swap(here, there);
        waterfall::reorder(&mut tx, &order).await?;
        let (before, after) = (Some(before), Some(json!({ "order": order })));
        note(&mut tx, by, ("move_pot", format!("pot:{pot}")), (before, after), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
