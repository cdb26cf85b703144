//! Money enters a pot by an instalment, and leaves it when it was taken back: each an event of the
//! pot, with the words of a case file, so that a replay finds the same cents.

use anyhow::Context;
use domain::{
    Cents, UtcSeconds,
    ids::PotId,
    pot::{InstalmentState, Origin},
};
use ledger::{
    accounts::{Account, TrancheRef},
    book,
};
use matching::tranche::Tranche;
use serde_json::{Value, json};
use store::{
    Tx,
    agreements::{self, AgreementRow, InstalmentRow},
    journal,
    matches::About,
    pots::TrancheRow,
    tranches::{self, ContributorRow, Held},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    agreements::{amount, locked, trail},
    desk::note,
    earmarks,
    house::Actions,
    matched,
    pots::{Answer, PotRefused, from_desk, no, steers, unknown},
    settings,
    staff::{StaffMember, reason},
};

/// The most that a pot holds, in cents (the engine's bound).
const LARGEST_POT: i64 = 10_000_000_000_000;

impl Actions {
    /// An instalment is on the account, or guaranteed: it becomes a tranche of its own, and answers
    /// gifts from now on. One that was guaranteed and is paid changes the books only.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, when it is in no state for it, when the
    /// agreement is over, and when the pot would hold more than a pot may.
    pub async fn receive_instalment(
        &self,
        by: &StaffMember,
        (number, rank): (i64, i32),
        guaranteed: bool,
        now: OffsetDateTime,
    ) -> Answer {
        use InstalmentState::{Called, Guaranteed, Promised, Received};
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        // Read without a lock to learn its pot: pots come first in the one order.
        let Some(seen) = agreements::read(&mut tx, number).await? else { return unknown() };
        tranches::lock_pot(&mut tx, &seen.pot_id).await?;
        let states: &[_] =
            if guaranteed { &[Promised, Called] } else { &[Promised, Called, Guaranteed] };
        let (agreement, mut row) = locked(&mut tx, (number, rank), states).await?;
        let known = tranches::contributor_of(&mut tx, agreement.contributor).await?;
        let Some(contributor) = known else { return unknown() };
        if row.state() == Guaranteed {
            pay_guarantee(&mut tx, &contributor, &row, now).await?;
        } else {
            let tranche = tranche(&contributor, (&agreement, &row), now)?;
            enter(&mut tx, (&agreement.pot_id, &contributor.name), &tranche, now).await?;
            book_entry(&mut tx, (&agreement, &tranche), guaranteed, now).await?;
            row.pot_id = Some(agreement.pot_id.clone());
            row.tranche_id = Some(tranche.id);
        }
        let state = if guaranteed { Guaranteed } else { Received };
        state.code().clone_into(&mut row.state);
        row.changed_by = by.person().uuid();
        row.changed_at = now;
        agreements::save(&mut tx, &row).await?;
        let action = if guaranteed { "guarantee_instalment" } else { "receive_instalment" };
        let after = json!({ "rank": rank, "amount": row.amount_cents, "tranche": row.tranche_id });
        trail(&mut tx, by, (action, number), after, now).await?;
        tx.commit().await?;
        tracing::info!(agreement = number, rank, "an instalment answers gifts");
        Ok(())
    }

    /// A contribution bounced or was called back: the tranche holds less. Gifts keep what was
    /// promised to them; what is missing is carried by the fund until it returns (6.12).
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, without a reason, for an unknown
    /// tranche, and for more than it holds.
    pub async fn withdraw_contribution(
        &self,
        by: &StaffMember,
        (pot, tranche): (&str, &str),
        (cents, why): (Cents, &str),
        now: OffsetDateTime,
    ) -> Answer {
        let why = from_desk(reason(why))?;
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        tranches::lock_pot(&mut tx, pot).await?;
        let held = held(&mut tx, (pot, tranche), now).await?;
        if !cents.is_positive() {
            return no(PotRefused::Amount);
        }
        if cents > held.tranche.amount {
            return no(PotRefused::ExceedsTranche { held: held.tranche.amount });
        }
        tranches::change(&mut tx, (pot, tranche), -cents.get()).await?;
        let record = json!({ "pot": pot, "tranche": tranche, "amount": cents });
        happened(&mut tx, pot, ("withdraw", record), now).await?;
        let instalment = agreements::of_tranche(&mut tx, (pot, tranche)).await?;
        book_withdrawal(&mut tx, &held, (cents, instalment.as_ref()), now).await?;
        if let Some(mut row) = instalment {
            row.withdrawn_cents = (row.withdrawn_cents + cents.get()).min(row.amount_cents);
            if row.withdrawn_cents == row.amount_cents {
                InstalmentState::Withdrawn.code().clone_into(&mut row.state);
            }
            row.changed_by = by.person().uuid();
            row.changed_at = now;
            agreements::save(&mut tx, &row).await?;
        }
        let before = json!({ "amount": held.tranche.amount });
        let less = held.tranche.amount.get() - cents.get();
        let after = json!({ "amount": less, "withdrawn": cents, "reason": why });
        let subject = format!("tranche:{pot}/{tranche}");
        let change = ("withdraw_contribution", subject);
        note(&mut tx, by, change, (Some(before), Some(after)), now).await?;
        tx.commit().await?;
        tracing::warn!(pot, tranche, "a contribution was taken back");
        Ok(())
    }
}

