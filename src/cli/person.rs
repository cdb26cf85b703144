//! What an operator does about a person.

use std::process::ExitCode;

use domain::ids::PersonId;
use time::OffsetDateTime;

use super::verbs::with_verbs;

/// `essaim forget-person ID`
pub async fn forget(person: PersonId) -> anyhow::Result<ExitCode> {
    with_verbs(async |actions| {
        if actions.forget_again(person, OffsetDateTime::now_utc()).await? {
            println!("Cette personne est oubliée.");
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("Personne n’a ce numéro.");
        Ok(ExitCode::FAILURE)
    })
    .await
}
