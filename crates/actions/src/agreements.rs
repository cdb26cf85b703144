//! What a contributor promises a pot. Nothing of it answers gifts before it is received or
//! guaranteed.

use domain::{
    Cents,
    people::Siren,
    pot::{InstalmentState, Origin},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{
    Tx,
    agreements::{self, AgreementRow, InstalmentRow, NewAgreementRow},
    pots,
    receipts::{self, Document},
    tranches,
};
use time::{Date, OffsetDateTime};

use crate::{
    desk::note,
    earmarks::{self, AskedEarmark},
    house::Actions,
    pots::{Answer, PotRefused, from_desk, name, no, steers, unknown},
    staff::{StaffMember, reason},
};

/// The most that a tranche, hence an agreement, holds in cents: a line of the books is below ten
/// thousand million euros.
pub(crate) const LARGEST: i64 = 999_999_999_999;

/// An agreement as it is entered.
#[derive(Clone, Debug)]
pub struct NewAgreement {
    /// The pot.
    pub pot: String,
    /// Name of the contributor.
    pub contributor: String,
    /// What kind it is.
    pub origin: Origin,
    /// The group whose own gifts the money never matches.
    pub siren: Option<String>,
    /// Which campaigns the money is for.
    pub earmark: AskedEarmark,
    /// When it was signed.
    pub signed_on: Date,
    /// The last day on which the money answers gifts.
    pub ends_on: Option<Date>,
    /// What it promises.
    pub promised: Cents,
}

/// The largest document that is kept, in bytes.
pub const LARGEST_DOCUMENT: usize = 5 * 1024 * 1024;

/// By its content, whatever it is called: the head and the end of a PDF (ISO 32000-1, 7.5).
fn is_pdf(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(1_024)..];
    bytes.starts_with(b"%PDF-") && end.windows(5).any(|window| window == b"%%EOF")
}

/// An amount that a tranche may hold.
pub(crate) fn amount(cents: Cents) -> Answer {
    let fits = cents.is_positive() && cents.get() <= LARGEST;
    if fits { Ok(()) } else { no(PotRefused::Amount) }
}

