//! One recipient, one job, for every letter of the house.

use domain::{
    ids::{LetterId, ReceiptId},
    people::{EmailAddress, PersonName},
};
use jobs::Claim;
use mail::{Attachment, Letter, Message, PostError, bounce::Bounce};
use store::{
    Reads, gifts,
    letters::{self, StoredLetter},
    people, receipts,
};
use time::OffsetDateTime;

use crate::{crash::crash_point, house::Actions};

/// Attempts after which a letter lost behind the server's back is kept as unsure.
const UNSURE_ATTEMPTS: i32 = 2;

impl Actions {
    /// Sends a letter and notes what became of it.
    ///
    /// # Errors
    /// When the server says try later: the job is tried again under the same Message-ID.
    pub async fn deliver_letter(
        &self,
        claim: &Claim,
        id: LetterId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut db = self.reader().get().await?;
        let stored = letters::read(&mut db, id).await?;
        let to = people::addressee(&mut db, domain::ids::PersonId::new(stored.person_id)).await?;
        drop(db);
        if stored.state != "queued" {
            return self.settle_letter(claim, &stored, (&stored.state, None), now).await;
        }
        if to.bounced_at.is_some() {
            return self.settle_letter(claim, &stored, ("refused", Some("bounced")), now).await;
        }
        let message = self.message(&stored, to.email.parse()?, now).await?;
        match self.post().send(&message).await {
            Ok(_) => {
                crash_point("deliver_letter/sent");
                self.settle_letter(claim, &stored, ("sent", None), now).await
            }
            Err(PostError::Unsure) if claim.attempt >= UNSURE_ATTEMPTS => {
                self.settle_letter(claim, &stored, ("unsure", Some("lost after DATA")), now).await
            }
            Err(PostError::Refused { code, bounce, .. }) => {
                self.note_refusal(&stored, &bounce, now).await?;
                let problem = format!("refused with {code}");
                self.settle_letter(claim, &stored, ("refused", Some(&problem)), now).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn message(
        &self,
        stored: &StoredLetter,
        to: EmailAddress,
        now: OffsetDateTime,
    ) -> anyhow::Result<Message> {
        let letter: Letter = serde_json::from_value(stored.letter.clone())?;
        let attachment = self.attachment(stored, &letter, now).await?;
        let name = self.name_of_reader(stored).await?;
        let mut message =
            Message::new(LetterId::new(stored.id), stored.created_at.into(), to, name, letter)?;
        if let Some(attachment) = attachment {
            message = message.attach(attachment);
        }
        if let Some(url) = &stored.unsubscribe_url {
            message = message.unsubscribe(url.clone())?;
        }
        Ok(message)
    }

    /// The receipt, or the document that cancels it.
    async fn attachment(
        &self,
        stored: &StoredLetter,
        letter: &Letter,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<Attachment>> {
        let Some(receipt) = stored.receipt_id.map(ReceiptId::new) else { return Ok(None) };
        let (name, pdf) = if let Letter::ReceiptCancelled(cancelled) = letter {
            let pdf = self.cancellation_pdf(receipt, cancelled).await?;
            (format!("annulation-recu-{}.pdf", cancelled.number), pdf)
        } else {
            let (number, pdf) = self.receipt_pdf(receipt, now).await?;
            (format!("recu-fiscal-{number}.pdf"), pdf)
        };
        Ok(Some(Attachment::pdf(name, pdf)?))
    }

    async fn name_of_reader(&self, stored: &StoredLetter) -> anyhow::Result<PersonName> {
        let Some(receipt) = stored.receipt_id else { return Ok(PersonName::default()) };
        let mut db = self.reader().get().await?;
        let row = receipts::read(&mut db, ReceiptId::new(receipt)).await?;
        let donor = gifts::donor(&mut db, domain::ids::GiftId::new(row.gift_id)).await?;
        Ok(PersonName { first: donor.first_name, last: donor.last_name })
    }

    async fn note_refusal(
        &self,
        stored: &StoredLetter,
        bounce: &Bounce,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if *bounce != Bounce::Hard {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let person = domain::ids::PersonId::new(stored.person_id);
        people::note_bounce(&mut tx, person, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn settle_letter(
        &self,
        claim: &Claim,
        stored: &StoredLetter,
        (state, problem): (&str, Option<&str>),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        if stored.state == "queued" {
            letters::settle(&mut tx, LetterId::new(stored.id), state, problem, now).await?;
        }
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        crash_point("deliver_letter/noted");
        Ok(())
    }
}
