//! The tax receipt of a gift: issued, corrected, cancelled. Never twice, never lost, no gap.

use documents::{
    BodyCategory, Cancellation, CancellationReason, Donor, Issuer, Payment, ReceiptData, Ruling,
    Signature, Verification,
};
use domain::{
    Cents,
    calendar::paris_date,
    ids::{GiftId, OrganisationId, ReceiptId},
    people::PostalAddress,
    receipt::{ReceiptCase, ReceiptNumber},
};
use jobs::Claim;
use mail::{
    Letter,
    letter::{CancelReason, Receipt, ReceiptCancelled},
};
use store::{
    Reads, Tx,
    gifts::{self, DonorRow, GiftRow},
    people::Organisation,
    receipts::{self, Document, ReceiptRow},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    correspondence::{Draft, tax_estimate},
    crash::crash_point,
    house::Actions,
    matched::Scene,
    record_payment::Open,
    tokens,
};

impl Actions {
    /// Issues the receipt of a gift when it is due, and corrects one whose amount changed.
    ///
    /// # Errors
    /// When the database or the drawing fails; a retry finds the number it took.
    pub async fn issue_receipt(
        &self,
        claim: &Claim,
        gift: GiftId,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let issued = self.number_receipt(&mut tx, gift, now).await?;
        let Some(receipt) = issued.filter(|_| !self.is_history()) else {
            claim.done(tx.conn()).await?;
            return Ok(tx.commit().await?);
        };
        tx.commit().await?;
        crash_point("issue_receipt/numbered");
        self.receipt_pdf(receipt, now).await?;
        crash_point("issue_receipt/drawn");
        let mut tx = self.begin().await?;
        claim.done(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the number, freezes the content, cancels what it replaces and queues the letters, in
    /// the one transaction of the caller: a rollback gives the number back.
    async fn number_receipt(
        &self,
        tx: &mut Tx,
        gift: GiftId,
        now: OffsetDateTime,
    ) -> anyhow::Result<Option<ReceiptId>> {
        let (row, payment) = gifts::lock_whole(tx, gift).await?;
        let scene = Scene::read(tx, &row.campaign(), Some(row.person())).await?;
        let mut open = Open { scene, gift: row, payment, parked: None };
        let live = receipts::live_of(tx, gift).await?;
        let due = self.receipt_case(&open, now).decide();
        let reason = due.err().map(|why| why.code().to_owned());
        if open.gift.no_receipt_reason != reason {
            open.gift.no_receipt_reason = reason;
            gifts::save(tx, &open.gift).await?;
        }
        let wrong = live
            .as_ref()
            .is_some_and(|live| due.is_err() || live.amount_cents != open.gift.net().get());
        let receipt = match (&live, due.is_ok()) {
            (Some(live), _) if !wrong => Some(ReceiptId::new(live.id)),
            (_, true) => Some(self.add_receipt(tx, &open, live.as_ref(), now).await?),
            (Some(live), false) => {
                // A dispute that is open suspends nothing yet; it may be won.
                if open.gift.state != "disputed" {
                    self.void_receipt(tx, &open, (live, None), now).await?;
                }
                None
            }
            (None, false) => None,
        };
        Ok(receipt)
    }

    async fn add_receipt(
        &self,
        tx: &mut Tx,
        open: &Open,
        replaced: Option<&ReceiptRow>,
        now: OffsetDateTime,
    ) -> anyhow::Result<ReceiptId> {
        let issuer = OrganisationId::new(open.scene.holder.id.clone());
        let year = gift_date(&open.gift).year();
        let rank = receipts::next_rank(tx, &issuer, year).await?;
        let number = ReceiptNumber { issuer, year, rank }.to_string();
        if let Some(replaced) = replaced {
            self.void_receipt(tx, open, (replaced, Some(&number)), now).await?;
        }
        let donor = gifts::donor(tx, open.gift.gift()).await?;
        let code = tokens::code();
        let mut content = self.receipt_content(open, &donor, (&number, &code), now)?;
        content.signature.svg = signature_of(tx, &open.scene.holder).await?;
        let row = ReceiptRow {
            id: Uuid::now_v7(),
            gift_id: open.gift.id,
            issuer_id: open.scene.holder.id.clone(),
            year,
            rank,
            number,
            token: tokens::fresh(),
            code,
            amount_cents: open.gift.net().get(),
            content: serde_json::to_value(&content)?,
            document: None,
            issued_at: now,
            cancelled_at: None,
            cancel_reason: None,
        };
        receipts::add(tx, &row).await?;
        let replaces = replaced.map(|old| old.number.clone());
        self.write_receipt_letter(tx, open, (&row, replaces), now).await?;
        Ok(ReceiptId::new(row.id))
    }

    async fn void_receipt(
        &self,
        tx: &mut Tx,
        open: &Open,
        (old, replaced_by): (&ReceiptRow, Option<&str>),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let reason = if open.gift.lost_cents > 0 {
            CancelReason::DisputeLost
        } else if replaced_by.is_some() {
            CancelReason::PartlyRefunded
        } else {
            CancelReason::Refunded
        };
        receipts::cancel(tx, ReceiptId::new(old.id), code_of(reason), now).await?;
        let letter = Letter::ReceiptCancelled(ReceiptCancelled {
            number: old.number.clone(),
            issuer: open.scene.holder.name.clone(),
            project: self.project(&open.scene.campaign, &open.scene.holder),
            reason,
            cancelled_at: now.into(),
            replaced_by: replaced_by.map(str::to_owned),
            verify_url: self.url("/verifier/recu"),
        });
        let draft = Draft {
            dedupe_key: format!("receipt_cancelled:{}", old.id),
            to: open.gift.person(),
            letter,
            receipt: Some(old.id),
            unsubscribe_url: None,
        };
        self.write_letter(tx, draft, now).await
    }

    async fn write_receipt_letter(
        &self,
        tx: &mut Tx,
        open: &Open,
        (row, replaces): (&ReceiptRow, Option<String>),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let letter = Letter::Receipt(Receipt {
            number: row.number.clone(),
            issuer: open.scene.holder.name.clone(),
            project: self.project(&open.scene.campaign, &open.scene.holder),
            amount: Cents::new(row.amount_cents),
            given_at: open.gift.paid_at.unwrap_or(now).into(),
            tax: tax_estimate(&open.gift),
            code: row.code.clone(),
            verify_url: self.url("/verifier/recu"),
            receipt_url: self.url(&format!("/recus/{}", row.token)),
            replaces,
        });
        let draft = Draft {
            dedupe_key: format!("receipt:{}", row.id),
            to: open.gift.person(),
            letter,
            receipt: Some(row.id),
            unsubscribe_url: None,
        };
        self.write_letter(tx, draft, now).await
    }

    /// All that decides about the receipt of a gift.
    pub(crate) fn receipt_case(&self, open: &Open, now: OffsetDateTime) -> ReceiptCase {
        let gift = &open.gift;
        let cleared = gift.cleared_at.is_some_and(|at| at <= now);
        let campaign = &open.scene.campaign;
        ReceiptCase {
            right: open.scene.holder.issuer_right(),
            gift_date: gift_date(gift),
            wanted: gift.wants_receipt,
            money_is_here: gift.captured_cents > 0 && (cleared || !self.waits_to_clear(gift)),
            stands: gift.net().is_positive()
                && gift.match_state != "refund_due"
                && gift.state != "disputed",
            minimum_settled: !campaign.all_or_nothing || campaign.minimum_reached_at.is_some(),
        }
    }

    fn receipt_content(
        &self,
        open: &Open,
        donor: &DonorRow,
        (number, code): (&str, &str),
        now: OffsetDateTime,
    ) -> anyhow::Result<ReceiptData> {
        let holder = &open.scene.holder;
        let category = BodyCategory::from_code(&holder.tax_category)
            .ok_or_else(|| anyhow::anyhow!("no receipt box for {}", holder.tax_category))?;
        let ruling = holder.eligibility_reference.clone().zip(holder.eligible_from);
        let verify = self.url("/verifier/recu");
        Ok(ReceiptData {
            number: number.to_owned(),
            issuer: Issuer {
                name: holder.name.clone(),
                siren: Some(holder.siren.parse()?),
                rna: None,
                address: PostalAddress {
                    line: holder.address_line.clone(),
                    postcode: holder.address_postcode.clone(),
                    city: holder.address_city.clone(),
                    country: holder.address_country.clone(),
                },
                object: holder.object.clone(),
                category,
                ruling: ruling.map(|(reference, date)| Ruling { reference, date }),
            },
            donor: Donor {
                name: format!("{} {}", donor.first_name, donor.last_name),
                address: PostalAddress {
                    line: donor.address_line.clone(),
                    postcode: donor.postcode.clone(),
                    city: donor.city.clone(),
                    country: donor.country.clone(),
                },
            },
            payment: Payment {
                amount: open.gift.net(),
                paid_on: gift_date(&open.gift),
                method: open.gift.payment_method(),
            },
            signature: Signature {
                name: holder.representative_name.clone(),
                capacity: holder.representative_role.clone(),
                svg: String::new(),
            },
            place: holder.address_city.clone(),
            issued_on: paris_date(now),
            verification: Verification {
                address: verify.split_once("://").map_or(verify.clone(), |(_, rest)| rest.into()),
                code: code.to_owned(),
            },
            separately: None,
        })
    }

    /// The PDF of a receipt, drawn once and kept under its digest; with the number.
    ///
    /// # Errors
    /// When it cannot be drawn or kept.
    pub async fn receipt_pdf(
        &self,
        id: ReceiptId,
        now: OffsetDateTime,
    ) -> anyhow::Result<(String, Vec<u8>)> {
        let mut db = self.reader().get().await?;
        let row = receipts::read(&mut db, id).await?;
        if let Some(digest) = &row.document {
            let kept = receipts::document(&mut db, digest).await?;
            return Ok((row.number, kept.bytes));
        }
        drop(db);
        let content: ReceiptData = serde_json::from_value(row.content)?;
        let documents = self.documents();
        let pdf = tokio::task::spawn_blocking(move || documents.receipt(&content)).await??;
        let document = Document {
            sha256: hex::decode(&pdf.sha256)?,
            content_type: "application/pdf".to_owned(),
            bytes: pdf.bytes,
            created_at: now,
        };
        let mut tx = self.begin().await?;
        receipts::keep_document(&mut tx, id, &document).await?;
        tx.commit().await?;
        Ok((row.number, document.bytes))
    }
}

impl Actions {
    /// The document that cancels a receipt, as its letter says it.
    pub(crate) async fn cancellation_pdf(
        &self,
        id: ReceiptId,
        letter: &ReceiptCancelled,
    ) -> anyhow::Result<Vec<u8>> {
        let mut db = self.reader().get().await?;
        let row = receipts::read(&mut db, id).await?;
        drop(db);
        let content: ReceiptData = serde_json::from_value(row.content)?;
        let cancellation = Cancellation {
            reason: match letter.reason {
                CancelReason::Refunded => CancellationReason::Refunded,
                CancelReason::PartlyRefunded => CancellationReason::PartlyRefunded,
                CancelReason::DisputeLost => CancellationReason::Disputed,
                CancelReason::Corrected => CancellationReason::Corrected,
            },
            on: paris_date(row.cancelled_at.unwrap_or(row.issued_at)),
            replaced_by: letter.replaced_by.clone(),
        };
        let documents = self.documents();
        let drawn = move || documents.cancelled_receipt(&content, &cancellation);
        Ok(tokio::task::spawn_blocking(drawn).await??.bytes)
    }
}

/// The signature that the receipts of an organisation carry.
async fn signature_of(tx: &mut Tx, holder: &Organisation) -> anyhow::Result<String> {
    let Some(digest) = &holder.signature else {
        anyhow::bail!("a receipt is due and its issuer has no signature");
    };
    Ok(String::from_utf8(receipts::document(tx, digest).await?.bytes)?)
}

/// The code of a reason in the database.
const fn code_of(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Refunded => "refunded",
        CancelReason::PartlyRefunded => "partly_refunded",
        CancelReason::DisputeLost => "dispute_lost",
        CancelReason::Corrected => "corrected",
    }
}

/// The civil date of a gift: when the provider took it, in Paris (E3).
fn gift_date(gift: &GiftRow) -> time::Date {
    paris_date(gift.paid_at.unwrap_or(gift.created_at))
}
