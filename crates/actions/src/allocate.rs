//! An order directs a sum of a tranche to a narrower target, for an emergency say: one operator
//! asks, another signs, and it does not wait for ever. It is a transfer (6.12) into a tranche of
//! its own, opened with nothing in it.

use domain::{Cents, UtcSeconds};
use ledger::book;
use matching::tranche::Tranche;
use serde_json::json;
use store::{
    Tx, journal,
    orders::{self, NewOrderRow, OrderRow},
    tranches::{self, Held},
};
use time::{Date, Duration, OffsetDateTime};

use crate::{
    contributions::{enter, happened, held, place},
    desk::note,
    earmarks::{self, AskedEarmark},
    house::Actions,
    pots::{Answer, PotRefused, from_desk, no, steers, unknown},
    staff::{StaffMember, reason},
};

/// How long a second person may take to sign.
pub const ORDER_OPEN: Duration = Duration::days(7);

/// An order as it is asked for.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// The pot.
    pub pot: String,
    /// The tranche that the money leaves.
    pub tranche: String,
    /// The target.
    pub earmark: AskedEarmark,
    /// The last day on which it answers gifts; that of the tranche when there is none.
    pub ends_on: Option<Date>,
    /// How much.
    pub amount: Cents,
    /// What for.
    pub reason: String,
}