impl Actions {
    /// Enters an agreement; says its number.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, for an unknown pot, and with what
    /// cannot be read.
    pub async fn begin_agreement(
        &self,
        by: &StaffMember,
        new: &NewAgreement,
        now: OffsetDateTime,
    ) -> Answer<i64> {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        if pots::title(&mut tx, &new.pot).await?.is_none() {
            return unknown();
        }
        let contributor = name(&new.contributor)?;
        let siren = match new.siren.as_deref().map(str::parse::<Siren>) {
            Some(Ok(siren)) => Some(siren),
            Some(Err(_)) => return no(PotRefused::Siren),
            None => None,
        };
        amount(new.promised)?;
        if new.ends_on.is_some_and(|last| last < new.signed_on) {
            return no(PotRefused::Dates);
        }
        earmarks::last_day(new.ends_on, now)?;
        let earmark = json!(earmarks::read(&mut tx, &new.earmark).await?);
        let named = (contributor, new.origin.code());
        let siren = siren.as_ref().map(Siren::as_str);
        let known = tranches::contributor(&mut tx, named, siren).await?;
        if siren.is_some() && known.siren.as_deref() != siren {
            // Own gifts of one of both groups would be matched.
            return no(PotRefused::Siren);
        }
        let row = NewAgreementRow {
            pot_id: new.pot.clone(),
            contributor: known.number,
            earmark: earmark.clone(),
            signed_on: new.signed_on,
            ends_on: new.ends_on,
            promised_cents: new.promised.get(),
            begun_by: by.person().uuid(),
            begun_at: now,
        };
        let number = agreements::add(&mut tx, &row).await?;
        let after = json!({
            "pot": new.pot, "contributor": contributor, "origin": new.origin, "siren": siren,
            "earmark": earmark, "signed_on": new.signed_on.to_string(),
            "ends_on": new.ends_on.map(|day| day.to_string()), "promised": new.promised,
        });
        trail(&mut tx, by, ("begin_agreement", number), after, now).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// Writes down that a part of an agreement is due on a day.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, for an unknown agreement, and for more
    /// than is promised.
    pub async fn add_instalment(
        &self,
        by: &StaffMember,
        (number, cents, due_on): (i64, Cents, Date),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let Some(row) = agreements::lock(&mut tx, number).await? else { return unknown() };
        amount(cents)?;
        let known = agreements::instalments_of(&mut tx, number).await?;
        let counts = |one: &&InstalmentRow| one.state() != InstalmentState::Cancelled;
        let planned: i64 = known.iter().filter(counts).map(|one| one.amount_cents).sum();
        let left = Cents::new(row.promised_cents - planned);
        if cents > left {
            return no(PotRefused::OverPromised { left });
        }
        let instalment = InstalmentRow {
            agreement: number,
            rank: known.last().map_or(1, |last| last.rank + 1),
            amount_cents: cents.get(),
            due_on,
            state: InstalmentState::Promised.code().to_owned(),
            pot_id: None,
            tranche_id: None,
            withdrawn_cents: 0,
            changed_by: by.person().uuid(),
            changed_at: now,
        };
        agreements::add_instalment(&mut tx, &instalment).await?;
        let after = json!({
            "rank": instalment.rank, "amount": cents, "due_on": due_on.to_string(),
        });
        trail(&mut tx, by, ("add_instalment", number), after, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Asks the contributor for an instalment that was promised: notes that it was called.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, and when it is not promised.
    pub async fn call_instalment(
        &self,
        by: &StaffMember,
        of: (i64, i32),
        now: OffsetDateTime,
    ) -> Answer {
        let (from, to) = (&[InstalmentState::Promised], InstalmentState::Called);
        self.turn(by, of, (from, to, None), now).await
    }

    /// Gives up an instalment that has not come, and says why.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, without a reason, and when it answers
    /// gifts already: then it is withdrawn.
    pub async fn cancel_instalment(
        &self,
        by: &StaffMember,
        (of, why): ((i64, i32), &str),
        now: OffsetDateTime,
    ) -> Answer {
        let why = from_desk(reason(why))?;
        let from = &[InstalmentState::Promised, InstalmentState::Called];
        self.turn(by, of, (from, InstalmentState::Cancelled, Some(why)), now).await
    }

    /// Keeps the signed document of an agreement, a PDF.
    ///
    /// # Errors
    /// Refused to who is no operator or has no fresh proof, for an unknown agreement, for what is
    /// no PDF, and for more than 5 MiB.
    pub async fn attach_agreement(
        &self,
        by: &StaffMember,
        (number, bytes): (i64, &[u8]),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let Some(row) = agreements::lock(&mut tx, number).await? else { return unknown() };
        if bytes.len() > LARGEST_DOCUMENT {
            return no(PotRefused::TooLarge);
        }
        if !is_pdf(bytes) {
            return no(PotRefused::NotPdf);
        }
        let document = Document {
            sha256: Sha256::digest(bytes).to_vec(),
            content_type: "application/pdf".to_owned(),
            bytes: bytes.to_vec(),
            created_at: now,
        };
        receipts::add_document(&mut tx, &document).await?;
        let kept = (number, document.sha256.as_slice());
        agreements::attach(&mut tx, kept, by.person().uuid(), now).await?;
        let before = row.document.map(hex::encode);
        let after = json!({ "sha256": hex::encode(&document.sha256), "instead_of": before });
        trail(&mut tx, by, ("attach_agreement", number), after, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn turn(
        &self,
        by: &StaffMember,
        (number, rank): (i64, i32),
        (from, to, why): (&[InstalmentState], InstalmentState, Option<&str>),
        now: OffsetDateTime,
    ) -> Answer {
        let mut tx = self.begin().await?;
        steers(&mut tx, by, now).await?;
        let (_, mut row) = locked(&mut tx, (number, rank), from).await?;
        to.code().clone_into(&mut row.state);
        row.changed_by = by.person().uuid();
        row.changed_at = now;
        agreements::save(&mut tx, &row).await?;
        let action = if why.is_some() { "cancel_instalment" } else { "call_instalment" };
        let after = json!({ "rank": rank, "reason": why });
        trail(&mut tx, by, (action, number), after, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Locks an agreement and reads one of its instalments, which is in one of these states. Pots and
/// campaigns, if they are wanted, were locked before.
pub(crate) async fn locked(
    tx: &mut Tx,
    (number, rank): (i64, i32),
    states: &[InstalmentState],
) -> Answer<(AgreementRow, InstalmentRow)> {
    let Some(agreement) = agreements::lock(tx, number).await? else { return unknown() };
    let rows = agreements::instalments_of(tx, number).await?;
    let found = rows.into_iter().find(|row| row.rank == rank && states.contains(&row.state()));
    found.map_or_else(unknown, |row| Ok((agreement, row)))
}

pub(crate) async fn trail(
    tx: &mut Tx,
    by: &StaffMember,
    (action, number): (&str, i64),
    after: serde_json::Value,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    note(tx, by, (action, format!("agreement:{number}")), (None, Some(after)), now).await
}