pub(crate) fn place(pot: &str, tranche: &str) -> TrancheRef {
    TrancheRef { pot: PotId::new(pot), tranche: tranche.to_owned() }
}

/// A tranche of a locked pot, with what is left of it.
pub(crate) async fn held(tx: &mut Tx, tranche: (&str, &str), now: OffsetDateTime) -> Answer<Held> {
    let grace = settings::matching(tx).await?.reservation_grace_s;
    let found = tranches::read(tx, tranche, now - Duration::seconds(grace)).await?;
    found.map_or_else(|| no(PotRefused::UnknownTranche), Ok)
}

/// The tranche that an instalment becomes: its own, so that what came of it can be told.
fn tranche(
    contributor: &ContributorRow,
    (agreement, row): (&AgreementRow, &InstalmentRow),
    now: OffsetDateTime,
) -> Answer<Tranche> {
    earmarks::last_day(agreement.ends_on, now)?;
    let origin: Origin = serde_json::from_value(json!(contributor.origin))?;
    Ok(Tranche {
        id: format!("convention-{}-{}", agreement.number, row.rank),
        at: now.into(),
        amount: Cents::new(row.amount_cents),
        origin,
        earmark: serde_json::from_value(agreement.earmark.clone())?,
        expires_at: earmarks::expiry(agreement.ends_on).map(UtcSeconds::from),
        contributor: Some(format!("contributor-{}", contributor.number)),
        contributor_group: contributor.siren.clone(),
    })
}

/// Opens a tranche of a locked pot, in rows and as an event.
pub(crate) async fn enter(
    tx: &mut Tx,
    (pot, contributor_name): (&str, &str),
    tranche: &Tranche,
    now: OffsetDateTime,
) -> Answer {
    if tranche.amount != Cents::ZERO {
        amount(tranche.amount)?;
    }
    if tranches::total(tx, pot).await?.saturating_add(tranche.amount.get()) > LARGEST_POT {
        return no(PotRefused::Amount);
    }
    let fitting = tranches::lock_fitting(tx, tranche).await?;
    let row = TrancheRow {
        pot_id: pot.to_owned(),
        id: tranche.id.clone(),
        contributor_name: contributor_name.to_owned(),
        origin: tranche.origin.code().to_owned(),
        terms: json!(tranche),
        amount_cents: tranche.amount.get(),
        used_cents: 0,
        withdrawn_cents: 0,
    };
    tranches::open(tx, &row, &fitting).await?;
    happened(tx, pot, ("contribute", json!({ "pot": pot, "tranche": tranche })), now).await?;
    Ok(())
}

/// Keeps an event of a locked pot: its record has the keys of the event in a case file.
pub(crate) async fn happened(
    tx: &mut Tx,
    pot: &str,
    (event, mut record): (&str, Value),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    record["event"] = json!(event);
    record["at"] = json!(UtcSeconds::from(now));
    matched::keep(tx, About::Pot(&PotId::new(pot)), (event, now), &record).await?;
    Ok(())
}

async fn book_entry(
    tx: &mut Tx,
    (agreement, tranche): (&AgreementRow, &Tranche),
    guaranteed: bool,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let (into, cents) = (place(&agreement.pot_id, &tranche.id), tranche.amount);
    let posting = if guaranteed {
        book::contribution_guaranteed(into, agreement.number, cents, now)
    } else {
        book::contribution_received(into, tranche.origin, cents, now)
    };
    journal::append(tx, &posting?).await?;
    Ok(())
}

/// What was guaranteed is paid, less what was taken back meanwhile.
async fn pay_guarantee(
    tx: &mut Tx,
    contributor: &ContributorRow,
    row: &InstalmentRow,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let place_of = row.pot_id.as_deref().zip(row.tranche_id.as_deref());
    let (pot, tranche) = place_of.context("a guaranteed instalment has a tranche")?;
    let origin: Origin = serde_json::from_value(json!(contributor.origin))?;
    let due = Cents::new(row.amount_cents - row.withdrawn_cents);
    let paid = book::guarantee_paid(place(pot, tranche), (row.agreement, origin), due, now)?;
    journal::append(tx, &paid).await?;
    Ok(())
}

/// What the tranche still had goes back out of it; what gifts were promised already is owed to it.
async fn book_withdrawal(
    tx: &mut Tx,
    held: &Held,
    (cents, instalment): (Cents, Option<&InstalmentRow>),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let from = place(&held.row.pot_id, &held.row.id);
    let available = Account::PotAvailable(from.clone()).to_string();
    let free = (-journal::balance(tx, &available).await?).clamp(0, cents.get());
    let guarantee = instalment.filter(|row| row.state() == InstalmentState::Guaranteed);
    let out_of = match guarantee {
        Some(row) => Account::ContributorReceivable(row.agreement),
        None => Account::Bank(held.tranche.origin),
    };
    let taken = book::Withdrawn {
        cause: Uuid::now_v7().to_string(),
        from,
        free: Cents::new(free),
        missing: Cents::new(cents.get() - free),
        out_of,
        at: now,
    };
    journal::append(tx, &book::contribution_withdrawn(&taken)?).await?;
    Ok(())
}