impl Actions {
    /// Asks for an allocation order, and signs it first; says its number.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, without a reason, and when it could not
    /// be carried out now (6.12).
    pub async fn begin_order(
        &self,
        by: &StaffMember,
        new: &NewOrder,
        now: OffsetDateTime,
    ) -> Answer<i64> {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let why = from_desk(reason(&new.reason))?;
        let earmark = earmarks::read(&mut tx, &new.earmark).await?;
        let row = NewOrderRow {
            pot_id: new.pot.clone(),
            tranche_id: new.tranche.clone(),
            earmark: json!(earmark),
            ends_on: new.ends_on,
            amount_cents: new.amount.get(),
            reason: why.to_owned(),
            state: "open".to_owned(),
            asked_by: by.person().uuid(),
            asked_at: now,
            lapses_at: now + ORDER_OPEN,
        };
        tranches::lock_pot(&mut tx, &new.pot).await?;
        let from = held(&mut tx, (&new.pot, &new.tranche), now).await?;
        let to = target(&from, (String::new(), &row.earmark, new.ends_on), now)?;
        may_move(&from, &to, new.amount)?;
        earmarks::last_day(new.ends_on, now)?;
        let number = orders::add(&mut tx, &row).await?;
        let after = json!({
            "tranche": new.tranche, "amount": new.amount, "earmark": row.earmark,
            "ends_on": new.ends_on.map(|day| day.to_string()), "reason": why,
        });
        trail(&mut tx, by, ("begin_order", &new.pot, number), Some(after), now).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// Signs an order as the second person: its money moves at once.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, to who asked for it, once it has lapsed
    /// or ended, and when it can no longer be carried out (6.12).
    pub async fn sign_order(&self, by: &StaffMember, number: i64, now: OffsetDateTime) -> Answer {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        // Read without a lock to learn its pot: pots come first in the one order.
        let Some(seen) = orders::read(&mut tx, number).await? else { return unknown() };
        tranches::lock_pot(&mut tx, &seen.pot_id).await?;
        let order = open_order(&mut tx, number, now).await?;
        if order.asked_by == by.person().uuid() {
            return no(PotRefused::SameSigner);
        }
        let from = held(&mut tx, (&order.pot_id, &order.tranche_id), now).await?;
        let name = format!("ordre-{number}");
        let to = target(&from, (name, &order.earmark, order.ends_on), now)?;
        let amount = Cents::new(order.amount_cents);
        may_move(&from, &to, amount)?;
        earmarks::last_day(order.ends_on, now)?;
        enter(&mut tx, (&order.pot_id, &from.row.contributor_name), &to, now).await?;
        carry_out(&mut tx, (&order, &from, &to), by, now).await?;
        orders::end(&mut tx, number, Some(by.person().uuid()), now).await?;
        let after = json!({ "tranche": to.id, "amount": amount });
        trail(&mut tx, by, ("sign_order", &order.pot_id, number), Some(after), now).await?;
        tx.commit().await?;
        tracing::info!(order = number, "an allocation order was carried out");
        Ok(())
    }

    /// Withdraws an order that was not signed.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, and when it has ended.
    pub async fn withdraw_order(
        &self,
        by: &StaffMember,
        number: i64,
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let found = orders::lock(&mut tx, number).await?.filter(|order| order.state == "open");
        let Some(order) = found else { return unknown() };
        orders::end(&mut tx, number, None, now).await?;
        trail(&mut tx, by, ("withdraw_order", &order.pot_id, number), None, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn open_order(tx: &mut Tx, number: i64, now: OffsetDateTime) -> Answer<OrderRow> {
    match orders::lock(tx, number).await? {
        Some(order) if order.is_open(now) => Ok(order),
        Some(order) if order.state == "open" => no(PotRefused::Lapsed),
        _ => unknown(),
    }
}

/// The tranche that an order fills: the same money, another target.
fn target(
    from: &Held,
    (id, earmark, ends_on): (String, &serde_json::Value, Option<Date>),
    now: OffsetDateTime,
) -> anyhow::Result<Tranche> {
    let of = &from.tranche;
    let expires_at = earmarks::expiry(ends_on).map(UtcSeconds::from).or(of.expires_at);
    Ok(Tranche {
        id,
        at: now.into(),
        amount: Cents::ZERO,
        origin: of.origin,
        earmark: serde_json::from_value(earmark.clone())?,
        expires_at,
        contributor: of.contributor.clone(),
        contributor_group: of.contributor_group.clone(),
    })
}

/// What the specification asks of a transfer that two people sign, in its order (6.12). That both
/// tranches are there was seen before.
fn may_move(from: &Held, to: &Tranche, amount: Cents) -> Answer {
    let of = &from.tranche;
    if !amount.is_positive() {
        return no(PotRefused::Amount);
    }
    let same = of.origin == to.origin
        && of.contributor == to.contributor
        && of.contributor_group == to.contributor_group;
    if !same || of.id == to.id {
        return no(PotRefused::NotSameMoney);
    }
    let no_later = match (to.expires_at, of.expires_at) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(to), Some(of)) => to <= of,
    };
    if !to.earmark.is_within(&of.earmark) || !no_later {
        return no(PotRefused::SignatureMissing);
    }
    if amount.get() > from.left_cents {
        return no(PotRefused::ExceedsLeft { left: Cents::new(from.left_cents.max(0)) });
    }
    Ok(())
}

/// Moves the money, in rows, as an event and in the books.
async fn carry_out(
    tx: &mut Tx,
    (order, from, to): (&OrderRow, &Held, &Tranche),
    by: &StaffMember,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let pot = order.pot_id.as_str();
    tranches::change(tx, (pot, &from.row.id), -order.amount_cents).await?;
    tranches::change(tx, (pot, &to.id), order.amount_cents).await?;
    let record = json!({
        "from": { "pot": pot, "tranche": from.row.id },
        "to": { "pot": pot, "tranche": to.id },
        "amount": order.amount_cents,
        "signers": [order.asked_by.to_string(), by.person().to_string()],
    });
    happened(tx, pot, ("transfer", record), now).await?;
    let amount = Cents::new(order.amount_cents);
    let both = (place(pot, &from.row.id), place(pot, &to.id));
    journal::append(tx, &book::tranche_transferred(order.number, both, amount, now)?).await?;
    Ok(())
}

async fn trail(
    tx: &mut Tx,
    by: &StaffMember,
    (action, pot, number): (&str, &str, i64),
    after: Option<serde_json::Value>,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let subject = format!("order:{pot}/{number}");
    note(tx, by, (action, subject), (None, after), now).await
}
