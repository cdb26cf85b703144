//! What an operator does about gifts.

use std::process::ExitCode;

use domain::ids::RefundId;
use time::OffsetDateTime;

use super::verbs::with_verbs;

/// `essaim gift release-refund ID`
pub async fn release_refund(refund: RefundId) -> anyhow::Result<ExitCode> {
    with_verbs(async |actions| {
        if actions.release_queued_refund(refund).await? {
            println!("Le remboursement part.");
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("Ce remboursement n’attend pas l’opérateur.");
        Ok(ExitCode::FAILURE)
    })
    .await
}

/// `essaim gift open` and `essaim gift stop`
pub async fn open(open: bool) -> anyhow::Result<ExitCode> {
    with_verbs(async |actions| {
        actions.open_giving(open, OffsetDateTime::now_utc()).await?;
        println!("{}", if open { "Les dons sont ouverts." } else { "Les dons sont arrêtés." });
        Ok(ExitCode::SUCCESS)
    })
    .await
}
