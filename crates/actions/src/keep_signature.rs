//! An organisation entrusts us with its representative's signature: its receipts may be issued.

use domain::ids::OrganisationId;
use sha2::{Digest, Sha256};
use store::{
    people,
    receipts::{self, Document},
};
use time::OffsetDateTime;

use crate::{house::Actions, outcome::Stop, task::Task};

/// The largest drawing we keep, in bytes.
const LARGEST: usize = 64 * 1024;

/// Why a signature is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// Not an image that a receipt can print.
    #[error("the signature cannot be printed")]
    NotPrintable,
    /// Larger than 64 KiB.
    #[error("the signature is too large")]
    TooLarge,
}

impl Actions {
    /// Keeps a signature, an SVG image, and promises the receipts that waited for it.
    ///
    /// # Errors
    /// Refused when it cannot be printed; broken when there is no such organisation.
    pub async fn keep_signature(
        &self,
        organisation: &OrganisationId,
        svg: &str,
        now: OffsetDateTime,
    ) -> Result<(), Stop<SignatureRefused>> {
        if svg.len() > LARGEST {
            return Err(Stop::Refused(SignatureRefused::TooLarge));
        }
        if !documents::Signature::prints(svg) {
            return Err(Stop::Refused(SignatureRefused::NotPrintable));
        }
        let signature = Document {
            sha256: Sha256::digest(svg).to_vec(),
            content_type: "image/svg+xml".to_owned(),
            bytes: svg.as_bytes().to_vec(),
            created_at: now,
        };
        let mut tx = self.begin().await?;
        people::keep_signature(&mut tx, organisation, &signature).await?;
        for gift in receipts::awaiting_signature(&mut tx, organisation).await? {
            self.promise(&mut tx, &Task::IssueReceipt { gift }, None).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
